"""What an operation does with the members of its request, where that is less than AWS does. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Coverage:
    """Members of one operation's request by path (`Containers[].ImageConfig`), each with a reason.

    All other members are honored: a Describe shows them, or `behaves` says what they do.
    """

    refused: Mapping[str, str] = field(default_factory=dict)  # the request is refused: why
    # the request is taken, and the member kept and shown, but it has no effect: why
    not_honored: Mapping[str, str] = field(default_factory=dict)
    # certain values are refused, by the operation itself: which
    limited: Mapping[str, str] = field(default_factory=dict)
    behaves: Mapping[str, str] = field(default_factory=dict)  # not shown, but it acts: how


NOTHING = Coverage()


def refusals(coverage: Coverage, request: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each member of a request that the local cloud refuses."""
    for path, reason in coverage.refused.items():
        if any(True for _ in values(path, request)):
            yield f"The local cloud does not support {path}: {reason}."


def values(path: str, request: Any) -> Iterator[Any]:
    """Yield what a request has at a path; `[]` stands for every element of a list."""
    name, _, rest = path.partition(".")
    several = name.endswith("[]")
    found = request.get(name.removesuffix("[]"))
    if found is None:
        return
    for value in found if several else [found]:
        if rest:
            yield from values(rest, value)
        else:
            yield value
