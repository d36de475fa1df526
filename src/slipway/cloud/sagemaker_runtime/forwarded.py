"""What of a request a model sees, and what of its answer the caller sees. Pure."""

from collections.abc import Mapping
from typing import Any

from slipway.hosting.exchange import Invocation

# Of the request's members, those that reach the container, by the header in which they do
HEADERS = {
    "ContentType": "Content-Type",
    "Accept": "Accept",
    "CustomAttributes": "X-Amzn-SageMaker-Custom-Attributes",
    "TargetModel": "X-Amzn-SageMaker-Target-Model",
    "TargetVariant": "X-Amzn-SageMaker-Target-Variant",
    "TargetContainerHostname": "X-Amzn-SageMaker-Target-Container-Hostname",
    "InferenceId": "X-Amzn-SageMaker-Inference-Id",
    "EnableExplanations": "X-Amzn-SageMaker-Enable-Explanations",
    "InferenceComponentName": "X-Amzn-SageMaker-Inference-Component",
    "SessionId": "X-Amzn-SageMaker-Session-Id",
    "PrefixAwareId": "X-Amzn-SageMaker-Prefix-Aware-Id",
}
# Of the container's headers, in lower case, those that reach the caller, by the answer's member
SHOWN = {
    "content-type": "ContentType",
    "x-amzn-sagemaker-custom-attributes": "CustomAttributes",
    "x-amzn-sagemaker-new-session-id": "NewSessionId",
    "x-amzn-sagemaker-closed-session-id": "ClosedSessionId",
}


def invocation(request: Mapping[str, Any], body: bytes) -> Invocation:
    """Return what the model is asked."""
    headers = {header: request[member] for member, header in HEADERS.items() if member in request}
    target = request.get("TargetModel", "")
    return Invocation(body, headers, target, request.get("TargetContainerHostname", ""))


def shown(headers: Mapping[str, str], variant: str) -> dict[str, Any]:
    """Return the members of an answer that stand in its headers."""
    members = {SHOWN[name]: value for name, value in headers.items() if name in SHOWN}
    return members | {"InvokedProductionVariant": variant}
