"""What an update would change: resources to add, modify, replace and remove. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slipway.cloud.cloudformation import references
from slipway.cloud.cloudformation.context import Context
from slipway.cloud.cloudformation.functions import NotYet, resolve
from slipway.cloud.cloudformation.resource import Made
from slipway.cloud.cloudformation.stack import Physical, Record

ABSENT = object()


@dataclass(frozen=True)
class Detail:
    """One property of a resource that changes."""

    name: str
    recreation: str  # RequiresRecreation: Never, Conditionally, Always
    evaluation: str = "Static"  # Dynamic: known when what it refers to is made
    cause: str = ""  # the resource to which it refers
    before: Any = ABSENT
    after: Any = ABSENT


@dataclass(frozen=True)
class Change:
    """One resource that changes."""

    action: str  # Add, Modify, Remove
    logical_id: str
    type: str
    physical_id: str = ""
    replacement: str = ""  # of Modify: True, False, Conditional
    scope: tuple[str, ...] = ()
    details: tuple[Detail, ...] = field(default=())
    policy: str = ""  # PolicyAction


def plan(
    records: Mapping[str, Record],
    context: Context,
    replacing: Callable[[str], frozenset[str]],
    tagged: Callable[[str], bool],
) -> list[Change]:
    """Return what changes, in the order in which it is done.

    Args:
        records: The resources that there are.
        context: What there shall be.
        replacing: The properties of a type whose change needs a new resource.
        tagged: Whether a type takes the stack's tags.
    """
    there = {name: found.now for name, found in records.items() if found.now}
    made = {name: found.made() for name, found in there.items()}
    changes = []
    for name in references.in_order(context.graph):
        definition = context.definitions[name]
        if name not in there:
            made.pop(name, None)
            changes.append(Change("Add", name, definition.type))
            continue
        found = modified(name, records[name], there[name], context, made, replacing, tagged)
        if found:
            changes.append(found)
            if found.replacement == "True":
                del made[name]  # what refers to it changes, too
    for name, old in there.items():
        if name not in context.definitions:
            kept = "Retain" if old.deletion != "Delete" else "Delete"
            changes.append(Change("Remove", name, old.type, old.physical_id, policy=kept))
    return changes


def modified(
    name: str,
    record: Record,
    old: Physical,
    context: Context,
    made: Mapping[str, Made],
    replacing: Callable[[str], frozenset[str]],
    tagged: Callable[[str], bool],
) -> Change | None:
    """Return how a resource changes; None where it does not."""
    definition = context.definitions[name]
    details = list(differences(name, old, context, made, replacing(definition.type)))
    scope = ["Properties"] if details else []
    if record.status.endswith("_FAILED") and not details:
        scope.append("Properties")
    if old.tags != context.version.tags and tagged(definition.type):
        scope.append("Tags")
    if record.metadata != definition.metadata:
        scope.append("Metadata")
    if old.deletion != definition.deletion:
        scope.append("DeletionPolicy")
    if old.replacement != definition.replacement:
        scope.append("UpdateReplacePolicy")
    if not scope:
        return None
    recreations = {(each.recreation, each.evaluation) for each in details}
    replacement = "False"
    if ("Always", "Static") in recreations:
        replacement = "True"
    elif any(recreation != "Never" for recreation, _ in recreations):
        replacement = "Conditional"
    policy = ""
    if replacement == "True":
        kept = definition.replacement == "Retain"
        policy = "ReplaceAndRetain" if kept else "ReplaceAndDelete"
    return Change(
        "Modify",
        name,
        definition.type,
        old.physical_id,
        replacement,
        tuple(scope),
        tuple(details),
        policy,
    )


def differences(
    name: str,
    old: Physical,
    context: Context,
    made: Mapping[str, Made],
    replacing: frozenset[str],
) -> list[Detail]:
    """Return the properties that change, and those that do if what they refer to is another then."""
    scope = context.scope(made)
    properties, found = context.definitions[name].properties, []
    for key in sorted(properties.keys() | old.properties.keys()):
        before = old.properties.get(key, ABSENT)
        recreation = "Always" if key in replacing else "Never"
        try:
            after = resolve({key: properties[key]}, scope) if key in properties else {}
        except NotYet as cause:
            recreation = "Conditionally" if key in replacing else "Never"
            found.append(Detail(key, recreation, "Dynamic", str(cause), before))
            continue
        if after.get(key, ABSENT) != before:
            found.append(Detail(key, recreation, before=before, after=after.get(key, ABSENT)))
    return found
