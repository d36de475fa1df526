"""Which actions on which resources an S3 request takes, and by which condition keys it is known. Pure.

Source: Amazon S3 User Guide, "Required permissions for Amazon S3 API operations".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from slipway.cloud.s3.request import S3Request

GET = "s3:GetObject"
PUT = "s3:PutObject"
# Operation on an object → action, and its name for one version
OBJECT = {
    "GetObject": (GET, "s3:GetObjectVersion"),
    "HeadObject": (GET, "s3:GetObjectVersion"),
    "PutObject": (PUT, PUT),
    "CopyObject": (PUT, PUT),
    "CreateMultipartUpload": (PUT, PUT),
    "UploadPart": (PUT, PUT),
    "UploadPartCopy": (PUT, PUT),
    "CompleteMultipartUpload": (PUT, PUT),
    "AbortMultipartUpload": ("s3:AbortMultipartUpload", "s3:AbortMultipartUpload"),
    "ListParts": ("s3:ListMultipartUploadParts", "s3:ListMultipartUploadParts"),
    "DeleteObject": ("s3:DeleteObject", "s3:DeleteObjectVersion"),
    "GetObjectAttributes": ("s3:GetObjectAttributes", "s3:GetObjectVersionAttributes"),
    "GetObjectTagging": ("s3:GetObjectTagging", "s3:GetObjectVersionTagging"),
    "PutObjectTagging": ("s3:PutObjectTagging", "s3:PutObjectVersionTagging"),
    "DeleteObjectTagging": ("s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging"),
    "GetObjectAcl": ("s3:GetObjectAcl", "s3:GetObjectVersionAcl"),
    "PutObjectAcl": ("s3:PutObjectAcl", "s3:PutObjectVersionAcl"),
}
LISTINGS = {
    "ListObjects": "s3:ListBucket",
    "ListObjectsV2": "s3:ListBucket",
    "HeadBucket": "s3:ListBucket",
    "ListObjectVersions": "s3:ListBucketVersions",
    "ListMultipartUploads": "s3:ListBucketMultipartUploads",
    "DeleteBucket": "s3:DeleteBucket",
}
# Subresource of a bucket → what follows Get and Put in the action's name
CONFIGURATIONS = {
    "accelerate": "AccelerateConfiguration",
    "acl": "BucketAcl",
    "analytics": "AnalyticsConfiguration",
    "cors": "BucketCORS",
    "encryption": "EncryptionConfiguration",
    "intelligent-tiering": "IntelligentTieringConfiguration",
    "inventory": "InventoryConfiguration",
    "lifecycle": "LifecycleConfiguration",
    "location": "BucketLocation",
    "logging": "BucketLogging",
    "metrics": "MetricsConfiguration",
    "notification": "BucketNotification",
    "object-lock": "BucketObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "policyStatus": "BucketPolicyStatus",
    "publicAccessBlock": "BucketPublicAccessBlock",
    "replication": "ReplicationConfiguration",
    "requestPayment": "BucketRequestPayment",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "website": "BucketWebsite",
}
DELETED = {"policy": "s3:DeleteBucketPolicy", "website": "s3:DeleteBucketWebsite"}
IN_HEADERS = (
    *("x-amz-acl", "x-amz-server-side-encryption", "x-amz-storage-class", "x-amz-copy-source"),
    *("x-amz-server-side-encryption-aws-kms-key-id", "x-amz-metadata-directive"),
    *("x-amz-server-side-encryption-customer-algorithm", "x-amz-content-sha256", "if-none-match"),
)


@dataclass(frozen=True)
class Need:
    """One action that a request takes on one resource."""

    action: str
    resource: str
    bucket: str = ""  # whose policy bears on it
    key: str = ""


def needs(request: S3Request, operation: str) -> tuple[Need, ...]:
    """Return what a request takes, but for the objects that DeleteObjects names in its body."""
    bucket = request.bucket
    if not bucket:
        return (Need("s3:ListAllMyBuckets", "*"),)
    if operation == "DeleteObjects":
        return ()
    if operation in OBJECT:
        return tuple(of_object(request, operation))
    action = LISTINGS.get(operation) or of_bucket(request)
    return (Need(action, f"arn:aws:s3:::{bucket}", bucket),)


def of_object(request: S3Request, operation: str) -> Iterator[Need]:
    """Yield what an operation on an object takes."""
    current, versioned = OBJECT[operation]
    suffix = current if not request.params.get("versionId") else versioned
    yield on(suffix, request.bucket, request.key)
    if operation == "GetObjectAttributes":
        yield on(GET, request.bucket, request.key)
    if operation in ("PutObject", "CopyObject", "CreateMultipartUpload"):
        if "x-amz-tagging" in request.headers:
            yield on("s3:PutObjectTagging", request.bucket, request.key)
        if "x-amz-acl" in request.headers:
            yield on("s3:PutObjectAcl", request.bucket, request.key)
    if operation in ("CopyObject", "UploadPartCopy"):
        source, _, query = request.headers.get("x-amz-copy-source", "").partition("?")
        bucket, _, key = unquote(source).removeprefix("/").partition("/")
        version = dict(parse_qsl(query)).get("versionId")
        yield on("s3:GetObjectVersion" if version else GET, bucket, key)


def on(action: str, bucket: str, key: str) -> Need:
    """Return an action on an object."""
    return Need(action, f"arn:aws:s3:::{bucket}/{key}", bucket, key)


def of_bucket(request: S3Request) -> str:
    """Return the action of an operation on a bucket that the ground answers."""
    method = request.http.method
    for name, what in CONFIGURATIONS.items():
        if name in request.params:
            if method == "DELETE" and name in DELETED:
                return DELETED[name]
            return f"s3:{'Get' if method in ('GET', 'HEAD') else 'Put'}{what}"
    return {"PUT": "s3:CreateBucket", "POST": PUT}.get(method, "s3:ListBucket")


def keys(request: S3Request) -> dict[str, tuple[str, ...]]:
    """Return S3's own condition keys of a request, in lower case."""
    found: dict[str, tuple[str, ...]] = {
        f"s3:{name}": (request.headers[name],) for name in IN_HEADERS if name in request.headers
    }
    found["s3:authtype"] = ("REST-HEADER",)
    if "X-Amz-Signature" in request.params:
        found["s3:authtype"] = ("REST-QUERY-STRING",)
    found["s3:signatureversion"] = ("AWS4-HMAC-SHA256",)
    found["s3:tlsversion"] = ("1.3",)
    if "versionId" in request.params:
        found["s3:versionid"] = (request.params["versionId"],)
    if not request.key:
        for name in ("prefix", "delimiter", "max-keys"):
            if name in request.params:
                found[f"s3:{name}"] = (request.params[name],)
    if tagging := request.headers.get("x-amz-tagging"):
        tags = dict(parse_qsl(tagging, keep_blank_values=True))
        found["s3:requestobjecttagkeys"] = tuple(tags)
        found |= {f"s3:requestobjecttag/{k.lower()}": (v,) for k, v in tags.items()}
    return found
