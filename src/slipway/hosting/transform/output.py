"""A job's files on their way out. What is complete stays so, whenever the cloud is killed.

In the job's folder, by a hash of the input: `<hash>.part` is being written, `<hash>.out` is complete and
goes to S3, `<hash>.done` is there. A job that goes on after a kill begins with what it finds.
"""

import hashlib
from pathlib import Path
from typing import BinaryIO

from slipway.jobs.storage import ObjectStore, StoredObject, split_uri

SUFFIX = ".out"


class Output:
    """The output of one input. OSError when the disk is full; NoSuchBucket."""

    def __init__(self, folder: Path, source: StoredObject, uri: str) -> None:
        """Take the job's folder for its work, the input, and the object that the output becomes."""
        what = f"{source.bucket}/{source.key}@{source.etag}"
        self._base = folder / hashlib.sha256(what.encode()).hexdigest()[:32]
        self._uri = uri
        self._file: BinaryIO | None = None

    def finished(self, store: ObjectStore) -> bool:
        """Tell whether an earlier process has asked the model all of it; bring it to S3 then."""
        if self._path("out").exists():
            self._put(store)
        return self._path("done").exists()

    def write(self, data: bytes) -> None:
        """Add to the output."""
        if self._file is None:
            self._file = self._path("part").open("wb")
        self._file.write(data)

    def finish(self, store: ObjectStore) -> None:
        """Make what was written an object of S3."""
        self.write(b"")
        self._close()
        self._path("part").replace(self._path("out"))
        self._put(store)

    def drop(self) -> None:
        """Forget what was written."""
        self._close()
        self._path("part").unlink(missing_ok=True)

    def _put(self, store: ObjectStore) -> None:
        store.put(*split_uri(self._uri), self._path("out"))
        self._path("out").replace(self._path("done"))

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _path(self, state: str) -> Path:
        return self._base.with_suffix(f".{state}")


def uri_of(folder: str, path: str) -> str:
    """Return the object of an input's answers: its path below the input's prefix, and `.out`."""
    return f"{folder}/{path}{SUFFIX}"
