"""Custom resources: what a function, or whoever hears a topic, makes and answers."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from slipway.cloud.cloudformation import signals
from slipway.cloud.cloudformation.naming import physical
from slipway.cloud.cloudformation.resource import Asked, Failed, Made, Properties, ResourceType

LONGEST = 3600  # seconds until an answer must be there
UNIQUE = uuid.UUID("5b1a9f4e-8a0f-4d0c-9d0e-0b7f6d0f6a51")
SILENT = (
    "CloudFormation did not receive a response from your Custom Resource. Please check your logs for "
    "requestId [{}]."
)


def create(asked: Asked) -> Made:
    """Have a custom resource made."""
    return ask(asked, "Create", Made(physical(asked.stack_name, asked.logical_id, asked.token)), {})


def update(asked: Asked, made: Made, before: Properties) -> Made:
    """Have a custom resource changed; one with another id replaces it."""
    more = {"PhysicalResourceId": made.physical_id, "OldResourceProperties": texts(before)}
    return ask(asked, "Update", made, more)


def delete(asked: Asked, made: Made) -> None:
    """Have a custom resource removed."""
    ask(asked, "Delete", made, {"PhysicalResourceId": made.physical_id})


def ask(asked: Asked, verb: str, made: Made, more: Mapping[str, Any]) -> Made:
    """Send a request to who provides a resource, and return what is answered; Failed."""
    request_id = str(uuid.uuid5(UNIQUE, asked.token))
    url = signals.address(asked.cloud, asked.region, asked.stack, request_id)
    timeout = int(asked.properties.get("ServiceTimeout", LONGEST))
    event = {
        "RequestType": verb,
        "ResponseURL": url,
        "StackId": asked.stack,
        "RequestId": request_id,
        "ResourceType": asked.type,
        "LogicalResourceId": asked.logical_id,
        "ResourceProperties": texts(asked.properties),
        **more,
    }
    signals.once(asked.cloud, url, lambda: send(asked, json.dumps(event)))
    found = signals.wait(asked, url, bool, timeout, made)
    if not found:
        raise Failed(SILENT.format(request_id), made)
    return read(found[0], request_id, made)


def read(answer: Mapping[str, Any], request_id: str, made: Made) -> Made:
    """Return the resource that an answer tells of; Failed."""
    made = Made(str(answer.get("PhysicalResourceId") or made.physical_id), answer.get("Data") or {})
    if answer.get("Status") == "SUCCESS":
        return made
    status, said = answer.get("Status", "none"), answer.get("Reason", "")
    raise Failed(
        f"Received response status [{status}] from custom resource. Message returned: {said} "
        f"(RequestId: {request_id})",
        made,
    )


def send(asked: Asked, event: str) -> None:
    """Hand a request to a function or a topic."""
    token = asked.properties.get("ServiceToken", "")
    if ":lambda:" in token:
        asked.client("lambda").invoke(
            FunctionName=token, InvocationType="Event", Payload=event.encode()
        )
    elif ":sns:" in token:
        asked.client("sns").publish(
            TopicArn=token, Subject="AWS CloudFormation custom resource request", Message=event
        )
    else:
        raise Failed(f"Invalid service token: {token!r} is no ARN of a function or a topic")


def texts(value: Any) -> Any:
    """Return properties as CloudFormation sends them: scalars as text."""
    if isinstance(value, Mapping):
        return {key: texts(item) for key, item in value.items()}
    if isinstance(value, list):
        return [texts(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None else str(value)


CUSTOM = ResourceType(
    "AWS::CloudFormation::CustomResource", create, update, delete, frozenset({"ServiceToken"})
)
