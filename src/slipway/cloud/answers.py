"""An operation's answer in the form in which it is sent. Pure."""

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

from botocore.model import Shape

PYTHON = {
    "string": str,
    "blob": bytes,
    "boolean": bool,
    "integer": int,
    "long": int,
    "float": (int, float),
    "double": (int, float),
    "timestamp": datetime,
    "list": list,
    "map": dict,
    "structure": dict,
}


LEFT_OUT = {  # required members, by output shape, that AWS itself leaves out (docs/decisions/0503)
    "DescribeModelPackageOutput": {"ModelPackageName"},
}


ALSO = {  # values, by enumeration, that AWS gives and its model does not name
    "ResourceStatus": {  # of a stack in its own events
        "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
        "REVIEW_IN_PROGRESS",
    },
}


class BadAnswer(Exception):
    """An answer of ours that AWS could not have given: a bug in Slipway."""


def wire(shape: Shape, value: Any, path: str = "") -> Any:
    """Return the JSON form of an answer: times as epoch seconds, blobs in base64, None left out.

    Raises:
        BadAnswer: A member is unknown, missing, or of another type than the shape's.
    """
    kind = shape.type_name
    wanted = PYTHON[kind]
    is_flag = isinstance(value, bool) and kind != "boolean"
    if not isinstance(value, wanted) or is_flag:  # type: ignore[arg-type]
        raise BadAnswer(f"{path}: expected {kind}, found {value!r}")
    if kind == "timestamp":
        if shape.serialization.get("timestampFormat") == "iso8601":
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        return round(value.timestamp(), 3)
    if kind == "blob":
        return b64encode(value).decode()
    if kind == "list":
        return [wire(shape.member, member, f"{path}[{i}]") for i, member in enumerate(value)]
    if kind == "map":
        return {key: wire(shape.value, member, f"{path}.{key}") for key, member in value.items()}
    if kind == "structure":
        return structure(shape, value, path)
    known = shape.metadata.get("enum")
    if known and value not in known and value not in ALSO.get(shape.name, ()):
        raise BadAnswer(f"{path}: expected one of {known}, found {value!r}")
    return value


def structure(shape: Shape, value: dict[str, Any], path: str) -> dict[str, Any]:
    """Return the JSON form of a structure; BadAnswer as for `wire`."""
    present = {name: member for name, member in value.items() if member is not None}
    if unknown := present.keys() - shape.members.keys():
        raise BadAnswer(f"{path}: {shape.name} has no member {sorted(unknown)}")
    if absent := set(shape.required_members) - present.keys() - LEFT_OUT.get(shape.name, set()):
        raise BadAnswer(f"{path}: {shape.name} needs {sorted(absent)}")
    return {
        shape.members[name].serialization.get("name", name): wire(
            shape.members[name], member, f"{path}.{name}"
        )
        for name, member in present.items()
    }
