"""Tags of crawlers; those of other resources are the ground's."""

from typing import Any

from slipway.cloud import inside
from slipway.cloud.sagemaker import tags
from slipway.cloud.service import Call, Operation


def show(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a resource's tags (GetTags)."""
    found = tags.kept(call).get(request["ResourceArn"])
    return inside.pass_on(call, request) if found is None else {"Tags": found}


def add(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Add or overwrite tags (TagResource)."""
    new = request["TagsToAdd"]
    own = tags.change(call, request["ResourceArn"], lambda old: tags.within_limit(old | new))
    return {} if own else inside.pass_on(call, request)


def remove(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Remove tags; keys that are not there are no error (UntagResource)."""
    gone = set(request["TagsToRemove"])
    own = tags.change(
        call, request["ResourceArn"], lambda old: {k: old[k] for k in old if k not in gone}
    )
    return {} if own else inside.pass_on(call, request)


OPERATIONS: dict[str, Operation] = {"GetTags": show, "TagResource": add, "UntagResource": remove}
