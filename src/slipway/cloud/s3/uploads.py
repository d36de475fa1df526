"""The multipart uploads that are under way, and the parts that have come in."""

import json
from dataclasses import dataclass
from typing import Any

from slipway.cloud.s3.errors import S3Error
from slipway.cloud.s3.listing import OWNER, encoder, iso, page_size
from slipway.cloud.s3.request import S3Request
from slipway.cloud.s3.responses import xml
from slipway.cloud.s3.store import Store
from slipway.cloud.s3.xml import document
from slipway.cloud.wire import Response


@dataclass(frozen=True)
class Upload:
    """A multipart upload that was neither completed nor aborted."""

    id: str
    bucket: str
    key: str
    started: int  # epoch seconds
    meta: dict[str, Any]
    algorithm: str  # "" when none was named
    type: str  # "COMPOSITE", "FULL_OBJECT" or ""


@dataclass(frozen=True)
class Part:
    """One uploaded part."""

    number: int
    size: int  # bytes
    etag: str
    modified: int
    file: str
    checksums: dict[str, str]


def find(store: Store, request: S3Request) -> Upload:
    """Return the upload that a request names; NoSuchBucket, NoSuchUpload."""
    store.index.bucket(request.bucket)
    name = request.params["uploadId"]
    with store.index.transaction() as db:
        row = db.execute(
            "SELECT id, bucket, key, started, body FROM s3_uploads WHERE id = ? AND bucket = ? AND key = ?",
            (name, request.bucket, request.key.encode()),
        ).fetchone()
    if not row:
        raise S3Error("NoSuchUpload", UploadId=name)
    return as_upload(row)


def as_upload(row: tuple[Any, ...]) -> Upload:
    """Return the upload of a database row."""
    name, bucket, key, started, body = row
    return Upload(name, bucket, key.decode(), started, **json.loads(body))


def parts_of(store: Store, upload: Upload) -> dict[int, Part]:
    """Return the parts of an upload by number, ascending."""
    with store.index.transaction() as db:
        rows = db.execute(
            "SELECT number, size, etag, modified, file, checksums FROM s3_parts "
            "WHERE upload = ? ORDER BY number",
            (upload.id,),
        ).fetchall()
    return {part.number: part for part in map(as_part, rows)}


def as_part(row: tuple[Any, ...]) -> Part:
    """Return the part of a database row."""
    number, size, etag, modified, file, sums = row
    return Part(number, size, etag, modified, file, json.loads(sums))


def forget(store: Store, upload: Upload) -> None:
    """Remove an upload and its parts from the index."""
    with store.index.transaction() as db:
        db.execute("DELETE FROM s3_uploads WHERE id = ?", (upload.id,))
        db.execute("DELETE FROM s3_parts WHERE upload = ?", (upload.id,))


def list_parts(store: Store, request: S3Request) -> Response:
    """Answer ListParts."""
    upload = find(store, request)
    marker, most = (
        int(request.params.get("part-number-marker") or 0),
        page_size(request.params.get("max-parts", "1000")),
    )
    there = [part for part in parts_of(store, upload).values() if part.number > marker]
    shown = there[:most]
    members = {
        "Bucket": upload.bucket,
        "Key": upload.key,
        "UploadId": upload.id,
        "Initiator": OWNER,
        "Owner": OWNER,
        "StorageClass": upload.meta["headers"].get("x-amz-storage-class", "STANDARD"),
        "ChecksumAlgorithm": upload.algorithm or None,
        "ChecksumType": upload.type or None,
        "PartNumberMarker": marker,
        "NextPartNumberMarker": shown[-1].number if shown else None,
        "MaxParts": most,
        "IsTruncated": len(there) > most,
        "Part": [
            {
                "PartNumber": part.number,
                "LastModified": iso(part.modified),
                "ETag": f'"{part.etag}"',
                "Size": part.size,
                **{f"Checksum{k}": v for k, v in part.checksums.items()},
            }
            for part in shown
        ],
    }
    return xml(document("ListPartsResult", members))


def list_uploads(store: Store, request: S3Request) -> Response:
    """Answer ListMultipartUploads."""
    store.index.bucket(request.bucket)
    params, code = request.params, encoder(request)
    prefix, delimiter = params.get("prefix", ""), params.get("delimiter", "")
    behind = (params.get("key-marker", "").encode(), params.get("upload-id-marker") or "~")
    most = page_size(params.get("max-uploads", "1000"))
    with store.index.transaction() as db:
        rows = db.execute(
            "SELECT id, bucket, key, started, body FROM s3_uploads WHERE bucket = ? AND key >= ? "
            "AND key < ? AND (key, id) > (?, ?) ORDER BY key, id LIMIT ?",
            (request.bucket, prefix.encode(), prefix.encode() + b"\xff", *behind, most + 1),
        ).fetchall()
    if delimiter:
        raise S3Error("NotImplemented", "ListMultipartUploads takes no Delimiter here")
    shown, more = [as_upload(row) for row in rows[:most]], len(rows) > most
    members = {
        "Bucket": request.bucket,
        "KeyMarker": code(params.get("key-marker", "")),
        "UploadIdMarker": params.get("upload-id-marker", ""),
        "NextKeyMarker": code(shown[-1].key) if more else None,
        "NextUploadIdMarker": shown[-1].id if more else None,
        "Prefix": code(prefix),
        "EncodingType": params.get("encoding-type"),
        "MaxUploads": most,
        "IsTruncated": more,
        "Upload": [
            {
                "Key": code(upload.key),
                "UploadId": upload.id,
                "Initiator": OWNER,
                "Owner": OWNER,
                "StorageClass": "STANDARD",
                "Initiated": iso(upload.started),
            }
            for upload in shown
        ],
    }
    return xml(document("ListMultipartUploadsResult", members))
