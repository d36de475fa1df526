"""What a job needs of S3: files to link in, and a place to put its outputs."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class StoredObject:
    """The current version of one S3 object, as a file that must not be written to."""

    bucket: str
    key: str
    size: int  # bytes
    etag: str  # without quotes
    path: Path


class ObjectStore(Protocol):
    """S3 as files. Every method raises NoSuchBucket where the bucket does not exist."""

    def get(self, bucket: str, key: str) -> StoredObject | None:
        """Return one object, or None."""

    def list(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects whose key starts with `prefix`, in the order of their keys' bytes."""

    def put(self, bucket: str, key: str, source: Path) -> StoredObject:
        """Store a copy (a link where the file system allows) of `source`; it is there whole, or not."""


class NoSuchBucket(Exception):
    """A bucket that does not exist was named."""


class AccessDenied(NoSuchBucket):
    """What the job's role may not use was named: for the job it is not there."""


def split_uri(uri: str) -> tuple[str, str]:
    """Split `s3://bucket/key` into bucket and key ("" if there is none); ValueError for others."""
    scheme, _, rest = uri.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme != "s3" or not bucket:
        raise ValueError(f"expected s3://bucket/key, found {uri!r}")
    return bucket, key
