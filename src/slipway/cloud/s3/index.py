"""The index of all objects: which versions a key has, and which file holds each. SQLite."""

import json
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from slipway.cloud.s3.errors import S3Error
from slipway.cloud.state import State

SCHEMA = """
CREATE TABLE IF NOT EXISTS s3_buckets (
    name TEXT PRIMARY KEY, region TEXT NOT NULL, versioning TEXT NOT NULL, encryption TEXT NOT NULL,
    events INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS s3_versions (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    bucket TEXT NOT NULL, key BLOB NOT NULL, version TEXT NOT NULL, latest INTEGER NOT NULL,
    marker INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL,
    file TEXT NOT NULL, meta TEXT NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS s3_latest ON s3_versions (bucket, key) WHERE latest = 1;
CREATE INDEX IF NOT EXISTS s3_all ON s3_versions (bucket, key, sequence DESC);
CREATE INDEX IF NOT EXISTS s3_files ON s3_versions (file);
CREATE TABLE IF NOT EXISTS s3_uploads (
    id TEXT PRIMARY KEY, bucket TEXT NOT NULL, key BLOB NOT NULL, started INTEGER NOT NULL,
    body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS s3_uploads_in_order ON s3_uploads (bucket, key, id);
CREATE TABLE IF NOT EXISTS s3_parts (
    upload TEXT NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL,
    modified INTEGER NOT NULL, file TEXT NOT NULL, checksums TEXT NOT NULL,
    PRIMARY KEY (upload, number)
) WITHOUT ROWID;
"""
COLUMNS = "sequence, bucket, key, version, latest, marker, size, etag, modified, file, meta"
PAGE = 1000  # rows read at a time
AFTER_ALL = b"\xff"  # sorts behind every continuation of a UTF-8 text


@dataclass(frozen=True)
class Bucket:
    """What the object store needs to know of a bucket."""

    name: str
    region: str
    versioning: str = ""  # "", "Enabled" or "Suspended"
    encryption: str = "{}"  # JSON of the headers that a write without any gets
    events: bool = False  # EventBridge is told of its objects


@dataclass(frozen=True)
class Version:
    """One version of an object, or a delete marker."""

    bucket: str
    key: str
    size: int = 0  # bytes
    etag: str = ""  # without quotes
    file: str = ""  # relative to the folder of objects
    meta: dict[str, Any] = field(default_factory=dict)  # headers, metadata, checksums, tags, parts
    marker: bool = False
    modified: int = 0  # epoch seconds, as S3 keeps it
    version: str = "null"
    latest: bool = True
    sequence: int = 0  # grows with every version of any object


Check = Callable[[Version | None], None]  # raises when the object that is there forbids a write


def bucket_of(row: tuple[str, str, str, str, int]) -> Bucket:
    """Return the bucket of a database row."""
    name, region, versioning, encryption, events = row
    return Bucket(name, region, versioning, encryption, bool(events))


def anything(_: Version | None) -> None:
    """Allow any write."""


class Index:
    """The versions of all objects."""

    def __init__(self, state: State) -> None:
        self._state = state
        with state.transaction() as db:
            for statement in filter(str.strip, SCHEMA.split(";")):
                db.execute(statement)
            columns = {name for _, name, *_ in db.execute("PRAGMA table_info(s3_buckets)")}
            if "events" not in columns:  # made before buckets had them
                db.execute("ALTER TABLE s3_buckets ADD COLUMN events INTEGER NOT NULL DEFAULT 0")

    def transaction(self) -> AbstractContextManager[sqlite3.Connection]:
        """Hold the index alone; what happens within is one change. Nests."""
        return self._state.transaction()

    def bucket(self, name: str) -> Bucket:
        """Return a bucket; NoSuchBucket."""
        with self._state.reading() as db:
            row = db.execute("SELECT * FROM s3_buckets WHERE name = ?", (name,)).fetchone()
        if not row:
            raise S3Error("NoSuchBucket", BucketName=name)
        return bucket_of(row)

    def mirror(self, buckets: list[Bucket]) -> None:
        """Take over the buckets of the ground."""
        with self._state.transaction() as db:
            known = {bucket_of(row) for row in db.execute("SELECT * FROM s3_buckets")}
            for old in known - set(buckets):
                db.execute("DELETE FROM s3_buckets WHERE name = ?", (old.name,))
            for new in set(buckets) - known:
                row = (new.name, new.region, new.versioning, new.encryption, new.events)
                db.execute("INSERT OR REPLACE INTO s3_buckets VALUES (?, ?, ?, ?, ?)", row)

    def find(self, bucket: str, key: str, version: str = "") -> Version | None:
        """Return a version, by default the latest; it may be a delete marker."""
        wanted, values = ("version = ?", (version,)) if version else ("latest = 1", ())
        with self._state.reading() as db:
            row = db.execute(
                f"SELECT {COLUMNS} FROM s3_versions "  # noqa: S608 (constants)
                f"WHERE bucket = ? AND key = ? AND {wanted}",
                (bucket, key.encode(), *values),
            ).fetchone()
        return as_version(row) if row else None

    def add(self, new: Version, check: Check = anything) -> tuple[Version, list[str]]:
        """Make `new` the latest version, as the bucket's versioning says.

        Returns it with its id and time, and the files that nothing names any more.
        """
        with self._state.transaction() as db:
            bucket = self.bucket(new.bucket)
            latest = self.find(new.bucket, new.key)
            check(None if latest and latest.marker else latest)
            name = secrets.token_urlsafe(24) if bucket.versioning == "Enabled" else "null"
            gone = self._drop(new.bucket, new.key, name) if name == "null" else []
            if latest:
                db.execute(
                    "UPDATE s3_versions SET latest = 0 WHERE sequence = ?", (latest.sequence,)
                )
            new = replace(new, version=name, latest=True, modified=int(time.time()))
            row = (new.bucket, new.key.encode(), name, True, new.marker, new.size, new.etag)
            db.execute(
                "INSERT INTO s3_versions (bucket, key, version, latest, marker, size, etag, "
                "modified, file, meta) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, new.modified, new.file, json.dumps(new.meta)),
            )
        return new, gone

    def change(self, version: Version, meta: dict[str, Any]) -> None:
        """Replace what is known about a version, its tags for example."""
        with self._state.transaction() as db:
            db.execute(
                "UPDATE s3_versions SET meta = ? WHERE sequence = ?",
                (json.dumps(meta), version.sequence),
            )

    def remove(self, bucket: str, key: str, version: str) -> list[str]:
        """Remove one version; the newest of the others becomes the latest. Returns files to remove."""
        with self._state.transaction() as db:
            gone = self._drop(bucket, key, version)
            db.execute(
                "UPDATE s3_versions SET latest = 1 WHERE sequence = (SELECT max(sequence) "
                "FROM s3_versions WHERE bucket = ? AND key = ?)",
                (bucket, key.encode()),
            )
        return gone

    def _drop(self, bucket: str, key: str, version: str) -> list[str]:
        with self._state.transaction() as db:
            rows = db.execute(
                "DELETE FROM s3_versions WHERE bucket = ? AND key = ? AND version = ? "
                "RETURNING file",
                (bucket, key.encode(), version),
            ).fetchall()
        return [file for (file,) in rows if file]

    def empty(self, bucket: str) -> bool:
        """Return whether a bucket holds no version of anything."""
        with self._state.reading() as db:
            row = db.execute("SELECT 1 FROM s3_versions WHERE bucket = ? LIMIT 1", (bucket,))
            return row.fetchone() is None

    def named(self, files: list[str]) -> set[str]:
        """Return those of the files that a version or a part names."""
        with self._state.reading() as db:
            asked = json.dumps(files)
            rows = db.execute(
                "SELECT value FROM json_each(?) WHERE value IN (SELECT file FROM s3_versions) "
                "OR value IN (SELECT file FROM s3_parts)",
                (asked,),
            ).fetchall()
        return {file for (file,) in rows}

    def latest(self, bucket: str, prefix: str, after: bytes) -> Iterator[Version]:
        """Yield the objects under a prefix whose key is behind `after`, in the order of their bytes."""
        low, high = max(after, b""), prefix.encode() + AFTER_ALL
        start = prefix.encode()
        while True:
            with self._state.reading() as db:
                rows = db.execute(
                    f"SELECT {COLUMNS} FROM s3_versions WHERE bucket = ? AND latest = 1 "  # noqa: S608
                    "AND marker = 0 AND key >= ? AND key > ? AND key < ? ORDER BY key LIMIT ?",
                    (bucket, start, low, high, PAGE),
                ).fetchall()
            yield from map(as_version, rows)
            if len(rows) < PAGE:
                return
            low = rows[-1][2]

    def versions(self, bucket: str, prefix: str, after: tuple[bytes, int]) -> Iterator[Version]:
        """Yield all versions under a prefix behind (key, sequence): by key, the newest first."""
        high, start = prefix.encode() + AFTER_ALL, prefix.encode()
        while True:
            with self._state.reading() as db:
                rows = db.execute(
                    f"SELECT {COLUMNS} FROM s3_versions WHERE bucket = ? "  # noqa: S608 (constants)
                    "AND key >= ? AND key < ? AND (key > ? OR (key = ? AND sequence < ?)) "
                    "ORDER BY key, sequence DESC LIMIT ?",
                    (bucket, start, high, after[0], *after, PAGE),
                ).fetchall()
            yield from map(as_version, rows)
            if len(rows) < PAGE:
                return
            after = (rows[-1][2], rows[-1][0])


def as_version(row: tuple[Any, ...]) -> Version:
    """Return the version of a database row."""
    sequence, bucket, key, version, latest, marker, size, etag, modified, file, meta = row
    return Version(
        bucket, key.decode(), size, etag, file, json.loads(meta), bool(marker), modified, version,
        bool(latest), sequence,
    )  # fmt: skip
