"""A JSON document of the `rest-json` protocol as the values that a shape describes. Pure."""

import base64
import binascii
from typing import Any

from botocore.model import Shape
from botocore.utils import parse_timestamp

TRUTH = {"true": True, "false": False}


class Unreadable(Exception):
    """A text that is not of its shape's form."""


def read(shape: Shape, value: Any) -> Any:
    """Return a JSON value with members by their names, blobs as bytes, and times as epoch seconds.

    What is not of the shape's form stays as it is, for whoever checks the types.
    """
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict):
        names = {member.serialization.get("name", name): name for name, member in in_body(shape)}
        found = {names.get(name, name): member for name, member in value.items()}
        return {
            name: read(shape.members[name], member) if name in shape.members else member
            for name, member in found.items()
        }
    if kind == "map" and isinstance(value, dict):
        return {key: read(shape.value, member) for key, member in value.items()}
    if kind == "list" and isinstance(value, list):
        return [read(shape.member, member) for member in value]
    if isinstance(value, str) and kind in ("blob", "timestamp"):
        try:
            return scalar(shape, value)
        except Unreadable:
            return value
    return value


def in_body(shape: Shape) -> list[tuple[str, Shape]]:
    """Return a structure's members that a document holds: all but those in path, headers and query."""
    return [(n, m) for n, m in shape.members.items() if "location" not in m.serialization]


def scalar(shape: Shape, text: str) -> Any:
    """Return what a text in a path, a header or a query says; Unreadable."""
    kind = shape.type_name
    try:
        if kind == "boolean":
            return TRUTH[text.lower()]
        if kind in ("integer", "long"):
            return int(text)
        if kind in ("float", "double"):
            return float(text)
        if kind == "timestamp":
            return parse_timestamp(text).timestamp()
        if kind == "blob":
            return base64.b64decode(text, validate=True)
    except (KeyError, ValueError, OverflowError, binascii.Error) as error:
        article = "an" if kind[0] in "aeiou" else "a"
        raise Unreadable(f"{text!r} is not {article} {kind}") from error
    return text
