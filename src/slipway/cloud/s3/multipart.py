"""Multipart uploads: parts are files of their own until the upload is completed."""

import base64
import hashlib
import json
import os
import secrets
import time
from collections.abc import Sequence
from typing import BinaryIO

from slipway.cloud.s3 import conditions, meta
from slipway.cloud.s3.body import Chunked, Plain, content
from slipway.cloud.s3.checksums import ALGORITHMS, PREFIX, Intake, algorithm
from slipway.cloud.s3.copies import FileStream, copy_source
from slipway.cloud.s3.errors import S3Error
from slipway.cloud.s3.index import Version
from slipway.cloud.s3.listing import iso
from slipway.cloud.s3.objects import LARGEST, opened
from slipway.cloud.s3.request import S3Request
from slipway.cloud.s3.responses import empty, read_xml, written, xml
from slipway.cloud.s3.store import Store, check_key
from slipway.cloud.s3.uploads import Part, Upload, find, forget, parts_of
from slipway.cloud.s3.xml import document, parse
from slipway.cloud.wire import CHUNK, Response

SMALLEST = 5 << 20  # bytes of every part but the last
PARTS = 10_000
FOLDER = "@uploads"  # no bucket's name
COMPOSITE = (
    "CRC32",
    "CRC32C",
    "SHA1",
    "SHA256",
)  # algorithms whose default is a checksum of checksums


def create(store: Store, request: S3Request) -> Response:
    """Answer CreateMultipartUpload."""
    check_key(request.key)
    headers = request.headers
    about = meta.from_headers(headers, store.index.bucket(request.bucket))
    name = algorithm(headers[PREFIX + "algorithm"]) if headers.get(PREFIX + "algorithm") else ""
    kind = headers.get(PREFIX + "type", "").upper()
    if name and not kind:
        kind = "COMPOSITE" if name in COMPOSITE else "FULL_OBJECT"
    if (kind == "COMPOSITE" and name == "CRC64NVME") or (kind == "FULL_OBJECT" and "SHA" in name):
        raise S3Error("InvalidRequest", f"The {kind} checksum type cannot be used with {name}")
    upload = secrets.token_urlsafe(48)
    body = {"meta": about, "algorithm": name, "type": kind}
    with store.index.transaction() as db:
        row = (upload, request.bucket, request.key.encode(), int(time.time()), json.dumps(body))
        db.execute("INSERT INTO s3_uploads VALUES (?, ?, ?, ?, ?)", row)
    members = {"Bucket": request.bucket, "Key": request.key, "UploadId": upload}
    extra = ((PREFIX + "algorithm", name), (PREFIX + "type", kind)) if name else ()
    return xml(
        document("InitiateMultipartUploadResult", members),
        headers=(*meta.encryption_headers(about), *extra),
    )


def upload_part(store: Store, request: S3Request) -> Response:
    """Answer UploadPart."""
    upload = find(store, request)
    intake, body = Intake(request.headers), content(request.http)
    part = take(store, request, upload, body, intake)
    sums = tuple((PREFIX + k.lower(), v) for k, v in part.checksums.items())
    headers = (("ETag", f'"{part.etag}"'), *sums, *meta.encryption_headers(upload.meta))
    return empty(headers=headers)


def upload_part_copy(store: Store, request: S3Request) -> Response:
    """Answer UploadPartCopy."""
    upload = find(store, request)
    source, file = opened(store, *copy_source(request))
    with file:
        conditions.check_read(request.headers, source, "x-amz-copy-source-")
        asked = request.headers.get("x-amz-copy-source-range", "")
        part = conditions.byte_range(asked, source.size)
        if asked and part is None:
            raise S3Error("InvalidArgument", "x-amz-copy-source-range must be bytes=first-last")
        body = Plain(FileStream(file, *(part or (0, source.size))))
        intake = Intake({PREFIX + "algorithm": upload.algorithm} if upload.algorithm else {})
        done = take(store, request, upload, body, intake)
    members = {"LastModified": iso(done.modified), "ETag": f'"{done.etag}"'}
    members |= {f"Checksum{k}": v for k, v in done.checksums.items()}
    return xml(document("CopyPartResult", members))


def take(
    store: Store, request: S3Request, upload: Upload, body: Plain | Chunked, intake: Intake
) -> Part:
    """Store a part in place of the one with its number."""
    text = request.params.get("partNumber", "")
    if not text.isdigit() or not 1 <= int(text) <= PARTS:
        raise S3Error("InvalidArgument", f"Part number must be an integer between 1 and {PARTS}")

    def fill(file: BinaryIO) -> None:
        intake.fill(body, file, LARGEST)
        intake.verify(body.trailers)

    file = store.files.write(FOLDER, f"{upload.id}/{text}", fill)
    etag, now = intake.md5.hexdigest(), int(time.time())
    part = Part(int(text), intake.size, etag, now, file, intake.checksums)
    try:
        with store.index.transaction() as db:
            find(store, request)  # it may have been completed or aborted meanwhile
            where = (upload.id, part.number)
            gone = db.execute(
                "DELETE FROM s3_parts WHERE upload = ? AND number = ? RETURNING file", where
            ).fetchall()
            row = (*where, part.size, etag, now, file, json.dumps(part.checksums))
            db.execute("INSERT INTO s3_parts VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    except BaseException:
        store.files.remove([file])
        raise
    store.files.remove(name for (name,) in gone)
    return part


def complete(store: Store, request: S3Request) -> Response:
    """Answer CompleteMultipartUpload."""
    upload = find(store, request)
    listed = read_xml(request, checked=False)  # a checksum in the headers is the object's
    parts = chosen(parts_of(store, upload), listed)
    size = sum(part.size for part in parts)
    if (given := request.headers.get("x-amz-mp-object-size")) and given != str(size):
        raise S3Error("InvalidRequest", f"The object has {size} bytes, not {given}")
    file = store.files.write(upload.bucket, upload.key, lambda out: join(store, parts, out))
    digests = b"".join(bytes.fromhex(part.etag) for part in parts)
    etag = f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"
    about = upload.meta | {"parts": [{"size": p.size, "checksums": p.checksums} for p in parts]}
    new = Version(upload.bucket, upload.key, size, etag, file, about)
    try:
        sums = checksums(store, upload, parts, new)
        for name, value in sums.items():
            if request.headers.get(PREFIX + name.lower(), value) != value and name != "type":
                raise S3Error("BadDigest")
    except BaseException:
        store.files.remove([file])
        raise
    new = Version(upload.bucket, upload.key, size, etag, file, about | {"checksums": sums})

    def check(latest: Version | None) -> None:
        find(store, request)
        conditions.check_write(request.headers, latest)
        forget(store, upload)

    gone = [part.file for part in parts_of(store, upload).values()]
    stored = store.commit(new, "CompleteMultipartUpload", check)
    store.files.remove(gone)
    where = f"http://{request.headers.get('host', 'localhost')}{request.http.path}"
    members = {"Location": where, "Bucket": upload.bucket, "Key": upload.key, "ETag": f'"{etag}"'}
    members |= {"ChecksumType" if k == "type" else f"Checksum{k}": v for k, v in sums.items()}
    headers = tuple(h for h in written(stored) if h[0] != "ETag" and not h[0].startswith(PREFIX))
    return xml(document("CompleteMultipartUploadResult", members), headers=headers)


def chosen(there: dict[int, Part], body: bytes) -> Sequence[Part]:
    """Return the parts that a completion lists; InvalidPart, InvalidPartOrder, EntityTooSmall."""
    parts: list[Part] = []
    for item in parse(body, "CompleteMultipartUpload").findall("Part"):
        number = item.findtext("PartNumber") or ""
        part = there.get(int(number)) if number.isdigit() else None
        if part is None or (item.findtext("ETag") or "").strip().strip('"') != part.etag:
            raise S3Error("InvalidPart", PartNumber=number)
        for name, value in part.checksums.items():
            if (given := item.findtext(f"Checksum{name}")) and given != value:
                raise S3Error("InvalidPart", PartNumber=number)
        if parts and part.number <= parts[-1].number:
            raise S3Error("InvalidPartOrder")
        parts.append(part)
    if not parts:
        raise S3Error("MalformedXML")
    for part in parts[:-1]:
        if part.size < SMALLEST:
            raise S3Error("EntityTooSmall", PartNumber=str(part.number))
    return parts


def join(store: Store, parts: Sequence[Part], out: BinaryIO) -> None:
    """Write the parts behind each other, without leaving the kernel."""
    for part in parts:
        with store.files.path(part.file).open("rb", buffering=0) as data:
            left = part.size
            while left:
                left -= os.sendfile(out.fileno(), data.fileno(), None, left)


def checksums(store: Store, upload: Upload, parts: Sequence[Part], new: Version) -> dict[str, str]:
    """Return the object's checksums: of the whole, or of the parts' checksums."""
    name = upload.algorithm
    if not name:
        return {}
    total = ALGORITHMS[name]()
    if upload.type == "COMPOSITE":
        for part in parts:
            if name not in part.checksums:
                raise S3Error("InvalidPart", f"part {part.number} was uploaded without {name}")
            total.update(base64.b64decode(part.checksums[name]))
        suffix = f"-{len(parts)}"
    else:
        with store.open(new) as file:
            while chunk := file.read(CHUNK):
                total.update(chunk)
        suffix = ""
    return {name: base64.b64encode(total.digest()).decode() + suffix, "type": upload.type}


def abort(store: Store, request: S3Request) -> Response:
    """Answer AbortMultipartUpload."""
    with store.index.transaction():
        upload = find(store, request)
        gone = [part.file for part in parts_of(store, upload).values()]
        forget(store, upload)
    store.files.remove(gone)
    return empty(204)
