"""Values against botocore's shapes: JSON's types, then AWS's constraints. Pure.

The texts are AWS's own, as its Java services write them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from botocore.model import Shape

from slipway.cloud.patterns import matches

SHOWN = 1000  # characters of a refused value; AWS repeats all of it
COMPOUND = ("structure", "list", "map")
SIZED = ("string", "list", "map", "blob")
INTEGERS = {"integer": 2**31, "long": 2**63}
JSON_NAMES = {str: "STRING_VALUE", int: "NUMBER_VALUE", float: "NUMBER_VALUE"}


class WrongType(Exception):
    """A value whose JSON type is not the shape's."""


def convert(shape: Shape, value: Any, path: str = "") -> Any:
    """Return a JSON value in Python's types: timestamps as aware datetimes, nulls left out.

    Raises:
        WrongType: JSON's type is not the shape's.
    """
    kind = shape.type_name
    if kind == "structure":
        expect(value, dict, path, "Expected structure or null")
        members = shape.members
        return {
            name: convert(members[name], member, join(path, name)) if name in members else member
            for name, member in value.items()
            if member is not None
        }
    if kind == "map":
        expect(value, dict, path, "Expected map or null")
        for key in value:
            convert(shape.key, key, path)
        return {
            key: None if member is None else convert(shape.value, member, f"{path}.{key}")
            for key, member in value.items()
        }
    if kind == "list":
        expect(value, list, path, "Expected list or null")
        return [
            None if member is None else convert(shape.member, member, element(path, position))
            for position, member in enumerate(value, 1)
        ]
    if shape.serialization.get("timestampFormat") == "iso8601" and isinstance(value, str):
        return moment(value, path)
    return scalar(kind, value, path)


def moment(text: str, path: str) -> datetime:
    """Return a time in ISO 8601's form; WrongType when it is another."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise WrongType(f"STRING_VALUE can not be converted to Timestamp{at(path)}") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def scalar(kind: str, value: Any, path: str) -> Any:
    """Return a JSON scalar in Python's type; WrongType when it is another."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "string" and isinstance(value, str):
        if not encodable(value):
            raise WrongType(f"Invalid UTF-16 surrogate{at(path)}")
        return value
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind == "blob" and isinstance(value, bytes):
        return value
    if kind in INTEGERS and isinstance(value, int) and number:
        if -INTEGERS[kind] <= value < INTEGERS[kind]:
            return value
    elif kind in ("float", "double") and number:
        return float(value)
    elif kind == "timestamp" and number:
        try:
            return datetime.fromtimestamp(value, UTC)
        except (OverflowError, ValueError, OSError):
            pass
    if isinstance(value, dict):
        raise WrongType(f"Start of structure or map found where not expected{at(path)}")
    if isinstance(value, list):
        raise WrongType(f"Start of list found where not expected{at(path)}")
    name = f"{value}".upper() + "_VALUE" if isinstance(value, bool) else JSON_NAMES[type(value)]
    raise WrongType(f"{name} can not be converted to {kind.capitalize()}{at(path)}")


def violations(shape: Shape, value: Any, path: str = "") -> Iterator[str]:
    """Yield AWS's text for each constraint that a converted value breaks, in the model's order."""
    kind = shape.type_name
    if kind == "structure":
        yield from structure_violations(shape, value, path)
        return
    for constraint in broken(shape, value):
        yield failed(shape, value, path, constraint)
    if kind == "list":
        yield from list_violations(shape, value, path)
    elif kind == "map":
        yield from map_violations(shape, value, path)


def structure_violations(shape: Shape, value: dict[str, Any], path: str) -> Iterator[str]:
    """Yield what is missing, what is unknown, and what is wrong inside."""
    for name in value:
        if name not in shape.members:
            known = ", ".join(shape.members)
            yield f"Unknown member at '{path + '.' if path else ''}{name}': known are [{known}]"
    for name, member in shape.members.items():
        if name in value:
            yield from violations(member, value[name], join(path, name))
        elif name in shape.required_members:
            yield missing(join(path, name))
    if shape.metadata.get("union") and len(value) != 1:
        names = ", ".join(shape.members)
        yield f"Value at '{path}' failed to satisfy constraint: Member must have exactly one of [{names}]"


def list_violations(shape: Shape, value: list[Any], path: str) -> Iterator[str]:
    """Yield what is wrong with the elements: scalars together, structures one by one."""
    for position, member in enumerate(value, 1):
        if member is None:
            yield missing(element(path, position))
    present = [member for member in value if member is not None]
    if shape.member.type_name in COMPOUND:
        for position, member in enumerate(value, 1):
            if member is not None:
                yield from violations(shape.member, member, element(path, position))
    elif any(any(broken(shape.member, member)) for member in present):
        yield failed(shape, value, path, f"Member must satisfy constraint: {every(shape.member)}")


def map_violations(shape: Shape, value: dict[str, Any], path: str) -> Iterator[str]:
    """Yield what is wrong with the keys and the values."""
    if any(any(broken(shape.key, key)) for key in value):
        yield failed(shape, value, path, f"Map keys must satisfy constraint: {every(shape.key)}")
    for key, member in value.items():
        if member is None:
            yield missing(f"{path}.{key}.member")
    present = {key: member for key, member in value.items() if member is not None}
    if shape.value.type_name in COMPOUND:
        for key, member in present.items():
            yield from violations(shape.value, member, f"{path}.{key}.member")
    elif any(any(broken(shape.value, member)) for member in present.values()):
        yield failed(shape, value, path, f"Map value must satisfy constraint: {every(shape.value)}")


def broken(shape: Shape, value: Any) -> Iterator[str]:
    """Yield the constraints of this shape alone that the value breaks."""
    limits = shape.metadata
    size = len(value) if shape.type_name in SIZED else value
    if shape.type_name not in ("boolean", "timestamp"):
        if "max" in limits and size > limits["max"]:
            yield at_most(shape)
        if "min" in limits and size < limits["min"]:
            yield at_least(shape)
    if "enum" in limits and value not in limits["enum"]:
        yield one_of(shape)
    if "pattern" in limits and not matches(limits["pattern"], value):
        yield of_form(shape)


def every(shape: Shape) -> str:
    """Return all constraints of a scalar shape, as AWS lists them for the members of a list or map."""
    texts = {"max": at_most, "min": at_least, "enum": one_of, "pattern": of_form}
    return f"[{', '.join(texts[name](shape) for name in texts if name in shape.metadata)}]"


def at_most(shape: Shape) -> str:
    """Return the text of an upper limit."""
    what = "length" if shape.type_name in SIZED else "value"
    return f"Member must have {what} less than or equal to {shape.metadata['max']}"


def at_least(shape: Shape) -> str:
    """Return the text of a lower limit."""
    what = "length" if shape.type_name in SIZED else "value"
    return f"Member must have {what} greater than or equal to {shape.metadata['min']}"


def one_of(shape: Shape) -> str:
    """Return the text of an enum."""
    return f"Member must satisfy enum value set: [{', '.join(shape.metadata['enum'])}]"


def of_form(shape: Shape) -> str:
    """Return the text of a pattern."""
    return f"Member must satisfy regular expression pattern: {shape.metadata['pattern']}"


def failed(shape: Shape, value: Any, path: str, constraint: str) -> str:
    """Return AWS's sentence about one value; a sensitive value is not shown."""
    text = java(value)
    text = text if len(text) <= SHOWN else text[:SHOWN] + "…"
    shown = "" if shape.metadata.get("sensitive") else f" '{text}'"
    return f"Value{shown} at '{path}' failed to satisfy constraint: {constraint}"


def missing(path: str) -> str:
    """Return AWS's sentence about a required member that is not there."""
    return f"Value at '{path}' failed to satisfy constraint: Member must not be null"


def java(value: Any) -> str:
    """Return a value as Java's toString writes it."""
    if isinstance(value, list):
        return f"[{', '.join(java(member) for member in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{key}={java(member)}' for key, member in value.items())}}}"
    if isinstance(value, bool):
        return str(value).lower()
    return "null" if value is None else str(value)


def expect(value: Any, kind: type, path: str, text: str) -> None:
    """Raise WrongType unless the value is of the Python type."""
    if not isinstance(value, kind):
        raise WrongType(text + at(path))


def encodable(text: str) -> bool:
    """Tell whether a string can be stored: JSON's escapes can name half a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def join(path: str, name: str) -> str:
    """Return the path of a member, in AWS's spelling: lower camel case."""
    name = name[:1].lower() + name[1:]
    return f"{path}.{name}" if path else name


def element(path: str, position: int) -> str:
    """Return the path of a list's element, counted from 1."""
    return f"{path}.{position}.member"


def at(path: str) -> str:
    """Return the end of a sentence that says where."""
    return f" at '{path}'" if path else ""
