"""The intrinsic functions of templates. Pure but for what the scope asks from outside."""

import base64
import ipaddress
import itertools
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from slipway.cloud.cloudformation.resource import Made
from slipway.cloud.cloudformation.text import TemplateError

NO_VALUE = object()  # what AWS::NoValue stands for: the member is left out
VARIABLE = re.compile(r"\$\{(!?)([^}]*)\}")


class NotYet(Exception):
    """A resource that is referred to is not there yet; the argument is its logical id."""


class Outside(Protocol):
    """What functions refer to that is not in the template."""

    def zones(self, region: str) -> list[str]:
        """Return a region's availability zones."""

    def imported(self, name: str) -> str:
        """Return the value of another stack's export; TemplateError when there is none."""


@dataclass(frozen=True)
class Scope:
    """What the functions of a template refer to."""

    pseudo: Mapping[str, Any]  # "AWS::Region": …
    parameters: Mapping[str, Any]
    mappings: Mapping[str, Any]
    outside: Outside
    conditions: Mapping[str, bool] = field(default_factory=dict)
    resources: Mapping[str, Made] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()  # the resources that there will be
    extended: bool = False  # the template uses AWS::LanguageExtensions


def resolve(value: Any, scope: Scope) -> Any:
    """Return a value in which every function is replaced by what it gives.

    Raises:
        TemplateError: A function is used wrongly, or refers to what there is not.
        NotYet: It refers to a resource that is declared and not there.
    """
    if isinstance(value, list):
        found = (resolve(item, scope) for item in value)
        return [item for item in found if item is not NO_VALUE]
    if not isinstance(value, dict):
        return value
    if name := function(value):
        if name not in FUNCTIONS:
            raise TemplateError(f"Template error: unsupported function {name}")
        return FUNCTIONS[name](value[name], scope)
    pairs = ((key, resolve(item, scope)) for key, item in value.items())
    return {key: item for key, item in pairs if item is not NO_VALUE}


def function(value: Mapping[str, Any]) -> str:
    """Return the name of the function that an object is, or ""."""
    if len(value) != 1:
        return ""
    (name,) = value
    return name if name == "Ref" or (isinstance(name, str) and name.startswith("Fn::")) else ""


def text(value: Any, where: str) -> str:
    """Return a scalar as templates write it; TemplateError for a list or object."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise TemplateError(f"Template error: {where} needs a string, not {json.dumps(value)[:80]}")


def arguments(value: Any, scope: Scope, name: str, *counts: int) -> list[Any]:
    """Return a function's resolved arguments; TemplateError unless there are so many."""
    found = resolve(value, scope)
    if not isinstance(found, list) or len(found) not in counts:
        many = " or ".join(map(str, counts))
        raise TemplateError(f"Template error: {name} takes a list of {many} values")
    return found


def ref(value: Any, scope: Scope) -> Any:
    """Return a parameter, a pseudo parameter, or a resource's physical id."""
    if value == "AWS::NoValue":
        return NO_VALUE
    for found in (scope.pseudo, scope.parameters):
        if value in found:
            return found[value]
    return existing(value, scope).physical_id


def existing(logical_id: str, scope: Scope) -> Made:
    """Return a resource; NotYet, or TemplateError for one that the template has not."""
    if logical_id in scope.resources:
        return scope.resources[logical_id]
    if logical_id in scope.declared:
        raise NotYet(logical_id)
    raise TemplateError(f"Template format error: Unresolved resource dependencies [{logical_id}]")


def get_att(value: Any, scope: Scope) -> Any:
    """Return an attribute of a resource: by its name, or by a path into objects."""
    parts = value.split(".", 1) if isinstance(value, str) else resolve(value, scope)
    if not isinstance(parts, list) or len(parts) < 2:
        raise TemplateError("Template error: Fn::GetAtt takes a resource's name and an attribute's")
    logical_id, name = parts[0], ".".join(map(str, parts[1:]))
    found: Any = existing(logical_id, scope).attributes
    if name in found:
        return found[name]
    for part in name.split("."):
        if not isinstance(found, Mapping) or part not in found:
            raise TemplateError(
                f"Template error: resource {logical_id} does not support attribute type {name} in "
                "Fn::GetAtt"
            )
        found = found[part]
    return found


def sub(value: Any, scope: Scope) -> str:
    """Return a text with its `${…}` replaced."""
    form, own = value, {}
    if isinstance(value, list):
        if len(value) != 2 or not isinstance(value[1], dict):
            raise TemplateError("Template error: Fn::Sub takes a string, or one with an object")
        form, own = value[0], resolve(value[1], scope)
    if not isinstance(form, str):
        raise TemplateError("Template error: Fn::Sub takes a string, or one with an object")

    def replaced(found: re.Match[str]) -> str:
        literal, name = found.groups()
        name = name.strip()
        if literal:
            return f"${{{name}}}"
        if name in own:
            return text(own[name], f"${{{name}}} in Fn::Sub")
        known = name in scope.pseudo or name in scope.parameters or "." not in name
        return text((ref if known else get_att)(name, scope), f"${{{name}}} in Fn::Sub")

    return VARIABLE.sub(replaced, form)


def join(value: Any, scope: Scope) -> str:
    """Return texts with a delimiter between them."""
    delimiter, parts = arguments(value, scope, "Fn::Join", 2)
    if not isinstance(parts, list):
        raise TemplateError("Template error: Fn::Join takes a delimiter and a list")
    return str(delimiter).join(text(part, "Fn::Join") for part in parts)


def select(value: Any, scope: Scope) -> Any:
    """Return one value of a list."""
    index, values = arguments(value, scope, "Fn::Select", 2)
    if isinstance(values, str):
        values = values.split(",")
    try:
        if int(index) < 0:
            raise IndexError
        return values[int(index)]
    except (IndexError, ValueError, TypeError, KeyError):
        raise TemplateError(f"Template error: Fn::Select cannot select index {index}") from None


def split(value: Any, scope: Scope) -> list[str]:
    """Return the parts of a text between delimiters."""
    delimiter, whole = arguments(value, scope, "Fn::Split", 2)
    if not delimiter:
        raise TemplateError("Template error: Fn::Split needs a delimiter")
    return text(whole, "Fn::Split").split(delimiter)


def find_in_map(value: Any, scope: Scope) -> Any:
    """Return a value of a mapping."""
    default: Any = NO_VALUE
    if scope.extended and isinstance(value, list) and len(value) == 4:
        default = resolve(value[3].get("DefaultValue", NO_VALUE), scope)
        value = value[:3]
    mapping, first, second = arguments(value, scope, "Fn::FindInMap", 3)
    try:
        return scope.mappings[mapping][str(first)][str(second)]
    except (KeyError, TypeError):
        if default is not NO_VALUE:
            return default
        raise TemplateError(
            f"Template error: Unable to get mapping for {mapping}::{first}::{second}"
        ) from None


def choose(value: Any, scope: Scope) -> Any:
    """Return the value that a condition chooses."""
    if not isinstance(value, list) or len(value) != 3:
        raise TemplateError("Template error: Fn::If takes a condition's name and two values")
    if value[0] not in scope.conditions:
        raise TemplateError(f"Template error: Fn::If refers to no condition: {value[0]}")
    return resolve(value[1 if scope.conditions[value[0]] else 2], scope)


def encode(value: Any, scope: Scope) -> str:
    """Return a text in base64."""
    return base64.b64encode(text(resolve(value, scope), "Fn::Base64").encode()).decode()


def cidr(value: Any, scope: Scope) -> list[str]:
    """Return the first blocks of a size in an address block."""
    block, count, *bits = arguments(value, scope, "Fn::Cidr", 2, 3)
    try:
        whole = ipaddress.ip_network(block, strict=False)
        prefix = whole.max_prefixlen - int(bits[0] if bits else 8)
        found = [str(n) for n in itertools.islice(whole.subnets(new_prefix=prefix), int(count))]
    except ValueError as error:
        raise TemplateError(f"Template error: Fn::Cidr: {error}") from error
    if len(found) < int(count):
        raise TemplateError(f"Template error: Fn::Cidr: {block} has no {count} blocks of /{prefix}")
    return found


def zones(value: Any, scope: Scope) -> list[str]:
    """Return a region's availability zones."""
    return scope.outside.zones(resolve(value, scope) or scope.pseudo["AWS::Region"])


def import_value(value: Any, scope: Scope) -> str:
    """Return the value of another stack's export."""
    return scope.outside.imported(text(resolve(value, scope), "Fn::ImportValue"))


def length(value: Any, scope: Scope) -> int:
    """Return the length of a list."""
    found = extension("Fn::Length", value, scope)
    if not isinstance(found, list):
        raise TemplateError("Template error: Fn::Length takes a list")
    return len(found)


def to_json(value: Any, scope: Scope) -> str:
    """Return a value as JSON text."""
    return json.dumps(extension("Fn::ToJsonString", value, scope), separators=(",", ":"))


def extension(name: str, value: Any, scope: Scope) -> Any:
    """Return a resolved argument; TemplateError where the template does not use the transform."""
    if not scope.extended:
        raise TemplateError(f"Template error: {name} needs the transform AWS::LanguageExtensions")
    return resolve(value, scope)


FUNCTIONS: dict[str, Callable[[Any, Scope], Any]] = {
    "Ref": ref,
    "Fn::Base64": encode,
    "Fn::Cidr": cidr,
    "Fn::FindInMap": find_in_map,
    "Fn::GetAZs": zones,
    "Fn::GetAtt": get_att,
    "Fn::If": choose,
    "Fn::ImportValue": import_value,
    "Fn::Join": join,
    "Fn::Length": length,
    "Fn::Select": select,
    "Fn::Split": split,
    "Fn::Sub": sub,
    "Fn::ToJsonString": to_json,
}
