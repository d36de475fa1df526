"""Calls to the AWS API, with the failures that a step shows for them."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

from slipway.engine.attempt import Attempt
from slipway.engine.errors import NoNews, Refused
from slipway.engine.retries import RESOURCE_LIMIT, SERVICE_FAULT, THROTTLING

THROTTLED = frozenset(
    {"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded"}
)


def call(attempt: Attempt, service: str, operation: str, request: Mapping[str, Any]) -> Any:
    """Call an operation and return its answer as JSON.

    Raises Refused with the text that AWS shows, NoNews when there was no answer.
    """
    try:
        return plain(getattr(attempt.api(service), xform_name(operation))(**request))
    except ClientError as error:
        details = error.response.get("Error", {}).get("Message")
        fault = fault_of(error)
    except (ConnectionError, HTTPClientError) as error:
        raise NoNews(str(error)) from error
    except BotoCoreError as error:  # the request is not valid for the API
        details, fault = str(error), None
    reason = (
        f"ClientError: Failed to invoke {service}:{operation}. Error Details: {details}\n"
        "Retry not appropriate on execution of step with PipelineExecutionArn "
        f"{lower_name(attempt.facts.arn)} and StepId {attempt.step.name}."
    )
    if fault and not attempt.step.retry_policies:
        kind = fault.upper().replace(".", "_")
        reason += f" No retry policy configured for the exception type {kind}."
    raise Refused(reason, fault)


def describe(attempt: Attempt, operation: str, request: Mapping[str, Any]) -> Any:
    """Return what a Describe or List operation of SageMaker answers; NoNews while it cannot."""
    try:
        return call(attempt, "sagemaker", operation, request)
    except Refused as refused:
        if refused.fault:
            raise NoNews(refused.reason) from refused
        raise


def fault_of(error: ClientError) -> str | None:
    """Return the exception type of retry policies that an API error is."""
    code = error.response.get("Error", {}).get("Code", "")
    if code in THROTTLED:
        return THROTTLING
    if code in ("ResourceLimitExceeded", "ResourceLimitExceededException"):
        return RESOURCE_LIMIT
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
    return SERVICE_FAULT if status >= 500 else None


def plain(answer: Mapping[str, Any]) -> Any:
    """Return an answer as JSON: times in ISO form, without the transport's metadata."""
    members = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    return json.loads(json.dumps(members, default=as_text))


def as_text(value: Any) -> str:
    """Return the JSON form of what JSON lacks."""
    if isinstance(value, datetime):
        return value.isoformat()
    if hasattr(value, "read"):
        return bytes(value.read()).decode()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def lower_name(arn: str) -> str:
    """Return an ARN with the pipeline's name in lower case, as texts and events carry it."""
    return arn.lower()
