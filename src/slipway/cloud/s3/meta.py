"""What S3 keeps of an object besides its bytes, from request headers and to answer headers. Pure."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from slipway.cloud.s3.checksums import PREFIX, Intake
from slipway.cloud.s3.conditions import http_date
from slipway.cloud.s3.errors import S3Error
from slipway.cloud.s3.index import Bucket, Version

CONTENT = (
    "content-type", "cache-control", "content-disposition", "content-encoding", "content-language",
    "expires",
)  # fmt: skip
KEPT = (
    *CONTENT,
    "x-amz-website-redirect-location",
    "x-amz-storage-class",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled",
)
REFUSED = {
    "x-amz-server-side-encryption-customer-algorithm": "encryption with the customer's key (SSE-C)",
    "x-amz-object-lock-mode": "Object Lock",
    "x-amz-object-lock-legal-hold": "Object Lock",
    "x-amz-object-lock-retain-until-date": "Object Lock",
    "x-amz-write-offset-bytes": "appending to an object",
}
OWNERS = ("private", "bucket-owner-full-control")  # ACLs that change nothing
ENCRYPTIONS = ("AES256", "aws:kms", "aws:kms:dsse")
STORAGE_CLASSES = (
    "STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER",
    "DEEP_ARCHIVE", "GLACIER_IR", "EXPRESS_ONEZONE", "OUTPOSTS", "SNOW",
)  # fmt: skip
METADATA = "x-amz-meta-"
METADATA_BYTES = 2048


def from_headers(headers: Mapping[str, str], bucket: Bucket) -> dict[str, Any]:
    """Return the meta of a new object; NotImplemented for what this cloud would only pretend to do."""
    for name, feature in REFUSED.items():
        if name in headers:
            raise S3Error("NotImplemented", f"Slipway's S3 does not have {feature}", Header=name)
    if headers.get("x-amz-acl", "private") not in OWNERS or any("-grant-" in n for n in headers):
        raise S3Error("AccessControlListNotSupported")
    encryption = headers.get("x-amz-server-side-encryption")
    if encryption not in (None, *ENCRYPTIONS):
        raise S3Error("InvalidArgument", "The encryption method specified is not supported")
    if headers.get("x-amz-storage-class", "STANDARD") not in STORAGE_CLASSES:
        raise S3Error("InvalidStorageClass")
    if encryption is None:
        headers = {**headers, **json.loads(bucket.encryption)}
    kept = {name: headers[name] for name in KEPT if headers.get(name)}
    if "content-encoding" in kept:
        codings = [c.strip() for c in kept["content-encoding"].split(",")]
        kept["content-encoding"] = ",".join(c for c in codings if c != "aws-chunked")
        if not kept["content-encoding"]:
            del kept["content-encoding"]
    kept.setdefault("content-type", "binary/octet-stream")
    meta: dict[str, Any] = {"headers": kept}
    if user := user_metadata(headers):
        meta["user"] = user
    if tagging := headers.get("x-amz-tagging"):
        meta["tags"] = check_tags(parse_qsl(tagging, keep_blank_values=True))
    return meta


def user_metadata(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the `x-amz-meta-*` headers by their names; InvalidRequest above 2 KiB."""
    user = {k.removeprefix(METADATA): v for k, v in headers.items() if k.startswith(METADATA)}
    if sum(len(k) + len(v) for k, v in user.items()) > METADATA_BYTES:
        raise S3Error(
            "InvalidRequest", "Your metadata headers exceed the maximum allowed metadata size"
        )
    return user


def check_tags(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """Return an object's tags; InvalidTag for one given twice, too long or more than ten."""
    tags = dict(pairs)
    if len(tags) < len(pairs):
        raise S3Error("InvalidTag", "Cannot provide multiple Tags with the same key")
    if len(tags) > 10:
        raise S3Error("InvalidTag", "Object tags cannot be greater than 10")
    if any(not 0 < len(key) <= 128 for key in tags):
        raise S3Error("InvalidTag", "The TagKey you have provided is invalid")
    if any(len(value) > 256 for value in tags.values()):
        raise S3Error("InvalidTag", "The TagValue you have provided is invalid")
    return tags


def with_checksums(meta: dict[str, Any], intake: Intake) -> dict[str, Any]:
    """Return the meta with the checksums that were computed."""
    sums = intake.checksums
    return meta | {"checksums": sums | {"type": "FULL_OBJECT"}} if sums else meta


def checksum_headers(meta: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the checksums as headers."""
    sums = meta.get("checksums", {})
    return tuple((PREFIX + name.lower(), value) for name, value in sums.items())


def encryption_headers(meta: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return what an object's headers say of its encryption; S3 encrypts everything by default."""
    kept = {
        k: v for k, v in meta["headers"].items() if k.startswith("x-amz-server-side-encryption")
    }
    return tuple({"x-amz-server-side-encryption": "AES256", **kept}.items())


def version_header(version: Version) -> tuple[tuple[str, str], ...]:
    """Return the version's id, which objects that were never versioned have not."""
    return () if version.version == "null" else (("x-amz-version-id", version.version),)


def read_headers(version: Version, *, checksums: bool) -> tuple[tuple[str, str], ...]:
    """Return the headers with which GetObject and HeadObject answer, without the length."""
    meta = version.meta
    kept = {k: v for k, v in meta["headers"].items() if "server-side" not in k}
    if kept.get("x-amz-storage-class") == "STANDARD":
        del kept["x-amz-storage-class"]
    tags = meta.get("tags")
    return (
        ("ETag", f'"{version.etag}"'),
        ("Last-Modified", http_date(version.modified)),
        ("Accept-Ranges", "bytes"),
        *kept.items(),
        *((METADATA + name, value) for name, value in meta.get("user", {}).items()),
        *encryption_headers(meta),
        *version_header(version),
        *((("x-amz-tagging-count", str(len(tags))),) if tags else ()),
        *(checksum_headers(meta) if checksums else ()),
    )
