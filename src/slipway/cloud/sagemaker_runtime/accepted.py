"""An asynchronous request that was answered 202: what it asks, and where its answer goes. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

from slipway.cloud.sagemaker_runtime.forwarded import HEADERS

TTL = 21_600  # seconds that a request may wait
TIMEOUT = 900  # seconds that a model may take


@dataclass(frozen=True)
class Accepted:
    """One asynchronous request."""

    number: str  # Slipway's own, a UUID: callers may use an inference id twice
    endpoint: str
    inference_id: str
    input: str  # an s3:// URI; "" where the body came with the request
    body: str  # base64; "" where it is in S3
    headers: Mapping[str, str]  # that the container gets
    received: float  # epoch seconds
    ttl: int  # seconds
    timeout: int  # seconds
    output: str  # an s3:// URI; "" where the answer goes to a topic alone
    failure: str  # an s3:// URI; "" where failures are only told
    success_topic: str  # an ARN, or ""
    error_topic: str  # an ARN, or ""
    included: tuple[str, ...]  # the topics that get the answer too

    @property
    def document(self) -> dict[str, Any]:
        """The request as JSON."""
        return asdict(self)

    @property
    def expires(self) -> float:
        """When it has waited for too long, epoch seconds."""
        return self.received + self.ttl


def accepted(
    request: Mapping[str, Any], config: Mapping[str, Any], number: str, body: str, received: float
) -> Accepted:
    """Return a request to an endpoint with an AsyncInferenceConfig.

    `body` is base64, "" with an InputLocation; without an InferenceId of the caller's the id is the
    `number`.
    """
    output = config["OutputConfig"]
    notices = output.get("NotificationConfig", {})
    identifier = request.get("InferenceId", number)
    place, failure = locations(request, output, identifier)
    sent = {**request, "InferenceId": identifier}
    return Accepted(
        number,
        request["EndpointName"],
        identifier,
        request.get("InputLocation", ""),
        body,
        {header: sent[member] for member, header in HEADERS.items() if member in sent},
        received,
        request.get("RequestTTLSeconds", TTL),
        request.get("InvocationTimeoutSeconds", TIMEOUT),
        place,
        failure,
        notices.get("SuccessTopic", ""),
        notices.get("ErrorTopic", ""),
        tuple(notices.get("IncludeInferenceResponseIn", ())),
    )


def locations(
    request: Mapping[str, Any], output: Mapping[str, Any], identifier: str
) -> tuple[str, str]:
    """Return the URIs of the answer and of the failure; "" where the configuration has no path."""
    stem = quote(identifier, safe="")
    name = request.get("Filename", f"{stem}.out")
    folder = "/".join(
        part.strip("/")
        for part in (output.get("S3OutputPath", ""), request.get("S3OutputPathExtension", ""))
        if part.strip("/")
    )
    failed = output.get("S3FailurePath", "").rstrip("/")
    return (
        f"{folder}/{name}" if "S3OutputPath" in output else "",
        f"{failed}/{request.get('Filename', stem)}-error.out" if failed else "",
    )


def taken_up(document: Mapping[str, Any]) -> Accepted:
    """Return the request of a document."""
    return Accepted(**{**document, "included": tuple(document["included"])})
