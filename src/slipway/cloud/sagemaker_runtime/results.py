"""Results and failures of asynchronous requests as objects of S3."""

import io

from slipway.cloud.cloud import Cloud
from slipway.cloud.s3.errors import S3Error
from slipway.cloud.sagemaker_runtime.accepted import Accepted
from slipway.hosting.exchange import Reply
from slipway.jobs.storage import split_uri

MARK = "inference"  # beside an output in the index of objects: the number of its request


def kind_of(reply: Reply) -> str:
    """Return the content type of an answer."""
    return reply.headers.get("content-type", "application/octet-stream")


def write(cloud: Cloud, asked: Accepted, uri: str, body: bytes, kind: str) -> None:
    """Write an object that knows for which request it is; S3Error, NoSuchBucket, ValueError."""
    bucket, key = split_uri(uri)
    cloud.objects.write(bucket, key, io.BytesIO(body), kind, **{MARK: asked.number})


def written(cloud: Cloud, asked: Accepted) -> str:
    """Return the content type of a request's output if it is there already, else ""."""
    if not asked.output:
        return ""
    try:
        found = cloud.objects.index.find(*split_uri(asked.output))
    except S3Error:
        return ""
    if found is None or found.marker or found.meta.get(MARK) != asked.number:
        return ""
    return str(found.meta["headers"]["content-type"])
