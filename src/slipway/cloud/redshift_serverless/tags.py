"""The tags of Redshift Serverless's resources, by ARN."""

from typing import Any

from slipway.cloud.records.operations import capitalized
from slipway.cloud.sagemaker import tags
from slipway.cloud.service import Call, Operation, ServiceError


def show(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a resource's tags (ListTagsForResource)."""
    found = tags.kept(call).get(request["resourceArn"])
    if found is None:
        raise absent(request)
    return {"tags": [{"key": key, "value": value} for key, value in found.items()]}


def add(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Add or overwrite tags (TagResource)."""
    new = tags.checked(capitalized(request["tags"]))
    if not tags.change(call, request["resourceArn"], lambda old: tags.within_limit(old | new)):
        raise absent(request)
    return {}


def remove(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Remove tags; keys that are not there are no error (UntagResource)."""
    gone = set(request["tagKeys"])
    kept = tags.change(
        call, request["resourceArn"], lambda old: {k: old[k] for k in old if k not in gone}
    )
    if not kept:
        raise absent(request)
    return {}


def absent(request: dict[str, Any]) -> ServiceError:
    """Return the refusal of an ARN that nothing has."""
    text = f"Resource {request['resourceArn']} does not exist."
    return ServiceError("ResourceNotFoundException", text)


OPERATIONS: dict[str, Operation] = {
    "ListTagsForResource": show,
    "TagResource": add,
    "UntagResource": remove,
}
