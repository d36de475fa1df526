"""What EventBridge has and the local cloud has not: refused by name."""

from typing import Any

from slipway.cloud.coverage import Coverage
from slipway.cloud.json_protocol import service_model
from slipway.cloud.service import Call, Operation, invalid

REASONS = {
    "Archive": "archives of events are not kept",
    "Replay": "archives of events are not kept, so nothing can be replayed",
    "ApiDestination": "events do not leave this machine",
    "Connection": "events do not leave this machine",
    "Partner": "there are no partners' event sources",
    "EventSource": "there are no partners' event sources",
}


def reason(operation: str) -> str | None:
    """Return why an operation is refused; None where it is not."""
    if "EventBus" in operation or operation == "PutEvents":
        return None
    return next((why for word, why in REASONS.items() if word in operation), None)


def refuse(call: Call, _: dict[str, Any]) -> dict[str, Any]:
    """Refuse an operation."""
    raise invalid(f"The local cloud does not support {call.operation}: {reason(call.operation)}.")


NAMES = [name for name in service_model("events").operation_names if reason(name)]
OPERATIONS: dict[str, Operation] = dict.fromkeys(NAMES, refuse)


def coverage(name: str) -> Coverage:
    """Return that every member of an operation is refused."""
    members = service_model("events").operation_model(name).input_shape.members
    return Coverage(refused={member: str(reason(name)) for member in members})


COVERAGE = {name: coverage(name) for name in NAMES}
