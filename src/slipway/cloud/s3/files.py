"""Where an object's bytes lie: one plain file per version, never changed once it is in the index.

`reviews/part-0.tsv` lies at `<bucket>/reviews/part-0.tsv@<token>`. The token is new for every write, so a
write never touches a file that somebody reads, and a file that the index does not name is nobody's.
The files keep the ordinary mode: jobs see them with it under an overlay, and may write to their own copies.
"""

import contextlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote

SAFE = (
    " !$&'()+,-.;=_~"  # besides letters and digits; not "@" (ours), "%" or anything a shell expands
)
SEGMENT = 120  # characters of a file name; the token makes it unique, so the rest may go
DEPTH = 24  # folders below a bucket


def place(bucket: str, key: str, token: str) -> str:
    """Return the relative path for a new version of an object; never outside of the bucket's folder."""
    *folders, name = (segment(part) for part in key.split("/"))
    return "/".join([segment(bucket), *folders[:DEPTH], f"{name}@{token}"])


def segment(text: str) -> str:
    """Return a readable and safe file name for one part of a key."""
    name = quote(text, safe=SAFE)[:SEGMENT] or "%"
    return name.replace(".", "%2E") if set(name) == {"."} else name


class Files:
    """The folder of all objects."""

    def __init__(self, root: Path) -> None:
        self.root = root
        root.mkdir(parents=True, exist_ok=True, mode=0o700)

    def path(self, file: str) -> Path:
        """Return where a file of the index lies."""
        return self.root / file

    def write(self, bucket: str, key: str, fill: Callable[[BinaryIO], None]) -> str:
        """Make a new file and fill it; on any failure nothing of it stays."""
        file = place(bucket, key, secrets.token_hex(6))
        with self._create(self.root / file) as handle:
            try:
                fill(handle)
                handle.flush()
            except BaseException:
                self.remove([file])
                raise
        return file

    def adopt(self, bucket: str, key: str, source: Path) -> str:
        """Take over `source` as a new file: a hard link where the file system allows, else a copy."""
        file = place(bucket, key, secrets.token_hex(6))
        target = self.root / file
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except OSError:
            with source.open("rb") as data:
                return self.write(bucket, key, lambda out: shutil.copyfileobj(data, out))
        return file

    def remove(self, files: Iterable[str]) -> None:
        """Remove files and the folders that this empties; those already gone do not matter."""
        for file in files:
            path = self.root / file
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
            with contextlib.suppress(OSError):  # a folder that is not empty ends the climb
                while (path := path.parent) != self.root:
                    path.rmdir()

    def sweep(self, known: Callable[[list[str]], set[str]], before: float) -> int:
        """Remove files made before `before` (epoch seconds) that are in no index; return how many."""
        gone = 0
        for folder, _, names in os.walk(self.root):
            found = [os.path.relpath(Path(folder) / name, self.root) for name in names]
            kept = known(found) if found else set()
            for file in found:
                if file not in kept and self.path(file).stat().st_ctime < before:
                    self.remove([file])
                    gone += 1
        return gone

    @staticmethod
    def _create(path: Path) -> BinaryIO:
        while True:
            try:
                return path.open("xb", buffering=0)
            except FileNotFoundError:
                path.parent.mkdir(
                    parents=True, exist_ok=True
                )  # and again: it may be removed before
