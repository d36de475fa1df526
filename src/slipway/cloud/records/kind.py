"""What is declared of a kind of resource that is a record, and what follows from it. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slipway.cloud.coverage import Coverage
from slipway.cloud.service import Call

RECORD = "kept and shown; nothing runs behind it"

# A resource as it is stored: the members of its requests, and what AWS adds; times as epoch seconds.
Document = dict[str, Any]


def nothing(call: Call, document: Document) -> Document:
    """Add nothing to a new resource."""
    return {}


def everything(document: Document) -> Document:
    """Show a resource as it is stored."""
    return document


def merged(document: Document, request: Mapping[str, Any]) -> Document:
    """Return a document with a request's members; structures are merged, all else is replaced."""
    return document | {
        name: merged(document[name], value)
        if isinstance(value, dict) and isinstance(document.get(name), dict)
        else value
        for name, value in request.items()
    }


@dataclass(frozen=True)
class Kind:
    """A kind of resource: what its operations are called, and what AWS does that the model does not say."""

    service: str  # botocore's name
    name: str  # in the names of operations: "UserProfile"
    key: tuple[str, ...]  # the members by which requests name one
    arn: tuple[str, str]  # its member, and what stands after the account: "domain/{DomainId}"
    title: str = ""  # the member that lists sort and search by; else the key's last
    listed: str = ""  # the operation, where it is not `List{name}s`
    read: str = "Describe"
    updates: bool = True
    times: tuple[str, str] = ("CreationTime", "LastModifiedTime")
    tags: str = "Tags"  # the member that holds them; "" where the kind has none
    # What is stored of a Create's or Update's members. Raises a ServiceError to refuse them.
    asked: Callable[[Mapping[str, Any]], Document] = dict
    # What AWS adds to a new one: ids, states, defaults. Raises a ServiceError to refuse it.
    added: Callable[[Call, Document], Document] = nothing
    change: Callable[[Document, Mapping[str, Any]], Document] = merged
    # Adds what Describe, lists and filters show beside what is stored.
    shown: Callable[[Document], Document] = everything
    deleted: Mapping[str, Any] = field(default_factory=dict)  # what Delete's answer shows instead
    within: "Kind | None" = None  # the kind that it lives in, which is not deleted before it
    order: str = "Ascending"  # of lists
    sort_by: str = "CreationTime"
    equal: Mapping[str, str] = field(
        default_factory=dict
    )  # filter → member, where the names differ
    invalid: str = "ValidationException"  # the code of a request that makes no sense
    why: str = RECORD  # why its members have no effect
    coverage: Mapping[str, Coverage] = field(default_factory=dict)  # by operation, what differs

    def operation(self, verb: str) -> str:
        """Return the name of an operation: "Create", "Read", "Update", "Delete" or "List"."""
        if verb == "List":
            return self.listed or f"List{self.name}s"
        return f"{self.read if verb == 'Read' else verb}{self.name}"

    def verbs(self) -> tuple[str, ...]:
        """Return the verbs that the kind has operations of."""
        return ("Create", "Read", *(("Update",) if self.updates else ()), "Delete", "List")
