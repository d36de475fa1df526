"""What asynchronous endpoints tell SNS topics: results, failures, and that a topic is used."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from slipway.cloud import inside
from slipway.cloud.cloud import Cloud
from slipway.cloud.sagemaker_runtime.accepted import Accepted
from slipway.cloud.service import Call, ServiceError

LARGEST = 128 << 10  # bytes of an answer that goes into a notice
TEST = {"eventVersion": "1.0", "eventSource": "aws:sagemaker", "eventName": "TestNotification"}


def completed(
    of: Accepted, region: str, now: float, kind: str, body: bytes | None
) -> dict[str, Any]:
    """Return the notice of a result of a content type.

    `body` is the answer where the success topic is to get it; a large one is left out.
    """
    notice = result(of, region, now, "Completed")
    notice["responseParameters"] = {"contentType": kind, "outputLocation": of.output}
    return notice | answer(body)


def failed(
    of: Accepted, region: str, now: float, reason: str, body: bytes | None = None
) -> dict[str, Any]:
    """Return the notice of a failure; `body` as for `completed`."""
    return result(of, region, now, "Failed") | {"failureReason": reason} | answer(body)


def answer(body: bytes | None) -> dict[str, Any]:
    """Return the member that has a model's answer; none for a large one."""
    if body is None or len(body) > LARGEST:
        return {}
    return {"responseBody": {"content": base64.b64encode(body).decode(), "encoding": "BASE64"}}


def result(of: Accepted, region: str, now: float, status: str) -> dict[str, Any]:
    """Return what both notices have."""
    asked = {
        "contentType": of.headers.get("Content-Type"),
        "endpointName": of.endpoint,
        "inputLocation": of.input or None,
    }
    return {
        "awsRegion": region,
        "eventTime": iso(now),
        "receivedTime": iso(of.received),
        "invocationStatus": status,
        "requestParameters": {name: value for name, value in asked.items() if value is not None},
        "inferenceId": of.inference_id,
        "eventVersion": "1.0",
        "eventSource": "aws:sagemaker",
        "eventName": "InferenceResult",
    }


def iso(time: float) -> str:
    """Return a time as AWS's events have it, with milliseconds."""
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def announce(call: Call, config: Mapping[str, Any]) -> None:
    """Tell the topics of an endpoint configuration that an endpoint uses them.

    Raises:
        ServiceError: A topic cannot be published to.
    """
    for topic in topics(config):
        try:
            send(call.cloud, topic, TEST)
        except ClientError as error:
            text = f"Could not publish to the topic {topic}: {error.response['Error']['Message']}"
            raise ServiceError("ValidationException", text) from error


def topics(config: Mapping[str, Any]) -> list[str]:
    """Return the topics of an endpoint configuration, each once."""
    output = config.get("AsyncInferenceConfig", {}).get("OutputConfig", {})
    named = output.get("NotificationConfig", {})
    return sorted({named[which] for which in ("SuccessTopic", "ErrorTopic") if which in named})


def send(cloud: Cloud, topic: str, notice: Mapping[str, Any]) -> None:
    """Publish to a topic; ClientError when SNS refuses."""
    region = topic.split(":")[3]
    inside.client(cloud.ground, "sns", region).publish(TopicArn=topic, Message=json.dumps(notice))
