"""Captured lines on their way to S3: files below the state folder, which outlive a killed cloud.

`<uuid>.jsonl` holds whole lines, `<uuid>.uri` the object that they become.
"""

import os
import time
import uuid
from pathlib import Path

from slipway.cloud.hosting.captured import file_name
from slipway.jobs.storage import ObjectStore, split_uri

AGE = 15.0  # seconds until a file goes to S3
LARGE = 32 << 20  # bytes of a file that goes to S3 before


class Spool:
    """The file of one variant's hour. One thread uses it; OSError when the disk is full."""

    def __init__(self, place: Path, folder: str, first: float) -> None:
        unique = str(uuid.uuid4())
        self.path = place / f"{unique}.jsonl"
        self.lines = 0
        self._begun = time.monotonic()
        self._size = 0
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self.path.with_suffix(".uri").write_text(f"{folder}/{file_name(first, unique)}")
            self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        except OSError:
            drop(self.path)
            raise

    def append(self, line: bytes) -> None:
        """Add a whole line; on an error the file is as it was."""
        try:
            left = memoryview(line)
            while left:
                left = left[os.write(self._file, left) :]
        except OSError:
            os.ftruncate(self._file, self._size)
            raise
        self._size += len(line)
        self.lines += 1

    @property
    def due(self) -> bool:
        """Whether the file should go to S3 now."""
        return self._size > LARGE or time.monotonic() - self._begun > AGE

    def close(self) -> None:
        """Write no more."""
        os.close(self._file)


def send(path: Path, store: ObjectStore) -> str:
    """Make a file of lines an object of S3, remove it, and return the object's URI.

    NoSuchBucket; OSError when the disk is full. The file stays then.
    """
    target = path.with_suffix(".uri")
    uri = target.read_text()
    if path.stat().st_size:
        store.put(*split_uri(uri), path)
    path.unlink()
    target.unlink()
    return uri


def mend(path: Path) -> None:
    """Cut off a last line that a killed cloud left unfinished."""
    content = path.read_bytes()
    os.truncate(path, content.rfind(b"\n") + 1)


def drop(path: Path) -> None:
    """Remove a file of lines that can go nowhere."""
    path.unlink(missing_ok=True)
    path.with_suffix(".uri").unlink(missing_ok=True)
