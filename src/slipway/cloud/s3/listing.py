"""ListObjects, ListObjectsV2 and ListObjectVersions."""

import base64
import binascii
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from slipway.cloud.s3.errors import S3Error
from slipway.cloud.s3.index import AFTER_ALL, Index, Version
from slipway.cloud.s3.request import S3Request
from slipway.cloud.s3.xml import document

MOST = 1000  # entries of a page
OWNER = {
    "DisplayName": "webfile",
    "ID": "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a",
}
FOREVER = 1 << 62  # a sequence number behind every version


def iso(seconds: float) -> str:
    """Return a time in epoch seconds as S3 writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def page_size(text: str) -> int:
    """Return a page's size, at most 1000; InvalidArgument."""
    if not text.isdigit():
        raise S3Error("InvalidArgument", "Provided max-keys not an integer or within integer range")
    return min(int(text), MOST)


def encoder(request: S3Request) -> Callable[[str], str]:
    """Return how keys are written: as they are, or percent-encoded; InvalidArgument."""
    match request.params.get("encoding-type", ""):
        case "":
            return str
        case "url":
            return lambda text: quote(text, safe="/-_.~*")
    raise S3Error("InvalidArgument", "Invalid Encoding Method specified in Request")


def entries(
    index: Index, bucket: str, prefix: str, delimiter: str, after: bytes
) -> Iterator[Version | str]:
    """Yield the objects behind `after`; those that share a delimiter behind the prefix as one string."""
    while True:
        for version in index.latest(bucket, prefix, after):
            rest = version.key[len(prefix) :]
            if delimiter and delimiter in rest:
                common = prefix + rest[: rest.index(delimiter) + len(delimiter)]
                if after != common.encode():
                    yield common
                after = common.encode() + AFTER_ALL
                break
            yield version
        else:
            return


def objects(index: Index, request: S3Request) -> bytes:
    """Answer ListObjects."""
    params, code = request.params, encoder(request)
    marker, most = params.get("marker", ""), page_size(params.get("max-keys", "1000"))
    found, more = page(index, request, marker.encode(), most)
    delimiter = params.get("delimiter", "")
    last = found[-1] if found else ""
    members = {
        "Name": request.bucket,
        "Prefix": code(params.get("prefix", "")),
        "Marker": code(marker),
        "NextMarker": code(last if isinstance(last, str) else last.key)
        if more and delimiter
        else None,
        "MaxKeys": most,
        "Delimiter": code(delimiter) if delimiter else None,
        "EncodingType": params.get("encoding-type"),
        "IsTruncated": more,
        **contents(found, code, owner=True),
    }
    return document("ListBucketResult", members)


def objects_v2(index: Index, request: S3Request) -> bytes:
    """Answer ListObjectsV2."""
    params, code = request.params, encoder(request)
    token, most = params.get("continuation-token"), page_size(params.get("max-keys", "1000"))
    start = params.get("start-after", "")
    after = start.encode() if token is None else token_key(token)
    found, more = page(index, request, after, most)
    delimiter = params.get("delimiter", "")
    last = found[-1] if found else ""
    behind = last if isinstance(last, str) else last.key
    members = {
        "Name": request.bucket,
        "Prefix": code(params.get("prefix", "")),
        "StartAfter": code(start) if start else None,
        "ContinuationToken": token,
        "NextContinuationToken": key_token(behind.encode()) if more else None,
        "KeyCount": len(found),
        "MaxKeys": most,
        "Delimiter": code(delimiter) if delimiter else None,
        "EncodingType": params.get("encoding-type"),
        "IsTruncated": more,
        **contents(found, code, owner=params.get("fetch-owner") == "true"),
    }
    return document("ListBucketResult", members)


def page(
    index: Index, request: S3Request, after: bytes, most: int
) -> tuple[list[Version | str], bool]:
    """Return up to `most` entries behind `after`, and whether there are more."""
    prefix, delimiter = request.params.get("prefix", ""), request.params.get("delimiter", "")
    walk = entries(index, request.bucket, prefix, delimiter, after)
    found = [entry for _, entry in zip(range(most), walk, strict=False)]
    return found, bool(found) and next(walk, None) is not None


def contents(
    found: list[Version | str], code: Callable[[str], str], *, owner: bool
) -> dict[str, Any]:
    """Return the members `Contents` and `CommonPrefixes`."""
    listed = [entry for entry in found if isinstance(entry, Version)]
    shared = [{"Prefix": code(entry)} for entry in found if isinstance(entry, str)]
    keys = [{**about(entry, code), "Owner": OWNER if owner else None} for entry in listed]
    return {"Contents": keys, "CommonPrefixes": shared}


def about(version: Version, code: Callable[[str], str]) -> dict[str, Any]:
    """Return what a listing says about an object."""
    sums = version.meta.get("checksums", {})
    return {
        "Key": code(version.key),
        "LastModified": iso(version.modified),
        "ETag": f'"{version.etag}"',
        "ChecksumAlgorithm": [name for name in sums if name != "type"],
        "ChecksumType": sums.get("type"),
        "Size": version.size,
        "StorageClass": version.meta.get("headers", {}).get("x-amz-storage-class", "STANDARD"),
    }


def key_token(key: bytes) -> str:
    """Return the continuation token that leads behind a key."""
    return base64.urlsafe_b64encode(key).decode()


def token_key(token: str) -> bytes:
    """Return the key of a continuation token; InvalidArgument."""
    try:
        return base64.b64decode(token, altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise S3Error("InvalidArgument", "The continuation token provided is incorrect") from error


def versions(index: Index, request: S3Request) -> bytes:
    """Answer ListObjectVersions."""
    params, code = request.params, encoder(request)
    most = page_size(params.get("max-keys", "1000"))
    prefix, delimiter = params.get("prefix", ""), params.get("delimiter", "")
    walk = grouped(index, request.bucket, prefix, delimiter, version_start(index, request))
    found = [entry for _, entry in zip(range(most), walk, strict=False)]
    more = bool(found) and next(walk, None) is not None
    last = found[-1] if found else ""
    members = {
        "Name": request.bucket,
        "Prefix": code(prefix),
        "KeyMarker": code(params.get("key-marker", "")),
        "VersionIdMarker": params.get("version-id-marker", ""),
        "NextKeyMarker": code(last if isinstance(last, str) else last.key) if more else None,
        "NextVersionIdMarker": last.version if more and isinstance(last, Version) else None,
        "MaxKeys": most,
        "Delimiter": code(delimiter) if delimiter else None,
        "EncodingType": params.get("encoding-type"),
        "IsTruncated": more,
        "Version": [of_version(v, code) for v in found if not isinstance(v, str) and not v.marker],
        "DeleteMarker": [of_version(v, code) for v in found if not isinstance(v, str) and v.marker],
        "CommonPrefixes": [{"Prefix": code(p)} for p in found if isinstance(p, str)],
    }
    return document("ListVersionsResult", members)


def version_start(index: Index, request: S3Request) -> tuple[bytes, int]:
    """Return (key, sequence) behind which a listing of versions starts; InvalidArgument."""
    key, version = request.params.get("key-marker", ""), request.params.get("version-id-marker", "")
    if not version:
        return key.encode(), -1
    if not key:
        raise S3Error(
            "InvalidArgument", "A version-id marker cannot be specified without a key marker."
        )
    found = index.find(request.bucket, key, version)
    if not found:
        raise S3Error("InvalidArgument", "Invalid version id specified")
    return key.encode(), found.sequence


def grouped(
    index: Index, bucket: str, prefix: str, delimiter: str, after: tuple[bytes, int]
) -> Iterator[Version | str]:
    """Yield the versions behind (key, sequence); those that share a delimiter as one string."""
    while True:
        for version in index.versions(bucket, prefix, after):
            rest = version.key[len(prefix) :]
            if delimiter and delimiter in rest:
                common = prefix + rest[: rest.index(delimiter) + len(delimiter)]
                if after[0] != common.encode():
                    yield common
                after = (common.encode() + AFTER_ALL, FOREVER)
                break
            yield version
        else:
            return


def of_version(version: Version, code: Callable[[str], str]) -> dict[str, Any]:
    """Return what a listing says about a version or a delete marker."""
    known = {"Key": code(version.key), "LastModified": iso(version.modified)}
    ids = {"VersionId": version.version, "IsLatest": version.latest, "Owner": OWNER}
    return (known if version.marker else about(version, code)) | ids
