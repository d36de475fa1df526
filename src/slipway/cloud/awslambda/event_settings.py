"""How a function's asynchronous events are handled: how often, how long, and who is told."""

from datetime import UTC, datetime
from typing import Any

from slipway.cloud.awslambda.errors import invalid, not_found
from slipway.cloud.awslambda.names import LATEST, Named, arn, named
from slipway.cloud.awslambda.store import Document, changing, find, paged, version
from slipway.cloud.clock import now
from slipway.cloud.service import Call, Operation

ATTEMPTS, AGE = 2, 21_600  # further attempts, and seconds, where a function says nothing
TARGETS = ("sqs", "sns", "lambda", "events", "s3")
MEMBERS = ("MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig")


def put(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Set how events are handled (PutFunctionEventInvokeConfig)."""
    return changed(call, request, keep=False)


def update(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change how events are handled (UpdateFunctionEventInvokeConfig)."""
    return changed(call, request, keep=True)


def changed(call: Call, request: dict[str, Any], keep: bool) -> dict[str, Any]:
    """Store what a request asks for, beside what is there or in place of it; ServiceError."""
    target = named(call, request["FunctionName"], request.get("Qualifier"))
    asked = {member: request[member] for member in MEMBERS if member in request}
    for found in asked.get("DestinationConfig", {}).values():
        check(found.get("Destination", ""))
    with changing(call, target) as document:
        version(call, document, target)
        old = existing(call, target, document) if keep else {}
        new = {**old, **asked, "LastModified": now()}
        document["EventInvokes"][target.qualifier or LATEST] = new
    return answered(call, target.name, target.qualifier or LATEST, new)


def check(destination: str) -> None:
    """Refuse what no record of an event can be sent to; ServiceError."""
    if destination and destination.split(":")[2] not in TARGETS:
        raise invalid(
            f"The provided destination config DestinationConfig is invalid: {destination}"
        )


def existing(call: Call, target: Named, document: Document) -> Document:
    """Return what is set for a function, version or alias; ServiceError."""
    found: Document | None = document["EventInvokes"].get(target.qualifier or LATEST)
    if found is None:
        where = arn(call, target.name, target.qualifier or LATEST)
        raise not_found(f"The function {where} doesn't have an EventInvokeConfig")
    return found


def answered(call: Call, name: str, qualifier: str, found: Document) -> dict[str, Any]:
    """Return what is set as answers have it."""
    destinations = {"OnSuccess": {}, "OnFailure": {}} | found.get("DestinationConfig", {})
    return found | {
        "FunctionArn": arn(call, name, qualifier),
        "LastModified": datetime.fromtimestamp(found["LastModified"], UTC),
        "DestinationConfig": destinations,
    }


def get(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return how events are handled (GetFunctionEventInvokeConfig)."""
    target = named(call, request["FunctionName"], request.get("Qualifier"))
    found = existing(call, target, find(call, target))
    return answered(call, target.name, target.qualifier or LATEST, found)


def list_all(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """List how the events of a function and of its aliases are handled."""
    target = named(call, request["FunctionName"])
    found = find(call, target)["EventInvokes"]
    items = [answered(call, target.name, each, found[each]) for each in sorted(found)]
    return paged(items, "FunctionEventInvokeConfigs", request)


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Handle events as usual (DeleteFunctionEventInvokeConfig)."""
    target = named(call, request["FunctionName"], request.get("Qualifier"))
    with changing(call, target) as document:
        existing(call, target, document)
        del document["EventInvokes"][target.qualifier or LATEST]
    return {}


OPERATIONS: dict[str, Operation] = {
    "PutFunctionEventInvokeConfig": put,
    "UpdateFunctionEventInvokeConfig": update,
    "GetFunctionEventInvokeConfig": get,
    "ListFunctionEventInvokeConfigs": list_all,
    "DeleteFunctionEventInvokeConfig": delete,
}
