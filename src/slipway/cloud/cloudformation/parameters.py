"""A stack's parameters: what is given, what holds, and what their definitions forbid. Pure."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from slipway.cloud.cloudformation.text import TemplateError

STORED = re.compile(r"AWS::SSM::Parameter::Value<(.+)>")
HIDDEN = "****"


@dataclass(frozen=True)
class Parameter:
    """One parameter of a stack."""

    value: str  # as it was given; of a stored one its name in the Parameter Store
    resolved: str = ""  # a stored one's value
    hidden: bool = False  # NoEcho


@dataclass(frozen=True)
class Given:
    """What a request says of a parameter; no value: the one that the stack has."""

    value: str | None


Stored = Callable[[str], str | None]  # the value of a name in the Parameter Store


def settled(
    definitions: Mapping[str, Any],
    given: Mapping[str, Given],
    previous: Mapping[str, Parameter],
    stored: Stored,
) -> dict[str, Parameter]:
    """Return the parameters of a stack.

    Raises:
        TemplateError: One has no value, a forbidden one, or no definition.
    """
    if unknown := sorted(given.keys() - definitions.keys()):
        raise TemplateError(f"Parameters: [{', '.join(unknown)}] do not exist in the template")
    found: dict[str, Parameter] = {}
    absent = []
    for name, definition in definitions.items():
        value = chosen(definition, given.get(name), previous.get(name))
        if value is None:
            absent.append(name)
            continue
        check(name, definition, value)
        hidden = str(definition.get("NoEcho", "false")).lower() == "true"
        found[name] = Parameter(value, looked_up(name, definition, value, stored), hidden)
    if absent:
        raise TemplateError(f"Parameters: [{', '.join(absent)}] must have values")
    return found


def chosen(
    definition: Mapping[str, Any], given: Given | None, previous: Parameter | None
) -> str | None:
    """Return the value that counts; None when there is none."""
    if given is not None:
        if given.value is None:
            return previous.value if previous else None
        return given.value
    default = definition.get("Default")
    return None if default is None else scalar(default)


def scalar(value: Any) -> str:
    """Return a default as text."""
    if isinstance(value, list):
        return ",".join(map(scalar, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def looked_up(name: str, definition: Mapping[str, Any], value: str, stored: Stored) -> str:
    """Return what the Parameter Store has for a stored parameter; "" for others."""
    if not STORED.fullmatch(definition.get("Type", "")):
        return ""
    found = stored(value)
    if found is None:
        raise TemplateError(
            f"Unable to fetch parameters [{value}] from parameter store for this account. "
            f"(parameter {name})"
        )
    return found


def check(name: str, definition: Mapping[str, Any], value: str) -> None:
    """Refuse a value that a parameter's definition forbids."""
    kind = definition.get("Type", "")
    if not isinstance(kind, str) or not kind:
        raise TemplateError(f"Template format error: the parameter {name} has no Type")
    said = definition.get("ConstraintDescription")
    refusal = f"Parameter {name} failed to satisfy constraint: {said or '{}'}"

    def refuse(reason: str) -> None:
        raise TemplateError(refusal if said else refusal.format(reason))

    values = value.split(",") if listed(kind) else [value]
    if allowed := definition.get("AllowedValues"):
        texts = [scalar(one) for one in allowed]
        if any(one.strip() not in texts for one in values):
            refuse(f"Parameter '{name}' must be one of AllowedValues")
    if (pattern := definition.get("AllowedPattern")) and not re.fullmatch(pattern, value):
        refuse(f"Parameter {name} must match pattern {pattern}")
    if kind in ("Number", "List<Number>"):
        numbers(definition, values, refuse)
    if not int(definition.get("MinLength", 0)) <= len(value):
        refuse(f"Parameter {name} must contain at least {definition['MinLength']} characters")
    if len(value) > int(definition.get("MaxLength", len(value))):
        refuse(f"Parameter {name} must contain at most {definition['MaxLength']} characters")


def numbers(
    definition: Mapping[str, Any], values: list[str], refuse: Callable[[str], None]
) -> None:
    """Refuse texts that are no numbers, or out of their range."""
    for one in values:
        try:
            found = float(one)
        except ValueError:
            refuse(f"{one} is not a number")
            continue
        if found < float(definition.get("MinValue", found)):
            refuse(f"{one} is less than {definition['MinValue']}")
        if found > float(definition.get("MaxValue", found)):
            refuse(f"{one} is more than {definition['MaxValue']}")


def listed(kind: str) -> bool:
    """Tell whether a type is one of lists."""
    if inner := STORED.fullmatch(kind):
        kind = inner[1]
    return kind == "CommaDelimitedList" or kind.startswith("List<")


def values(definitions: Mapping[str, Any], found: Mapping[str, Parameter]) -> dict[str, Any]:
    """Return what `Ref` gives for each parameter."""
    result: dict[str, Any] = {}
    for name, parameter in found.items():
        kind = definitions[name]["Type"]
        value = parameter.resolved if STORED.fullmatch(kind) else parameter.value
        result[name] = [part.strip() for part in value.split(",")] if listed(kind) else value
    return result
