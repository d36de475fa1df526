"""Tags of functions and of event source mappings."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from slipway.cloud.awslambda import mappings
from slipway.cloud.awslambda.errors import invalid
from slipway.cloud.awslambda.names import named
from slipway.cloud.awslambda.store import changing
from slipway.cloud.service import Call, Operation

MOST = 50


@contextmanager
def tags_of(call: Call, arn: str) -> Iterator[dict[str, str]]:
    """Yield the tags of a resource, and keep them; ServiceError."""
    if ":event-source-mapping:" in arn:
        with call.cloud.state.transaction():
            mapping = mappings.existing(call, arn.rpartition(":")[2])
            yield mapping["Tags"]
            mappings.documents(call).replace(mapping["UUID"], mapping)
    elif ":function:" in arn:
        with changing(call, named(call, arn)) as document:
            yield document["Tags"]
    else:
        raise invalid(f"The local cloud keeps tags of functions and mappings, not of {arn}.")


def tag_resource(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Add tags to a resource (TagResource)."""
    with tags_of(call, request["Resource"]) as tags:
        tags |= request["Tags"]
        if len(tags) > MOST:
            raise invalid(f"Number of tags exceeds resource tag limit of {MOST}")
    return {}


def untag_resource(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Take tags from a resource (UntagResource)."""
    with tags_of(call, request["Resource"]) as tags:
        for key in request["TagKeys"]:
            tags.pop(key, None)
    return {}


def list_tags(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a resource's tags (ListTags)."""
    with tags_of(call, request["Resource"]) as tags:
        return {"Tags": dict(tags)}


OPERATIONS: dict[str, Operation] = {
    "TagResource": tag_resource,
    "UntagResource": untag_resource,
    "ListTags": list_tags,
}
