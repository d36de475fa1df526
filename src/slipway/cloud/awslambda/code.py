"""The code of functions and layers: zips by the hash of their content, unpacked once, below the state folder."""

import base64
import hashlib
import io
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from slipway.cloud.awslambda.errors import invalid
from slipway.cloud.cloud import Cloud
from slipway.cloud.s3.errors import S3Error

ZIPPED = 50 << 20  # bytes of a zip that comes with the request
UNZIPPED = 250 << 20  # bytes of a function's files
SDK = ("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")
BROKEN = "Could not unzip uploaded file. Please check your file, then try to upload again."


@dataclass(frozen=True)
class Package:
    """A zip that is unpacked in the state folder."""

    digest: str  # SHA-256 of the zip, in hexadecimal: the name of its folder
    size: int  # bytes of the zip

    @property
    def sha256(self) -> str:
        """The hash as Lambda's answers have it."""
        return base64.b64encode(bytes.fromhex(self.digest)).decode()


def home(cloud: Cloud) -> Path:
    """Return the folder of all that Lambda keeps in files."""
    return cloud.home / "lambda"


def take(cloud: Cloud, code: Mapping[str, Any]) -> Package:
    """Unpack the zip that a request holds, or names in S3; ServiceError."""
    data = code["ZipFile"] if "ZipFile" in code else fetched(cloud, code)
    if len(data) > ZIPPED and "ZipFile" in code:
        raise invalid(f"Code uncompressed size is greater than max allowed size of {ZIPPED}")
    found = Package(hashlib.sha256(data).hexdigest(), len(data))
    folder = unpacked(cloud, found.digest)
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=folder.parent))
        try:
            unpack(data, fresh)
            archive = zipped(cloud, found.digest)
            archive.write_bytes(data)
            fresh.chmod(0o755)
            if not folder.is_dir():
                fresh.rename(folder)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return found


def fetched(cloud: Cloud, code: Mapping[str, Any]) -> bytes:
    """Return the object that a request names; ServiceError."""
    if "S3Bucket" not in code or "S3Key" not in code:
        raise invalid("Please provide a source for function code.")
    try:
        cloud.objects.index.bucket(code["S3Bucket"])
    except S3Error:
        raise unfetched("NoSuchBucket", "The specified bucket does not exist") from None
    found = cloud.objects.index.find(
        code["S3Bucket"], code["S3Key"], code.get("S3ObjectVersion", "")
    )
    if found is None or found.marker:
        raise unfetched("NoSuchKey", "The specified key does not exist.")
    with cloud.objects.open(found) as file:
        return file.read()


def unfetched(code: str, message: str) -> Exception:
    """Return the refusal of code that S3 does not have."""
    where = f"S3 Error Code: {code}. S3 Error Message: {message}"
    return invalid(f"Error occurred while GetObject. {where}")


def unpack(data: bytes, target: Path) -> None:
    """Write what a zip holds, with its permissions and links; ServiceError when it is none."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(each.file_size for each in archive.infolist()) > UNZIPPED:
                raise invalid(f"Unzipped size must be smaller than {UNZIPPED} bytes")
            for each in archive.infolist():
                mode = each.external_attr >> 16
                if stat.S_ISLNK(mode):
                    link = target / each.filename
                    link.parent.mkdir(parents=True, exist_ok=True)
                    link.symlink_to(archive.read(each).decode())
                    continue
                path = Path(archive.extract(each, target))
                path.chmod((stat.S_IMODE(mode) | 0o644) if path.is_file() else 0o755)
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError, EOFError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        raise invalid(BROKEN) from error


def unpacked(cloud: Cloud, digest: str) -> Path:
    """Return the folder of a package's files."""
    return home(cloud) / "code" / digest


def zipped(cloud: Cloud, digest: str) -> Path:
    """Return a package's zip."""
    return home(cloud) / "code" / f"{digest}.zip"


def merged(cloud: Cloud, digests: Iterable[str]) -> Path:
    """Return the folder with the files of several layers, a later one's before an earlier one's."""
    digests = list(digests)
    name = hashlib.sha256(" ".join(digests).encode()).hexdigest()
    folder = home(cloud) / "layers" / name
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(dir=folder.parent))
        fresh.chmod(0o755)
        for digest in digests:
            source = unpacked(cloud, digest)
            shutil.copytree(source, fresh, symlinks=True, copy_function=link, dirs_exist_ok=True)
        if not folder.is_dir():
            fresh.rename(folder)
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


def link(source: str, target: str) -> None:
    """Give a file a second name, in place of what had it."""
    Path(target).unlink(missing_ok=True)
    os.link(source, target)


def runtime(cloud: Cloud) -> Path:
    """Return the folder with the AWS SDK alone: of the cloud's own packages functions see no others."""
    folder = home(cloud) / "runtime"
    folder.mkdir(parents=True, exist_ok=True)
    for name in SDK:
        found = find_spec(name)
        if found is None or found.origin is None:
            continue
        source = Path(found.origin)
        source = source.parent if source.name == "__init__.py" else source
        place = folder / source.name
        if not place.is_symlink() or place.readlink() != source:
            place.unlink(missing_ok=True)
            place.symlink_to(source)
    return folder


def sweep(cloud: Cloud, used: set[str]) -> None:
    """Remove the packages that no function and no layer has any more."""
    for path in (home(cloud) / "code").glob("*"):
        if path.name.removesuffix(".zip") not in used:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink()
