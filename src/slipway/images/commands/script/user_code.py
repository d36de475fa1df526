"""Where a model's code is, and what it needs: SAGEMAKER_PROGRAM, SAGEMAKER_SUBMIT_DIRECTORY, requirements.txt."""

import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

BASE = Path(os.environ.get("SAGEMAKER_BASE_DIR") or "/opt/ml")


class BadCode(Exception):
    """Code that cannot be had or does not install; the message is for the log."""


def module_name() -> str:
    """Return the module that SAGEMAKER_PROGRAM names; "" where it names none."""
    return os.environ.get("SAGEMAKER_PROGRAM", "").removesuffix(".py")


def prepare() -> Path:
    """Bring the code, install its requirements, put it on PYTHONPATH; return its folder."""
    folder = bring(os.environ.get("SAGEMAKER_SUBMIT_DIRECTORY") or str(BASE / "model" / "code"))
    install(folder)
    earlier = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(folder), earlier)))
    return folder


def bring(source: str) -> Path:
    """Return the folder of the code: a folder as it is, an archive unpacked, one in S3 fetched first."""
    target = BASE / "code"
    if source.startswith("s3://"):
        bucket, _, key = source[len("s3://") :].partition("/")
        with tempfile.NamedTemporaryFile(suffix=".tar.gz") as archive:
            fetch(source, bucket, key, archive.name)
            return unpack(Path(archive.name), target, source)
    path = Path(source)
    return unpack(path, target, source) if path.is_file() else path


def fetch(source: str, bucket: str, key: str, target: str) -> None:
    """Download an object."""
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        boto3.client("s3").download_file(bucket, key, target)
    except (BotoCoreError, ClientError) as error:
        raise BadCode(f"SAGEMAKER_SUBMIT_DIRECTORY: {source} could not be read: {error}") from error


def unpack(archive: Path, target: Path, source: str) -> Path:
    """Unpack a tar.gz of code."""
    target.mkdir(parents=True, exist_ok=True)
    try:
        with tarfile.open(archive) as tar:
            tar.extractall(target, filter="data")
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BadCode(f"SAGEMAKER_SUBMIT_DIRECTORY: {source} is no tar.gz: {error}") from error
    return target


def install(folder: Path) -> None:
    """Install requirements.txt into the server's own environment."""
    if not (folder / "requirements.txt").is_file():
        return
    command = [sys.executable, "-m", "pip", "install", "-r", "requirements.txt"]
    print("Installing", folder / "requirements.txt", flush=True)
    if status := subprocess.run(command, cwd=folder).returncode:
        raise BadCode(f"{folder / 'requirements.txt'} did not install (pip's exit code: {status})")
