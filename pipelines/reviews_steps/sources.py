"""Code, wheels and weights for the jobs: gathered, and uploaded under the hash of their content.

Equal files get equal keys, so a definition built again is the same definition, its steps find their
cached results, and nothing is uploaded twice.
"""

import ast
import contextlib
import hashlib
import io
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from reviews.serving.code_folder import HANDLERS
from slipway.images import environment

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src"
ENTRY_POINTS = SOURCE / "reviews" / "entry_points"
WHEELS_LOCK = ROOT / "pipelines" / "assets" / "training-wheels.txt"

Files = Mapping[str, bytes]  # content by path, relative and with "/"


class Store(Protocol):
    """Where the files of jobs are put."""

    def put(self, prefix: str, files: Files) -> None:
        """Put files below a prefix of the bucket, unless they are there."""


def asset(name: str) -> dict[str, bytes]:
    """Return the files that set-up fetched under a name; FileNotFoundError before set-up."""
    folder = environment.cache() / "assets" / name
    found = {
        path.name: path.read_bytes()
        for path in sorted(folder.glob("*"))
        if path.is_file() and not path.name.startswith(".")
    }
    if not found:
        raise FileNotFoundError(f"{folder}: expected files, found none; run `make setup`")
    return found


def code(script: str) -> dict[str, bytes]:
    """Return an entry script and the modules of `reviews` that it needs, and no others.

    A change elsewhere in the package therefore leaves the step's cached results alone.
    """
    entry = ENTRY_POINTS / script
    return {script: entry.read_bytes()} | needed(entry)


def handlers() -> dict[str, bytes]:
    """Return the handlers of the deployed model and the modules that they need."""
    entry = SOURCE / "reviews" / HANDLERS
    return {f"reviews/{HANDLERS}": entry.read_bytes()} | needed(entry)


def needed(entry: Path) -> dict[str, bytes]:
    """Return the modules of `reviews` that a Python file imports, and those that they do."""
    found: dict[str, bytes] = {}
    waiting = [entry]
    while waiting:
        for module in imported(waiting.pop()):
            name = module.relative_to(SOURCE).as_posix()
            if name not in found:
                found[name] = module.read_bytes()
                waiting.append(module)
    return dict(sorted(found.items()))


def requirements(name: str) -> dict[str, bytes]:
    """Return a requirements file of the entry points, as `requirements.txt`, and the wheels it names.

    All wheels where it names a lock instead; the lock comes with them.
    """
    content = (ENTRY_POINTS / name).read_bytes()
    lines = " ".join(line for line in content.decode().splitlines() if line[:1] != "#").split()
    wheels = asset("training-wheels")
    found = {"requirements.txt": content}
    if "wheels.txt" in lines:
        found["wheels.txt"] = WHEELS_LOCK.read_bytes()
    else:
        named = {line.replace("-", "_") for line in lines}
        wheels = {n: data for n, data in wheels.items() if n.partition("-")[0] in named}
    return found | {f"wheels/{n}": data for n, data in wheels.items()}


def imported(file: Path) -> Iterator[Path]:
    """Yield the files of our own package that a Python file imports, parents' `__init__` included."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] != "reviews":
                continue
            for depth in range(1, len(parts) + 1):
                path = SOURCE.joinpath(*parts[:depth])
                yield from (
                    p for p in (path / "__init__.py", path.with_suffix(".py")) if p.is_file()
                )


def zipped(files: Files) -> bytes:
    """Return a zip archive; equal files make equal bytes."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return target.getvalue()


def digest(files: Files) -> str:
    """Return the hash of names and contents, 32 hexadecimal digits."""
    total = hashlib.sha256()
    for name, content in sorted(files.items()):
        total.update(f"{name}\0{hashlib.sha256(content).hexdigest()}\n".encode())
    return total.hexdigest()[:32]


def staged(files: Files) -> Path:
    """Return a folder in the cache that holds these files, for an SDK that takes only paths."""
    folder = environment.cache() / "staged" / digest(files)
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            unfinished = Path(scratch) / "files"
            for name, content in files.items():
                path = unfinished / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            with contextlib.suppress(OSError):  # another build was quicker
                unfinished.rename(folder)
    return folder


class Bucket:
    """A bucket that takes files as soon as they are put."""

    def __init__(self, s3: Any, name: str) -> None:
        self._s3 = s3
        self._name = name

    def put(self, prefix: str, files: Files) -> None:
        """Upload what S3 lacks."""
        pages = self._s3.get_paginator("list_objects_v2")
        there = {
            entry["Key"]: entry["Size"]
            for page in pages.paginate(Bucket=self._name, Prefix=prefix)
            for entry in page.get("Contents", ())
        }
        for name, content in files.items():
            if there.get(f"{prefix}{name}") != len(content):
                self._s3.put_object(Bucket=self._name, Key=f"{prefix}{name}", Body=content)


class Collected:
    """Files that somebody else will upload: all of them, by their keys in the bucket."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, prefix: str, files: Files) -> None:
        """Keep the files."""
        self.files |= {f"{prefix}{name}": content for name, content in files.items()}
