"""S3 over HTTP: objects are answered here, everything about buckets by the ground."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from slipway.cloud.cloud import Cloud
from slipway.cloud.s3 import (
    access_points,
    configurations,
    copies,
    listing,
    multipart,
    objects,
    tagging,
    uploads,
)
from slipway.cloud.s3.errors import NotModified, S3Error
from slipway.cloud.s3.ids import REQUEST, new_id
from slipway.cloud.s3.request import S3Request, operation, read
from slipway.cloud.s3.responses import DOCUMENT, empty, xml
from slipway.cloud.s3.store import Store
from slipway.cloud.s3.xml import document
from slipway.cloud.wire import Limited, Request, Response

Operation = Callable[[Store, S3Request], Response]
OPERATIONS: dict[str, Operation] = {
    "PutObject": objects.put,
    "GetObject": objects.get,
    "HeadObject": objects.head,
    "DeleteObject": objects.delete,
    "DeleteObjects": objects.delete_many,
    "CopyObject": copies.copy,
    "GetObjectAttributes": objects.attributes,
    "GetObjectTagging": tagging.get,
    "PutObjectTagging": tagging.put,
    "DeleteObjectTagging": tagging.delete,
    "GetObjectAcl": tagging.get_acl,
    "PutObjectAcl": tagging.put_acl,
    "CreateMultipartUpload": multipart.create,
    "UploadPart": multipart.upload_part,
    "UploadPartCopy": multipart.upload_part_copy,
    "CompleteMultipartUpload": multipart.complete,
    "AbortMultipartUpload": multipart.abort,
    "ListParts": uploads.list_parts,
    "ListMultipartUploads": uploads.list_uploads,
    "ListObjects": lambda store, request: listed(store, request, listing.objects),
    "ListObjectsV2": lambda store, request: listed(store, request, listing.objects_v2),
    "ListObjectVersions": lambda store, request: listed(store, request, listing.versions),
    "HeadBucket": lambda store, request: head_bucket(store, request),
}


def listed(store: Store, request: S3Request, answer: Callable[..., bytes]) -> Response:
    """Answer a listing of a bucket that exists; NoSuchBucket."""
    store.index.bucket(request.bucket)
    return xml(answer(store.index, request))


def head_bucket(store: Store, request: S3Request) -> Response:
    """Answer HeadBucket."""
    bucket = store.index.bucket(request.bucket)
    return empty(headers=(("x-amz-bucket-region", bucket.region),))


def answer(cloud: Cloud, request: Request) -> Response:
    """Answer one S3 request."""
    store = cloud.objects
    REQUEST.set(new_id())
    try:
        s3 = access_points.behind(cloud, read(request))
        check_expiry(s3, datetime.now(UTC))
        check_owner(s3, cloud.account)
        name = operation(s3)
        if name == "DeleteBucket":
            store.index.bucket(s3.bucket)
            if not store.index.empty(s3.bucket):
                raise S3Error("BucketNotEmpty", BucketName=s3.bucket)
        if name == "" and (configure := configurations.operation(s3)):
            return with_id(configure(cloud, s3))
        if name in ("", "DeleteBucket"):
            response = cloud.ground.answer(of_bucket(s3))
            if name == "DeleteBucket" and response.status < 400:
                configurations.forget(cloud, s3.bucket)
            return response
        if name not in OPERATIONS:
            raise S3Error("NotImplemented", f"Slipway's S3 does not have {name}")
        response = OPERATIONS[name](store, s3)
        return with_id(response)
    except NotModified as same:
        return with_id(Response(304, same.headers))
    except S3Error as error:
        return refusal(error, request)


def of_bucket(request: S3Request) -> Request:
    """Return a request about a bucket in path style, of a size that a configuration may have."""
    path = "/" + quote(request.bucket)
    headers = {**request.headers, "host": "localhost"}
    if request.bucket == "moto-api":
        raise S3Error("InvalidBucketName", "the local cloud's ground keeps this name for itself")
    return replace(
        request.http, path=path, headers=headers, body=Limited(request.http.body, DOCUMENT)
    )


def with_id(response: Response) -> Response:
    """Return a response with the id that every answer has."""
    headers = (*response.headers, ("x-amz-request-id", REQUEST.get()))
    return Response(response.status, headers, response.body)


def refusal(error: S3Error, request: Request) -> Response:
    """Return S3's error document; HEAD has none."""
    name = REQUEST.get()
    members = {"Code": error.code, "Message": error.message, **error.details}
    body = document("Error", {**members, "RequestId": name}, namespace=False)
    headers = (*error.headers, ("x-amz-request-id", name), ("Content-Type", "application/xml"))
    if request.method == "HEAD":
        return Response(error.status, (*headers, ("Content-Length", "0")))
    return Response(error.status, (*headers, ("Content-Length", str(len(body)))), (body,))


def check_owner(request: S3Request, account: str) -> None:
    """Refuse a request that expects a bucket to be somebody else's; AccessDenied."""
    for name in ("x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"):
        if request.headers.get(name, account) != account:
            raise S3Error("AccessDenied")


def check_expiry(request: S3Request, now: datetime) -> None:
    """Refuse a presigned URL that is past its time; AccessDenied."""
    params = request.params
    if "X-Amz-Expires" in params:
        try:
            signed = datetime.strptime(params["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            expires = signed + timedelta(seconds=int(params["X-Amz-Expires"]))
        except (KeyError, ValueError) as error:
            raise S3Error("AccessDenied", "X-Amz-Date and X-Amz-Expires are required") from error
    elif "Signature" in params and params.get("Expires", "").isdigit():
        expires = datetime.fromtimestamp(int(params["Expires"]), UTC)
    else:
        return
    if now > expires:
        raise S3Error("AccessDenied", "Request has expired", Expires=expires.isoformat())
