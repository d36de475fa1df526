"""A stack and its resources as they are kept. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from slipway.cloud.cloudformation.parameters import Parameter
from slipway.cloud.cloudformation.resource import Made

KEEPS = ("Retain", "RetainExceptOnCreate")


@dataclass(frozen=True)
class Version:
    """What a stack shall be: a template and what goes with it."""

    template: str  # its text
    parameters: Mapping[str, Parameter]
    tags: Mapping[str, str]
    capabilities: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()  # NotificationARNs


@dataclass(frozen=True)
class Operation:
    """What is being done to a stack, and for whom."""

    id: str
    access_key: str  # the caller's
    token: str = ""  # ClientRequestToken
    on_failure: str = "ROLLBACK"  # DELETE, DO_NOTHING
    cancelled: str = ""  # why nothing more is begun, if it is so
    deadline: float = 0.0  # of a creation, in epoch seconds; 0: none
    skip: tuple[str, ...] = ()  # resources that a rollback leaves, or a deletion retains
    retain_new: bool = True  # False: RetainExceptOnCreate


@dataclass(frozen=True)
class Stack:
    """One stack."""

    id: str  # its ARN
    name: str
    status: str
    version: Version
    created: float
    reason: str = ""
    updated: float | None = None
    deleted: float | None = None
    stable: Version | None = None  # the last one that was reached whole
    role: str = ""
    outputs: tuple[Mapping[str, str], ...] = ()
    imports: tuple[str, ...] = ()  # the exports of others that it uses
    protected: bool = False  # EnableTerminationProtection
    change_set: str = ""  # the id of the one that was executed last
    parent: str = ""
    root: str = ""
    disable_rollback: bool = False
    timeout: int | None = None  # TimeoutInMinutes
    operation: Operation | None = None  # while something is in progress


@dataclass(frozen=True)
class Physical:
    """A resource that exists, as its template made it."""

    type: str
    physical_id: str
    attributes: Mapping[str, Any]
    properties: Mapping[str, Any]  # resolved, but for dynamic references
    tags: Mapping[str, str]  # the stack's
    depends_on: tuple[str, ...]
    deletion: str = "Delete"  # DeletionPolicy
    replacement: str = "Delete"  # UpdateReplacePolicy

    def made(self) -> Made:
        """Return it as its type knows it."""
        return Made(self.physical_id, self.attributes)


@dataclass(frozen=True)
class Record:
    """One logical resource of a stack."""

    logical_id: str
    type: str
    status: str
    time: float
    reason: str = ""
    now: Physical | None = None
    before: Physical | None = (
        None  # where it was touched: what it was when the stack was last whole
    )
    touched: bool = False  # since the stack was last whole
    begun: str = ""  # the step that was begun last: "OPERATION/STACK STATUS"
    ended: str = ""  # the step that ended last
    attempted: Mapping[str, Any] | None = None  # the properties of an update that failed
    metadata: Any = None


@dataclass(frozen=True)
class Leftover:
    """A resource that another one has replaced, until it is removed."""

    logical_id: str
    of: Physical
    ended: str = ""
    failed: bool = False


def document(of: Any) -> dict[str, Any]:
    """Return the document in which one of these is kept."""
    return asdict(of)


def version(found: Mapping[str, Any]) -> Version:
    """Return a version from its document."""
    return Version(
        found["template"],
        {name: Parameter(**one) for name, one in found["parameters"].items()},
        found["tags"],
        tuple(found["capabilities"]),
        tuple(found["topics"]),
    )


def stack(found: Mapping[str, Any]) -> Stack:
    """Return a stack from its document."""
    plain = {each.name: found[each.name] for each in fields(Stack)}
    operation = found["operation"]
    if operation:
        operation = Operation(**operation | {"skip": tuple(operation["skip"])})
    return Stack(
        **plain
        | {
            "version": version(found["version"]),
            "stable": version(found["stable"]) if found["stable"] else None,
            "outputs": tuple(found["outputs"]),
            "imports": tuple(found["imports"]),
            "operation": operation,
        }
    )


def physical(found: Mapping[str, Any] | None) -> Physical | None:
    """Return an existing resource from its document."""
    return Physical(**{**found, "depends_on": tuple(found["depends_on"])}) if found else None


def record(found: Mapping[str, Any]) -> Record:
    """Return a logical resource from its document."""
    own = {"now": physical(found["now"]), "before": physical(found["before"])}
    return Record(**{**found, **own})


def leftover(found: Mapping[str, Any]) -> Leftover:
    """Return a replaced resource from its document."""
    return Leftover(**{**found, "of": physical(found["of"])})
