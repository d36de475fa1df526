"""Object tags, and the one access control list that objects have."""

from slipway.cloud.s3 import meta
from slipway.cloud.s3.errors import S3Error
from slipway.cloud.s3.listing import OWNER
from slipway.cloud.s3.objects import find
from slipway.cloud.s3.request import S3Request
from slipway.cloud.s3.responses import empty, read_xml, xml
from slipway.cloud.s3.store import Store
from slipway.cloud.s3.xml import document, parse
from slipway.cloud.wire import Response

XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"'


def get(store: Store, request: S3Request) -> Response:
    """Answer GetObjectTagging."""
    found = find(store, request.bucket, request.key, request.params.get("versionId", ""))
    tags = [{"Key": k, "Value": v} for k, v in found.meta.get("tags", {}).items()]
    return xml(document("Tagging", {"TagSet": {"Tag": tags}}), headers=meta.version_header(found))


def put(store: Store, request: S3Request) -> Response:
    """Answer PutObjectTagging."""
    root = parse(read_xml(request), "Tagging")
    pairs = [(t.findtext("Key") or "", t.findtext("Value") or "") for t in root.iter("Tag")]
    return change(store, request, meta.check_tags(pairs), 200)


def delete(store: Store, request: S3Request) -> Response:
    """Answer DeleteObjectTagging."""
    return change(store, request, {}, 204)


def change(store: Store, request: S3Request, tags: dict[str, str], status: int) -> Response:
    """Replace the tags of a version."""
    with store.index.transaction():
        found = find(store, request.bucket, request.key, request.params.get("versionId", ""))
        store.tag(found, tags)
    return empty(status, meta.version_header(found))


def get_acl(store: Store, request: S3Request) -> Response:
    """Answer GetObjectAcl: the bucket's owner has everything, as where ACLs are off (the default)."""
    find(store, request.bucket, request.key, request.params.get("versionId", ""))
    body = document(
        "AccessControlPolicy",
        {
            "Owner": OWNER,
            "AccessControlList": {"Grant": {"Grantee": OWNER, "Permission": "FULL_CONTROL"}},
        },
    )
    return xml(body.replace(b"<Grantee>", f"<Grantee {XSI}>".encode()))


def put_acl(store: Store, request: S3Request) -> Response:
    """Answer PutObjectAcl: only what changes nothing; AccessControlListNotSupported."""
    find(store, request.bucket, request.key, request.params.get("versionId", ""))
    if request.headers.get("x-amz-acl") not in ("bucket-owner-full-control", "private"):
        raise S3Error("AccessControlListNotSupported")
    return empty()
