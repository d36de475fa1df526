"""Which resource refers to which: the order in which a template's resources are made. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from slipway.cloud.cloudformation.functions import VARIABLE, function
from slipway.cloud.cloudformation.template import Definition, Template
from slipway.cloud.cloudformation.text import TemplateError

Graph = dict[str, frozenset[str]]  # logical id → those that come before


def active(template: Template, conditions: Mapping[str, bool]) -> dict[str, Definition]:
    """Return the resources whose condition holds; TemplateError where there is no such condition."""
    for found in template.resources.values():
        if found.condition and found.condition not in conditions:
            raise TemplateError(
                f"Template format error: Unresolved condition dependency {found.condition} in the "
                "Resources block of the template"
            )
    return {
        name: found
        for name, found in template.resources.items()
        if not found.condition or conditions[found.condition]
    }


def graph(template: Template, conditions: Mapping[str, bool], pseudo: Mapping[str, Any]) -> Graph:
    """Return what each active resource waits for.

    Raises:
        TemplateError: A reference to what is not there, or a circle.
    """
    there = active(template, conditions)
    known = there.keys() | template.parameters.keys() | pseudo.keys() | {"AWS::NoValue"}
    before: Graph = {}
    for name, found in there.items():
        named = set(references(found.properties, conditions))
        check(named - known, "Resources")
        check(set(found.depends_on) - template.resources.keys(), "Resources")
        before[name] = frozenset((named | set(found.depends_on)) & there.keys())
    for output in template.outputs.values():
        if conditions.get(output.get("Condition", ""), True):
            check(set(references(output.get("Value"), conditions)) - known, "Outputs")
    if circle := circular(before):
        names = ", ".join(sorted(circle))
        raise TemplateError(f"Circular dependency between resources: [{names}]")
    return before


def check(unresolved: set[str], block: str) -> None:
    """Refuse references to nothing."""
    if unresolved:
        names = ", ".join(sorted(unresolved))
        raise TemplateError(
            f"Template format error: Unresolved resource dependencies [{names}] in the {block} block "
            "of the template"
        )


def references(value: Any, conditions: Mapping[str, bool]) -> Iterator[str]:
    """Yield the names to which a value refers; of Fn::If the value that is chosen counts alone."""
    if isinstance(value, list):
        for item in value:
            yield from references(item, conditions)
    if not isinstance(value, dict):
        return
    name = function(value)
    argument = value.get(name)
    if name == "Ref":
        yield str(argument)
    elif name == "Fn::GetAtt":
        parts: Any = argument.split(".") if isinstance(argument, str) else argument
        yield str(parts[0])
        yield from references(parts[1:], conditions)
    elif name == "Fn::Sub":
        form, own = argument if isinstance(argument, list) else (argument, {})
        for literal, variable in VARIABLE.findall(str(form)):
            if not literal and variable.strip() not in own:
                yield whole(variable.strip())
        yield from references(list(own.values()), conditions)
    elif name == "Fn::If" and isinstance(argument, list) and argument[0] in conditions:
        yield from references(
            argument[1:2] if conditions[argument[0]] else argument[2:], conditions
        )
    else:
        for item in value.values():
            yield from references(item, conditions)


def whole(variable: str) -> str:
    """Return the name in a variable of Fn::Sub: `Bucket.Arn` is of Bucket, `AWS::Region` is itself."""
    return variable if variable.startswith("AWS::") else variable.split(".")[0]


def circular(before: Graph) -> set[str]:
    """Return the resources of which none can be the first."""
    left = dict(before)
    while free := [name for name, waits in left.items() if not waits & left.keys()]:
        for name in free:
            del left[name]
    while ends := [n for n in left if not any(n in waits for waits in left.values())]:
        for name in ends:  # they only wait for the circle
            del left[name]
    return set(left)


def in_order(before: Graph) -> list[str]:
    """Return the resources, each after those that it waits for."""
    found: dict[str, None] = {}
    left = dict(before)
    while left:
        free = [name for name, waits in left.items() if waits <= found.keys()]
        for name in free:
            found[name] = None
            del left[name]
    return list(found)
