"""The object store: files and their index as one. What jobs and the API both read and write."""

import hashlib
import mimetypes
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from slipway.cloud.events import Events
from slipway.cloud.s3.checksums import Intake
from slipway.cloud.s3.errors import S3Error
from slipway.cloud.s3.files import Files
from slipway.cloud.s3.ids import REQUEST, new_id
from slipway.cloud.s3.index import Bucket, Check, Index, Version, anything
from slipway.cloud.state import State
from slipway.jobs.storage import NoSuchBucket, StoredObject

KEY_BYTES = 1024


class Store:
    """All objects of the cloud. Implements `slipway.jobs.storage.ObjectStore`."""

    def __init__(self, folder: Path, state: State, events: Events, account: str) -> None:
        self.index = Index(state)
        self.files = Files(folder)
        self._events, self._account = events, account

    def get(self, bucket: str, key: str) -> StoredObject | None:
        """Return one object, or None; NoSuchBucket."""
        self._bucket(bucket)
        found = self.index.find(bucket, key)
        return None if found is None or found.marker else self._stored(found)

    def list(self, bucket: str, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects whose key starts with `prefix`, in the order of their keys' bytes."""
        self._bucket(bucket)
        return map(self._stored, self.index.latest(bucket, prefix, b""))

    def put(self, bucket: str, key: str, source: Path) -> StoredObject:
        """Store a copy (a link where the file system allows) of `source`; it is there whole, or not."""
        self._bucket(bucket)
        check_key(key)
        file = self.files.adopt(bucket, key, source)
        path = self.files.path(file)
        with path.open("rb") as data:
            etag = hashlib.file_digest(data, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
        kind = mimetypes.guess_type(key)[0] or "binary/octet-stream"
        new = Version(
            bucket, key, path.stat().st_size, etag, file, {"headers": {"content-type": kind}}
        )
        return self._stored(self.commit(new, "PutObject"))

    def write(
        self,
        bucket: str,
        key: str,
        data: BinaryIO,
        kind: str = "binary/octet-stream",
        **about: str,
    ) -> None:
        """Store what a stream holds: of a content type, and with what the index is to keep beside it."""
        check_key(key)
        intake = Intake({})
        file = self.files.write(bucket, key, lambda out: intake.fill(data, out, sys.maxsize))
        meta = {"headers": {"content-type": kind}, **about}
        new = Version(bucket, key, intake.size, intake.md5.hexdigest(), file, meta)
        self.commit(new, "PutObject")

    def open(self, version: Version) -> BinaryIO:
        """Open a version's file; FileNotFoundError when it was replaced meanwhile."""
        return self.files.path(version.file).open("rb", buffering=0)

    def commit(self, new: Version, reason: str, check: Check = anything) -> Version:
        """Make a version whose file is written the latest one; on refusal the file goes."""
        try:
            with self.index.transaction():
                stored, gone = self.index.add(new, check)
                self._publish("Object Created", stored, {"reason": reason})
        except BaseException:
            self.files.remove([new.file])
            raise
        self.files.remove(gone)
        return stored

    def delete(
        self, bucket: str, key: str, version: str = "", check: Check = anything
    ) -> Version | None:
        """Delete an object as the bucket's versioning says, or one version of it for good.

        Returns the delete marker that was made, or the version that was removed, or None.
        """
        with self.index.transaction():
            found = self.index.find(bucket, key, version)
            check(found)
            if version or not self.index.bucket(bucket).versioning:
                gone = self.index.remove(bucket, key, version or "null")
                done = found
            else:
                done, gone = self.index.add(Version(bucket, key, marker=True))
            if done:
                made = done.marker and not version
                kind = "Delete Marker Created" if made else "Permanently Deleted"
                detail = {"reason": "DeleteObject", "deletion-type": kind}
                self._publish("Object Deleted", done, detail)
        self.files.remove(gone)
        return done

    def sweep(self) -> int:
        """Remove the files that a killed process left without a name; return how many."""
        return self.files.sweep(self.index.named, time.time())

    def _bucket(self, name: str) -> Bucket:
        try:
            return self.index.bucket(name)
        except S3Error as error:
            raise NoSuchBucket(name) from error

    def _stored(self, version: Version) -> StoredObject:
        path = self.files.path(version.file)
        return StoredObject(version.bucket, version.key, version.size, version.etag, path)

    def tag(self, version: Version, tags: dict[str, str]) -> None:
        """Replace the tags of a version."""
        with self.index.transaction():
            self.index.change(version, version.meta | {"tags": tags})
            about = {"etag": version.etag}
            self._tell(f"Object Tags {'Added' if tags else 'Deleted'}", version, about, {})

    def _publish(self, detail_type: str, version: Version, detail: dict[str, Any]) -> None:
        created = detail_type == "Object Created"
        # What removes a version is later than what made it, and earlier than all that follows
        sequencer = f"{version.sequence:018X}" + ("" if created or version.marker else "01")
        about: dict[str, Any] = {"sequencer": sequencer}
        if created:
            about |= {"size": version.size, "etag": version.etag}
        self._tell(detail_type, version, about, detail)

    def _tell(
        self, detail_type: str, version: Version, about: dict[str, Any], detail: dict[str, Any]
    ) -> None:
        """Publish an event, in its change's transaction, where the bucket is to tell EventBridge."""
        bucket = self.index.bucket(version.bucket)
        if not bucket.events:
            return
        named = {"version-id": version.version} if version.version != "null" else {}
        body = {
            "version": "0",
            "bucket": {"name": version.bucket},
            "object": {"key": version.key, **named, **about},
            "request-id": REQUEST.get() or new_id(),
            "requester": self._account,
            "source-ip-address": "127.0.0.1",
            **detail,
        }
        self._events.publish(
            detail_type,
            body,
            region=bucket.region,
            resources=(f"arn:aws:s3:::{version.bucket}",),
            source="aws.s3",
        )


def check_key(key: str) -> None:
    """Refuse a key that S3 refuses; KeyTooLongError."""
    size = len(key.encode())
    if size > KEY_BYTES:
        raise S3Error("KeyTooLongError", Size=str(size), MaxSizeAllowed=str(KEY_BYTES))
