"""PutObject, GetObject, HeadObject, GetObjectAttributes, DeleteObject(s)."""

from typing import Any, BinaryIO

from slipway.cloud.s3 import conditions, meta
from slipway.cloud.s3.body import content
from slipway.cloud.s3.checksums import Intake
from slipway.cloud.s3.errors import S3Error
from slipway.cloud.s3.index import Version
from slipway.cloud.s3.request import S3Request
from slipway.cloud.s3.responses import Headers, empty, read_xml, written, xml
from slipway.cloud.s3.store import Store, check_key
from slipway.cloud.s3.xml import document, parse
from slipway.cloud.wire import FilePart, Response

LARGEST = 5 << 30  # bytes of one PutObject, CopyObject or part
DELETES = 1000  # keys of one DeleteObjects


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
