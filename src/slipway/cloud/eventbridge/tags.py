"""Tags of rules and buses."""

from typing import Any

from slipway.cloud.eventbridge import records
from slipway.cloud.service import Call, Operation


def add(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Add tags, or change them (TagResource)."""
    records.put_tags(call, checked(call, request["ResourceARN"]), request["Tags"])
    return {}


def remove(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Remove tags (UntagResource)."""
    arn = checked(call, request["ResourceARN"])
    with call.cloud.state.transaction():
        left = [t for t in records.tags_of(call, arn) if t["Key"] not in request["TagKeys"]]
        records.forget_tags(call, arn)
        records.put_tags(call, arn, left)
    return {}


def show(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return the tags of a rule or a bus (ListTagsForResource)."""
    return {"Tags": records.tags_of(call, checked(call, request["ResourceARN"]))}


def checked(call: Call, arn: str) -> str:
    """Return the ARN of a rule or a bus that exists; ServiceError."""
    kind, _, path = arn.rpartition(":")[2].partition("/")
    if kind == "event-bus" and records.exists(call.cloud, call.region, path):
        return arn
    bus, _, name = path.rpartition("/")
    if kind == "rule" and records.rules(call.cloud, call.region).get(f"{bus or 'default'}/{name}"):
        return arn
    raise records.missing(f"Resource {arn} does not exist.")


OPERATIONS: dict[str, Operation] = {
    "TagResource": add,
    "UntagResource": remove,
    "ListTagsForResource": show,
}
