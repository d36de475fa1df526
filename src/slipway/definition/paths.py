"""Paths into values: `.member`, `[0]`, `['key']`."""

import re
from dataclasses import dataclass

from slipway.definition.errors import ExpressionError


@dataclass(frozen=True)
class Member:
    """`.name`: a member of an object."""

    name: str

    def __str__(self) -> str:
        return f".{self.name}"


@dataclass(frozen=True)
class Index:
    """`[0]`: an element of a list."""

    number: int

    def __str__(self) -> str:
        return f"[{self.number}]"


@dataclass(frozen=True)
class Key:
    """`['name']`: a key of a map, or the element of that name in a list of named things."""

    name: str

    def __str__(self) -> str:
        return f"['{self.name}']"


Path = tuple[Member | Index | Key, ...]

_ELEMENT = re.compile(r"\.([^.\[\]'\"]+)|\[(\d+)\]|\['([^']*)'\]|\[\"([^\"]*)\"\]")


def parse_path(text: str) -> Path:
    """Read `.a.b[0]['k']` (a first member may go without its dot); ExpressionError if malformed."""
    rest = text if text.startswith((".", "[")) or not text else f".{text}"
    path: list[Member | Index | Key] = []
    while rest:
        match = _ELEMENT.match(rest)
        if match is None:
            raise ExpressionError(
                f"'{text}' is not a path: expected members '.a', indexes '[0]' and keys \"['k']\", "
                f"found '{rest}'"
            )
        member, index, single, double = match.groups()
        if member is not None:
            path.append(Member(member))
        elif index is not None:
            path.append(Index(int(index)))
        else:
            path.append(Key(single if single is not None else double))
        rest = rest[match.end() :]
    return tuple(path)


def render_path(path: Path) -> str:
    """Write a path as it follows a name: `.a.b[0]['k']`."""
    return "".join(str(element) for element in path)
