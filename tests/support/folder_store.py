"""S3 as a folder of buckets, for what needs no cloud."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from slipway.jobs.storage import NoSuchBucket, StoredObject


@dataclass
class FolderStore:
    """S3 as a folder of buckets."""

    root: Path

    def put_text(self, bucket: str, **objects: str) -> None:
        for key, text in objects.items():
            path = self.root / bucket / key.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def get(self, bucket, key):
        path = self._bucket(bucket) / key
        return self._stored(bucket, path) if path.is_file() else None

    def list(self, bucket, prefix):
        for path in sorted(self._bucket(bucket).rglob("*")):
            stored = self._stored(bucket, path) if path.is_file() else None
            if stored and stored.key.startswith(prefix):
                yield stored

    def put(self, bucket, key, source):
        path = self._bucket(bucket) / key
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, path)
        return self._stored(bucket, path)

    def texts(self, bucket: str) -> dict[str, str]:
        return {each.key: each.path.read_text() for each in self.list(bucket, "")}

    def _bucket(self, bucket):
        if not (self.root / bucket).is_dir():
            raise NoSuchBucket(bucket)
        return self.root / bucket

    def _stored(self, bucket, path):
        data = path.read_bytes()
        etag = hashlib.md5(data).hexdigest()
        key = path.relative_to(self.root / bucket).as_posix()
        return StoredObject(bucket, key, len(data), etag, path)
