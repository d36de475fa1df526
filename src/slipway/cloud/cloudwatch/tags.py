"""The tags of alarms; those of dashboards, rules and streams are the ground's."""

from collections.abc import Iterable
from typing import Any

from slipway.cloud.inside import pass_on
from slipway.cloud.service import Call, ServiceError
from slipway.cloud.state import Documents

LIMIT = 50


def kept(call: Call) -> Documents:
    """Return the documents of alarms' tags, by ARN."""
    return call.cloud.state.documents(call.region, "AlarmTags")


def put(call: Call, arn: str, tags: Iterable[dict[str, str]]) -> None:
    """Store the tags of a new alarm."""
    forget(call, arn)
    kept(call).create(arn, checked({}, tags))


def forget(call: Call, arn: str) -> None:
    """Drop the tags of an alarm that is deleted."""
    kept(call).delete(arn)


def checked(old: dict[str, str], tags: Iterable[dict[str, str]]) -> dict[str, str]:
    """Return old tags with new ones; ServiceError when there are too many, or AWS's own."""
    new = {tag["Key"]: tag["Value"] for tag in tags}
    if any(key.lower().startswith("aws:") for key in new):
        text = "aws: prefixed tag key names are not allowed for external use."
        raise ServiceError("InvalidParameterValue", text)
    if len(old | new) > LIMIT:
        text = f"A resource can have at most {LIMIT} tags; this would be {len(old | new)}."
        raise ServiceError("InvalidParameterValue", text)
    return old | new


def add(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Add or overwrite tags (TagResource)."""
    arn = request["ResourceARN"]
    with call.cloud.state.transaction():
        old = kept(call).get(arn)
        if old is not None:
            kept(call).replace(arn, checked(old, request["Tags"]))
            return {}
    return elsewhere(call, request)


def remove(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Remove tags; keys that are not there are no error (UntagResource)."""
    arn = request["ResourceARN"]
    with call.cloud.state.transaction():
        old = kept(call).get(arn)
        if old is not None:
            left = {key: old[key] for key in old if key not in request["TagKeys"]}
            kept(call).replace(arn, left)
            return {}
    return elsewhere(call, request)


def show(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return the tags of a resource (ListTagsForResource)."""
    found = kept(call).get(request["ResourceARN"])
    if found is None:
        return elsewhere(call, request)
    return {"Tags": [{"Key": key, "Value": value} for key, value in found.items()]}


def elsewhere(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Let the ground answer for what is no alarm; ServiceError when it does not have it either."""
    if ":alarm:" in request["ResourceARN"]:
        text = f"Unknown resource: {request['ResourceARN']}"
        raise ServiceError("ResourceNotFoundException", text, 404)
    return pass_on(call, request)
