"""Configurations of buckets that the ground does not keep, and those that it would only pretend."""

import io
from collections.abc import Callable
from dataclasses import replace

from slipway.cloud.cloud import Cloud
from slipway.cloud.s3.errors import S3Error
from slipway.cloud.s3.request import S3Request
from slipway.cloud.s3.responses import empty, read_xml, xml
from slipway.cloud.s3.xml import NAMESPACE, document, parse
from slipway.cloud.state import Documents
from slipway.cloud.wire import Response

TIERING = "IntelligentTieringConfiguration"
UNDELIVERED = ("TopicConfiguration", "QueueConfiguration", "CloudFunctionConfiguration")
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


def operation(request: S3Request) -> Callable[[Cloud, S3Request], Response] | None:
    """Return what answers a request about a bucket's configuration; None for the ground's."""
    method, params = request.http.method, request.params
    if request.key or not request.bucket:
        return None
    if "intelligent-tiering" in params:
        if method == "GET" and "id" not in params:
            return tierings
        return {"GET": tiering, "PUT": put_tiering, "DELETE": delete_tiering}.get(method)
    if "notification" in params:
        return {"GET": notification, "PUT": put_notification}.get(method)
    return None


def put_notification(cloud: Cloud, request: S3Request) -> Response:
    """Answer PutBucketNotificationConfiguration: events go to EventBridge alone; NotImplemented."""
    body = read_xml(request)
    found = {node.tag for node in parse(body, "NotificationConfiguration")}
    if kind := next((name for name in UNDELIVERED if name in found), ""):
        raise S3Error(
            "NotImplemented",
            f"Slipway's S3 does not deliver to a {kind}: expected EventBridgeConfiguration, "
            "and a rule that has the target",
        )
    return cloud.ground.answer(
        replace(
            request.http,
            path=f"/{request.bucket}",
            headers={**request.headers, "host": "localhost", "content-length": str(len(body))},
            body=io.BytesIO(body),
        )
    )


def notification(cloud: Cloud, request: S3Request) -> Response:
    """Answer GetBucketNotificationConfiguration."""
    told = cloud.objects.index.bucket(request.bucket).events
    found = {"EventBridgeConfiguration": ""} if told else {}
    return xml(document("NotificationConfiguration", found))


def put_tiering(cloud: Cloud, request: S3Request) -> Response:
    """Answer PutBucketIntelligentTieringConfiguration: it is kept; every byte is on one disk."""
    cloud.objects.index.bucket(request.bucket)
    body, name = read_xml(request).decode(), request.params.get("id", "")
    if parse(body.encode(), TIERING).findtext("Id") != name:
        raise S3Error("InvalidArgument", "expected the Id of the request, found another one")
    kept = of(cloud, request)
    with cloud.state.transaction():
        if not kept.create(name, {"body": body}):
            kept.replace(name, {"body": body})
    return empty()


def tiering(cloud: Cloud, request: S3Request) -> Response:
    """Answer GetBucketIntelligentTieringConfiguration; NoSuchConfiguration."""
    cloud.objects.index.bucket(request.bucket)
    found = of(cloud, request).get(request.params["id"])
    if found is None:
        raise S3Error("NoSuchConfiguration")
    return xml(found["body"].encode())


def tierings(cloud: Cloud, request: S3Request) -> Response:
    """Answer ListBucketIntelligentTieringConfigurations."""
    cloud.objects.index.bucket(request.bucket)
    bodies = [found["body"] for _, found in of(cloud, request).all()]
    inside = "".join(body[body.index(f"<{TIERING}") :] for body in bodies)
    root = "ListBucketIntelligentTieringConfigurationsOutput"
    text = f'{DECLARATION}<{root} xmlns="{NAMESPACE}"><IsTruncated>false</IsTruncated>{inside}</{root}>'
    return xml(text.encode())


def delete_tiering(cloud: Cloud, request: S3Request) -> Response:
    """Answer DeleteBucketIntelligentTieringConfiguration; NoSuchConfiguration."""
    if not of(cloud, request).delete(request.params.get("id", "")):
        raise S3Error("NoSuchConfiguration")
    return empty(204)


def forget(cloud: Cloud, bucket: str) -> None:
    """Forget what was kept of a bucket that is gone."""
    kept = cloud.state.documents("", f"s3 tiering {bucket}")
    with cloud.state.transaction():
        for name, _ in kept.all():
            kept.delete(name)


def of(cloud: Cloud, request: S3Request) -> Documents:
    """Return the configurations of a bucket."""
    return cloud.state.documents("", f"s3 tiering {request.bucket}")
