"""PutEvents: events of users' own; and TestEventPattern."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from slipway.cloud.clock import now
from slipway.cloud.eventbridge import matching, records
from slipway.cloud.eventbridge.patterns import matches
from slipway.cloud.eventbridge.rules import pattern_of
from slipway.cloud.service import Call, Operation, ServiceError, invalid

LARGEST = 1 << 20  # bytes of all entries of a request
NEEDED = ("Source", "DetailType", "Detail")
IN_AN_EVENT = ("id", "account", "source", "time", "region", "resources", "detail-type")

Entry = Mapping[str, Any]


class Faulty(Exception):
    """Why an entry is not taken."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def put(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Put events on buses; each entry is taken or refused by itself (PutEvents)."""
    if sum(map(size, request["Entries"])) > LARGEST:
        raise invalid("Total size of the entries in the request is over the limit.")
    answers, failed = [], 0
    with call.cloud.state.transaction():
        for entry in request["Entries"]:
            try:
                answers.append({"EventId": taken(call, entry)})
            except Faulty as fault:
                answers.append({"ErrorCode": fault.code, "ErrorMessage": fault.message})
                failed += 1
    return {"FailedEntryCount": failed, "Entries": answers}


def size(entry: Entry) -> int:
    """Return the bytes that an entry counts for."""
    texts = [entry.get(member, "") for member in NEEDED] + entry.get("Resources", [])
    return (14 if "Time" in entry else 0) + sum(len(text.encode()) for text in texts)


def taken(call: Call, entry: Entry) -> str:
    """Put one event on its bus and return its id; Faulty."""
    for member in NEEDED:
        if not entry.get(member):
            text = f"Parameter {member} is not valid. Reason: {member} is a required argument."
            raise Faulty("InvalidArgument", text)
    if entry["Source"].startswith("aws."):
        raise Faulty("NotAuthorizedForSource", "Not authorized for the source.")
    try:
        detail = json.loads(entry["Detail"])
    except (ValueError, RecursionError):
        detail = None
    if not isinstance(detail, dict):
        raise Faulty("MalformedDetail", "Detail is malformed.")
    try:
        bus = records.bus_name(call, entry)
    except ServiceError as error:
        raise Faulty("InvalidArgument", error.message) from error
    event = {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": entry["DetailType"],
        "source": entry["Source"],
        "account": call.cloud.account,
        "time": matching.stamp(entry.get("Time") or datetime.fromtimestamp(now(), UTC)),
        "region": call.region,
        "resources": entry.get("Resources", []),
        "detail": detail,
    }
    matching.put(call.cloud, call.region, bus, event)
    return str(event["id"])


def test(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Tell whether a pattern matches an event (TestEventPattern)."""
    pattern = pattern_of(request["EventPattern"])
    try:
        event = json.loads(request["Event"])
    except (ValueError, RecursionError) as error:
        raise invalid("Parameter Event is not valid. Reason: Event must be valid JSON.") from error
    for member in IN_AN_EVENT:
        if not isinstance(event, dict) or member not in event:
            raise invalid(f"Parameter Event is not valid. Reason: {member} must be present.")
    return {"Result": matches(pattern, event)}


OPERATIONS: dict[str, Operation] = {"PutEvents": put, "TestEventPattern": test}
