"""PutObject, GetObject, HeadObject, DeleteObject(s), CopyObject, attributes and tags."""

import os
from typing import Any, BinaryIO
from urllib.parse import unquote

from slipway.cloud.s3 import conditions, meta
from slipway.cloud.s3.body import content
from slipway.cloud.s3.checksums import Intake
from slipway.cloud.s3.errors import S3Error
from slipway.cloud.s3.index import Version
from slipway.cloud.s3.listing import iso
from slipway.cloud.s3.request import S3Request
from slipway.cloud.s3.store import Store, check_key
from slipway.cloud.s3.xml import document, parse
from slipway.cloud.wire import FilePart, Response

LARGEST = 5 << 30  # bytes of one PutObject, CopyObject or part
DELETES = 1000  # keys of one DeleteObjects
DOCUMENT = 4 << 20  # bytes of a request's XML
Headers = tuple[tuple[str, str], ...]


def xml(body: bytes, status: int = 200, headers: Headers = ()) -> Response:
    """Return an answer that is a document."""
    about = (("Content-Type", "application/xml"), ("Content-Length", str(len(body))))
    return Response(status, (*about, *headers), (body,))


def empty(status: int = 200, headers: Headers = ()) -> Response:
    """Return an answer without a body."""
    length = () if status == 204 else (("Content-Length", "0"),)
    return Response(status, (*length, *headers))


def read_xml(request: S3Request) -> bytes:
    """Return a request's document; MalformedXML when it is too long."""
    body = content(request.http)
    parts, size = [], 0
    while chunk := body.read(DOCUMENT):
        size += len(chunk)
        if size > DOCUMENT:
            raise S3Error("MalformedXML", f"the document is longer than {DOCUMENT} bytes")
        parts.append(chunk)
    return b"".join(parts)


def put(store: Store, request: S3Request) -> Response:
    """Answer PutObject."""
    check_key(request.key)
    about = meta.from_headers(request.headers, store.index.bucket(request.bucket))
    intake, body = Intake(request.headers), content(request.http)

    def fill(file: BinaryIO) -> None:
        intake.fill(body, file, LARGEST)
        intake.verify(body.trailers)

    file = store.files.write(request.bucket, request.key, fill)
    about = meta.with_checksums(about, intake)
    new = Version(request.bucket, request.key, intake.size, intake.md5.hexdigest(), file, about)
    stored = store.commit(
        new, "PutObject", lambda latest: conditions.check_write(request.headers, latest)
    )
    return empty(headers=written(stored))


def written(stored: Version) -> Headers:
    """Return the headers with which a write is answered."""
    return (
        ("ETag", f'"{stored.etag}"'),
        *meta.checksum_headers(stored.meta),
        *meta.encryption_headers(stored.meta),
        *meta.version_header(stored),
    )


def find(store: Store, bucket: str, key: str, version: str = "") -> Version:
    """Return a version that can be read; NoSuchBucket, NoSuchKey, NoSuchVersion, MethodNotAllowed."""
    store.index.bucket(bucket)
    found = store.index.find(bucket, key, version)
    if found is None:
        if version:
            raise S3Error("NoSuchVersion", Key=key, VersionId=version)
        raise S3Error("NoSuchKey", Key=key)
    if found.marker:
        headers = (("x-amz-delete-marker", "true"), *meta.version_header(found))
        if version:
            raise S3Error("MethodNotAllowed", headers=headers)
        raise S3Error("NoSuchKey", Key=key, headers=headers)
    return found


def opened(store: Store, bucket: str, key: str, version: str = "") -> tuple[Version, BinaryIO]:
    """Return a version and its open file, though others may replace it at the same time."""
    while True:
        found = find(store, bucket, key, version)
        try:
            return found, store.open(found)
        except FileNotFoundError:
            if find(store, bucket, key, version).file == found.file:
                raise


def get(store: Store, request: S3Request) -> Response:
    """Answer GetObject."""
    found, file = opened(store, request.bucket, request.key, request.params.get("versionId", ""))
    try:
        status, headers, offset, length = selected(request, found)
    except BaseException:
        file.close()
        raise
    return Response(status, headers, FilePart(file, offset, length))


def head(store: Store, request: S3Request) -> Response:
    """Answer HeadObject."""
    found = find(store, request.bucket, request.key, request.params.get("versionId", ""))
    status, headers, _, _ = selected(request, found)
    return Response(status, headers)


def selected(request: S3Request, found: Version) -> tuple[int, Headers, int, int]:
    """Return (status, headers, offset, length) of what a read asks for."""
    conditions.check_read(request.headers, found)
    asked = request.headers.get("range", "")
    number = request.params.get("partNumber")
    part = part_range(found, number) if number else conditions.byte_range(asked, found.size)
    offset, length = part or (0, found.size)
    parts = found.meta.get("parts") if number else None
    wants = request.headers.get("x-amz-checksum-mode", "").upper() == "ENABLED"
    headers = meta.read_headers(found, checksums=wants and length == found.size)
    changed = {
        name.removeprefix("response-").title(): value
        for name, value in request.params.items()
        if name.startswith("response-") and name.removeprefix("response-") in meta.CONTENT
    }
    headers = tuple(h for h in headers if h[0].title() not in changed) + tuple(changed.items())
    if parts:
        headers = (*headers, ("x-amz-mp-parts-count", str(len(parts))))
    if part and found.size:
        where = f"bytes {offset}-{offset + length - 1}/{found.size}"
        headers = (*headers, ("Content-Range", where))
    return 206 if part else 200, (*headers, ("Content-Length", str(length))), offset, length


def part_range(found: Version, number: str) -> tuple[int, int]:
    """Return (offset, length) of a part of an object; InvalidArgument, InvalidRange."""
    sizes = [part["size"] for part in found.meta.get("parts", [])] or [found.size]
    if not number.isdigit() or not 1 <= int(number) <= 10_000:
        raise S3Error("InvalidArgument", "Part number must be an integer between 1 and 10000")
    if int(number) > len(sizes):
        raise S3Error("InvalidRange", ActualPartCount=str(len(sizes)))
    return sum(sizes[: int(number) - 1]), sizes[int(number) - 1]


def delete(store: Store, request: S3Request) -> Response:
    """Answer DeleteObject."""
    store.index.bucket(request.bucket)
    version = request.params.get("versionId", "")

    def check(found: Version | None) -> None:
        if "if-match" in request.headers:
            there = None if found is None or found.marker else found
            conditions.check_write({"if-match": request.headers["if-match"]}, there)

    done = store.delete(request.bucket, request.key, version, check)
    headers: Headers = ()
    if done:
        marked = (("x-amz-delete-marker", "true"),) if done.marker else ()
        headers = (*marked, *meta.version_header(done))
    return empty(204, headers)


def delete_many(store: Store, request: S3Request) -> Response:
    """Answer DeleteObjects; MalformedXML above 1000 keys."""
    store.index.bucket(request.bucket)
    root = parse(read_xml(request), "Delete")
    items = root.findall("Object")
    if not 0 < len(items) <= DELETES:
        raise S3Error("MalformedXML")
    quiet = root.findtext("Quiet") == "true"
    deleted: list[dict[str, Any]] = []
    errors: list[dict[str, Any]] = []
    for item in items:
        key, version = item.findtext("Key") or "", item.findtext("VersionId") or ""
        etag = item.findtext("ETag")

        def check(found: Version | None, etag: str | None = etag) -> None:
            if etag:
                conditions.check_write({"if-match": etag}, found)

        try:
            done = store.delete(request.bucket, key, version, check)
        except S3Error as error:
            errors.append({"Key": key, "Code": error.code, "Message": error.message})
            continue
        report: dict[str, Any] = {"Key": key, "VersionId": version or None}
        if done and done.marker:
            report |= {"DeleteMarker": True, "DeleteMarkerVersionId": done.version}
        deleted.append(report)
    members = {"Deleted": [] if quiet else deleted, "Error": errors}
    return xml(document("DeleteResult", members))


def copy_source(request: S3Request) -> tuple[str, str, str]:
    """Return (bucket, key, version) of a copy's source; InvalidArgument."""
    path, _, version = request.headers["x-amz-copy-source"].partition("?versionId=")
    bucket, _, key = unquote(path).removeprefix("/").partition("/")
    if not bucket or not key:
        raise S3Error("InvalidArgument", "x-amz-copy-source must be bucket/key")
    return bucket, key, version


def copy(store: Store, request: S3Request) -> Response:
    """Answer CopyObject; the file is linked, since files never change."""
    check_key(request.key)
    target = store.index.bucket(request.bucket)
    bucket, key, version = copy_source(request)
    replaced = request.headers.get("x-amz-metadata-directive", "COPY").upper() == "REPLACE"
    source, file = opened(store, bucket, key, version)
    with file:
        conditions.check_read(request.headers, source, "x-amz-copy-source-")
        if source.size > LARGEST:
            raise S3Error("InvalidRequest", "The specified copy source is larger than 5 GiB")
        about = meta.from_headers(request.headers, target)
        same_place = (bucket, key) == (request.bucket, request.key)
        unchanged = about["headers"] == meta.from_headers({}, target)["headers"]
        if same_place and unchanged and not (replaced or version):
            raise S3Error(
                "InvalidRequest",
                "This copy request is illegal because it is trying to copy an object to itself "
                "without changing the object's metadata, storage class, website redirect location "
                "or encryption attributes.",
            )
        new_file, etag, sums = copied(store, request, source, file)
    about = copied_meta(request, source, about, replaced=replaced) | {"checksums": sums}
    new = Version(request.bucket, request.key, source.size, etag, new_file, about)
    stored = store.commit(
        new, "CopyObject", lambda latest: conditions.check_write(request.headers, latest)
    )
    result = {"LastModified": iso(stored.modified), "ETag": f'"{stored.etag}"'}
    result |= {f"Checksum{name}": value for name, value in sums.items() if name != "type"}
    about_source = (("x-amz-copy-source-version-id", source.version),) if version else ()
    return xml(
        document("CopyObjectResult", result),
        headers=(*meta.encryption_headers(about), *meta.version_header(stored), *about_source),
    )


def copied(
    store: Store, request: S3Request, source: Version, file: BinaryIO
) -> tuple[str, str, dict[str, str]]:
    """Return (file, etag, checksums) of a copy; a link unless something must be computed anew."""
    wanted = request.headers.get("x-amz-checksum-algorithm", "").upper()
    sums = source.meta.get("checksums", {})
    whole = "-" not in source.etag  # a copy of a multipart object becomes one part
    if whole and (not wanted or wanted in sums):
        path = store.files.path(source.file)
        return store.files.adopt(request.bucket, request.key, path), source.etag, sums
    name = wanted or next(iter(sums), "")
    intake = Intake({"x-amz-checksum-algorithm": name} if name else {})
    new = store.files.write(
        request.bucket,
        request.key,
        lambda out: intake.fill(FileStream(file, 0, source.size), out, LARGEST),
    )
    computed = intake.checksums
    return new, intake.md5.hexdigest(), computed | ({"type": "FULL_OBJECT"} if computed else {})


def copied_meta(
    request: S3Request, source: Version, given: dict[str, Any], *, replaced: bool
) -> dict[str, Any]:
    """Return the meta of a copy: the source's, or the request's where it says REPLACE."""
    if replaced:
        headers = given["headers"]
    else:
        own = {k: v for k, v in given["headers"].items() if k not in meta.CONTENT}
        usual = {k: v for k, v in source.meta["headers"].items() if k in meta.CONTENT}
        headers = usual | own
    about = {"headers": headers}
    if user := given.get("user") if replaced else source.meta.get("user"):
        about["user"] = user
    new_tags = request.headers.get("x-amz-tagging-directive", "COPY").upper() == "REPLACE"
    if tags := given.get("tags") if new_tags else source.meta.get("tags"):
        about["tags"] = tags
    return about


class FileStream:
    """A range of a file as a stream."""

    def __init__(self, file: BinaryIO, offset: int, length: int) -> None:
        self._file, self._at, self._end = file, offset, offset + length

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes of the range."""
        left = self._end - self._at
        data = os.pread(self._file.fileno(), left if size < 0 else min(size, left), self._at)
        self._at += len(data)
        return data


def attributes(store: Store, request: S3Request) -> Response:
    """Answer GetObjectAttributes."""
    found = find(store, request.bucket, request.key, request.params.get("versionId", ""))
    conditions.check_read(request.headers, found)
    asked = {name.strip() for name in request.headers.get("x-amz-object-attributes", "").split(",")}
    sums = found.meta.get("checksums", {})
    members: dict[str, Any] = {}
    if "ETag" in asked:
        members["ETag"] = found.etag
    if "Checksum" in asked and sums:
        members["Checksum"] = {
            "ChecksumType" if name == "type" else f"Checksum{name}": value
            for name, value in sums.items()
        }
    if "ObjectParts" in asked and (parts := found.meta.get("parts")):
        listed = [
            {"PartNumber": number, "Size": part["size"]}
            | {f"Checksum{k}": v for k, v in part.get("checksums", {}).items()}
            for number, part in enumerate(parts, start=1)
        ]
        members["ObjectParts"] = {
            "PartsCount": len(parts), "IsTruncated": False, "MaxParts": 1000,
            "Part": listed if sums.get("type") == "COMPOSITE" else [],
        }  # fmt: skip
    if "StorageClass" in asked:
        members["StorageClass"] = found.meta["headers"].get("x-amz-storage-class", "STANDARD")
    if "ObjectSize" in asked:
        members["ObjectSize"] = found.size
    headers = (("Last-Modified", conditions.http_date(found.modified)), *meta.version_header(found))
    return xml(document("GetObjectAttributesResponse", members), headers=headers)
