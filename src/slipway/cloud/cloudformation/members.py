"""From a resource's properties to the members of an API request, by botocore's models. Pure."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from botocore.model import OperationModel, Shape

from slipway.cloud.cloudformation.resource import Failed
from slipway.cloud.json_protocol import service_model

Tags = Mapping[str, str]
TAGS = ("tags", "taglist", "tagslist", "resourcetags")  # what APIs call them
RESERVED = "aws:"  # a prefix of tags that the APIs keep for AWS itself


@cache
def operation(service: str, name: str) -> OperationModel:
    """Return botocore's model of an operation."""
    return service_model(service).operation_model(name)


def member(shape: Shape, name: str) -> str | None:
    """Return the member of a structure that a property means: equal but for the case of letters."""
    if name in shape.members:
        return name
    folded = name.lower()
    return next((known for known in shape.members if known.lower() == folded), None)


def value(shape: Shape, given: Any, path: str) -> Any:
    """Return a property's value as the API takes it.

    Raises:
        Failed: The API has no such member, or takes no such value.
    """
    kind = shape.type_name
    if kind == "structure" and isinstance(given, Mapping):
        return {
            known(shape, name, path): value(
                shape.members[known(shape, name, path)], inner, f"{path}/{name}"
            )
            for name, inner in given.items()
        }
    if kind == "map" and isinstance(given, Mapping):
        return {name: value(shape.value, inner, f"{path}/{name}") for name, inner in given.items()}
    if kind == "list":
        several = given if isinstance(given, list | tuple) else [given]
        return [value(shape.member, one, f"{path}/{place}") for place, one in enumerate(several)]
    if kind in ("structure", "map"):
        raise Failed(f"{path}: expected an object, found {given!r}")
    return scalar(kind, given, path)


def known(shape: Shape, name: str, path: str) -> str:
    """Return the member that a property's key means; Failed in CloudFormation's words for none."""
    found = member(shape, name)
    if found is None:
        raise Failed(f"{path or '#'}: extraneous key [{name}] is not permitted")
    return found


def scalar(kind: str, given: Any, path: str) -> Any:
    """Return a scalar of the API's type: templates write numbers and booleans as text, too."""
    if kind == "string":
        return text(given)
    if kind == "blob":
        return given if isinstance(given, bytes) else text(given).encode()
    if kind == "boolean" and str(given).lower() in ("true", "false"):
        return str(given).lower() == "true"
    try:
        if kind in ("integer", "long"):
            return int(given)
        if kind in ("float", "double"):
            return float(given)
    except (TypeError, ValueError):
        pass
    if kind == "timestamp" and isinstance(given, str | int | float):
        return given  # botocore reads all forms of a time
    raise Failed(f"{path}: expected type: {kind.capitalize()}, found: {given!r}")


def text(given: Any) -> str:
    """Return a value as text: a document as JSON, a boolean as in JSON."""
    if isinstance(given, str):
        return given
    return json.dumps(given, separators=(",", ":"))


def plain(shown: Any) -> Any:
    """Return what an API shows as a template can have it: times as text."""
    if isinstance(shown, datetime):
        return shown.isoformat()
    if isinstance(shown, Mapping):
        return {name: plain(of) for name, of in shown.items()}
    return [plain(of) for of in shown] if isinstance(shown, list) else shown


def merged(stack: Tags, given: Any) -> dict[str, str]:
    """Return a resource's tags: its own, a list or a map, over those of the stack."""
    own = given or {}
    if not isinstance(own, Mapping):
        own = {tag["Key"]: tag["Value"] for tag in own}
    found = {name: text(of) for name, of in {**stack, **own}.items()}
    return {name: of for name, of in found.items() if not name.startswith(RESERVED)}


def tags(shape: Shape, given: Tags) -> Any:
    """Return tags in the form of a shape: a map, or a list of structures of a key and a value."""
    if shape.type_name == "map":
        return dict(given)
    key, value = (next(m for m in shape.member.members if m.lower().endswith(end)) for end in ENDS)
    return [{key: name, value: of} for name, of in given.items()]


ENDS = ("key", "value")


def tag_member(model: OperationModel) -> str | None:
    """Return the member of an operation's request that takes tags."""
    names: Iterable[str] = model.input_shape.members
    return next((name for name in names if name.lower() in TAGS), None)
