"""Which bucket, key and operation an S3 request means. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote_to_bytes

from slipway.cloud.s3.errors import S3Error
from slipway.cloud.wire import Request

# bucket.localhost, bucket.s3.localhost, bucket.s3.us-east-1.localhost, s3.localhost
HOST = re.compile(r"(?:(?P<bucket>.+?)\.)?(?:s3[.-](?:[a-z0-9-]+\.)?)?localhost(?::\d+)?")
NOT_HERE = ("select", "restore", "retention", "legal-hold", "torrent", "renameObject", "encryption")
LISTINGS = {
    "prefix", "delimiter", "marker", "max-keys", "encoding-type", "list-type", "start-after",
    "continuation-token", "fetch-owner", "key-marker", "version-id-marker", "upload-id-marker",
    "max-uploads", "x-id",
}  # fmt: skip

SUBRESOURCES = {
    ("GET", "tagging"): "GetObjectTagging",
    ("PUT", "tagging"): "PutObjectTagging",
    ("DELETE", "tagging"): "DeleteObjectTagging",
    ("GET", "acl"): "GetObjectAcl",
    ("PUT", "acl"): "PutObjectAcl",
    ("GET", "attributes"): "GetObjectAttributes",
    ("GET", "uploadId"): "ListParts",
    ("PUT", "uploadId"): "UploadPart",
    ("POST", "uploadId"): "CompleteMultipartUpload",
    ("DELETE", "uploadId"): "AbortMultipartUpload",
    ("POST", "uploads"): "CreateMultipartUpload",
}


@dataclass(frozen=True)
class S3Request:
    """An S3 request taken apart."""

    bucket: str
    key: str
    params: Mapping[str, str]  # of the query, decoded
    http: Request

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, names in lower case."""
        return self.http.headers


def read(request: Request) -> S3Request:
    """Take a request apart, path style or virtual-host style; InvalidURI."""
    path = request.path.removeprefix("/")
    host = HOST.fullmatch(request.headers.get("host", "").lower())
    if host and host["bucket"] and host["bucket"] != "s3":
        bucket, key = host["bucket"], path
    else:
        bucket, _, key = path.partition("/")
    query = dict(parse_qsl(request.query, keep_blank_values=True))
    return S3Request(text(bucket), text(key), query, request)


def text(encoded: str) -> str:
    """Decode percent-encoded UTF-8; InvalidURI for anything else."""
    try:
        return unquote_to_bytes(encoded.encode("latin-1")).decode()
    except UnicodeDecodeError as error:
        raise S3Error("InvalidURI", "a key must be percent-encoded UTF-8") from error


def operation(request: S3Request) -> str:
    """Return the name of the operation; "" for those that the ground has."""
    if request.key:
        return object_operation(request)
    if not request.bucket:
        return ""
    return bucket_operation(request)


def bucket_operation(request: S3Request) -> str:
    """Return an operation on a bucket's objects, or "" for one on the bucket."""
    method, params = request.http.method, request.params
    if method == "POST" and "delete" in params:
        return "DeleteObjects"
    if method == "POST" and not params:
        return "PostObject"
    if method == "HEAD":
        return "HeadBucket"
    if method == "DELETE" and not params.keys() - {"x-id"}:
        return "DeleteBucket"
    if method != "GET":
        return ""
    if "versions" in params:
        return "ListObjectVersions"
    if "uploads" in params:
        return "ListMultipartUploads"
    signing = {name for name in params if name.lower().startswith("x-amz-")}
    if params.keys() - LISTINGS - signing - {"AWSAccessKeyId", "Signature", "Expires"}:
        return ""
    return "ListObjectsV2" if params.get("list-type") == "2" else "ListObjects"


def object_operation(request: S3Request) -> str:
    """Return the operation on an object; S3's own name with its subresource for one not here."""
    method, params, copy = (
        request.http.method,
        request.params,
        "x-amz-copy-source" in request.headers,
    )
    for name in NOT_HERE:
        if name in params:
            return f"{method}?{name}"
    for name in ("tagging", "acl", "attributes", "uploadId", "uploads"):
        if name in params:
            called = SUBRESOURCES.get((method, name), f"{method}?{name}")
            return "UploadPartCopy" if called == "UploadPart" and copy else called
    table = {
        "GET": "GetObject",
        "HEAD": "HeadObject",
        "PUT": "CopyObject" if copy else "PutObject",
        "DELETE": "DeleteObject",
    }
    return table.get(method, method)
