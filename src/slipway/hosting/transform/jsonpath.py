"""The JSONPath of InputFilter and OutputFilter: the operators that SageMaker names. Pure.

    $   .name   ['name']   ['a','b']   .*   [*]   [n]   [n,m]   [a:b]

Source: AWS's page on associating predictions with input; where it is silent, the Jayway library that it
names (docs/decisions).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

NAME = re.compile(r"\.(?P<name>[^.\[\]*'\"\s]+)")
STAR = re.compile(r"\.\*|\.?\[\*\]")
NAMES = re.compile(
    r"""\.?\[\s*(?P<names>(?:'[^']*'|"[^"]*")(?:\s*,\s*(?:'[^']*'|"[^"]*"))*)\s*\]"""
)
INDEXES = re.compile(r"\.?\[\s*(?P<indexes>-?\d+(?:\s*,\s*-?\d+)*)\s*\]")
SLICE = re.compile(r"\.?\[\s*(?P<start>-?\d+)?\s*:\s*(?P<end>-?\d+)?\s*\]")
QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")

Choose = Callable[[Any], Any]


class NotFound(ValueError):
    """A value that has nothing where the path leads."""


@dataclass(frozen=True)
class Step:
    """One operator of a path."""

    choose: Choose
    several: bool  # what comes after it is asked of each of its values
    of_rows: bool  # it can be asked of an array


@dataclass(frozen=True)
class Path:
    """A path that was read."""

    text: str
    steps: tuple[Step, ...]

    @property
    def everything(self) -> bool:
        """Whether it is `$`."""
        return not self.steps

    @property
    def of_columns(self) -> bool:
        """Whether it can be asked of a row of CSV, which is an array of texts."""
        return len(self.steps) <= 1 and all(step.of_rows for step in self.steps)

    def __call__(self, value: Any) -> Any:
        """Return what the path finds in a value; NotFound."""
        return follow(self.steps, value)


def read(text: str) -> Path:
    """Read a path; ValueError names the first part that is none of the operators."""
    if not text.startswith("$"):
        raise ValueError(f"the JSONPath {text!r} does not begin with $")
    steps, at = [], 1
    while at < len(text):
        for pattern, make in OPERATORS:
            if match := pattern.match(text, at):
                steps.append(make(match))
                at = match.end()
                break
        else:
            raise ValueError(
                f"the JSONPath {text!r}: {text[at:]!r} is none of the operators .name, ['a','b'], "
                ".*, [n,m] and [a:b]"
            )
    return Path(text, tuple(steps))


def follow(steps: tuple[Step, ...], value: Any) -> Any:
    """Return what the steps find in a value."""
    for position, step in enumerate(steps):
        value = step.choose(value)
        rest = steps[position + 1 :]
        if step.several and rest:
            each = value.values() if isinstance(value, dict) else value
            return [follow(rest, one) for one in each]
    return value


def child(match: re.Match[str]) -> Step:
    """Return the step to one member."""
    return member(match["name"])


def member(name: str) -> Step:
    """Return the step to the member of a name."""

    def choose(value: Any) -> Any:
        if not isinstance(value, dict) or name not in value:
            raise NotFound(f"expected a member {name!r}, found {shown(value)}")
        return value[name]

    return Step(choose, several=False, of_rows=False)


def children(match: re.Match[str]) -> Step:
    """Return the step to the members of the names, as an object; those that are not there are left out."""
    names = [single or double for single, double in QUOTED.findall(match["names"])]
    if len(names) == 1:
        return member(names[0])

    def choose(value: Any) -> Any:
        if not isinstance(value, dict):
            raise NotFound(f"expected an object, found {shown(value)}")
        return {name: value[name] for name in names if name in value}

    return Step(choose, several=True, of_rows=False)


def everything(_: re.Match[str]) -> Step:
    """Return the step to all members or elements, as an array."""

    def choose(value: Any) -> Any:
        if isinstance(value, dict):
            return list(value.values())
        return elements(value)

    return Step(choose, several=True, of_rows=True)


def places(match: re.Match[str]) -> Step:
    """Return the step to the elements at some places, from 0, or from the end where negative."""
    wanted = [int(place) for place in match["indexes"].split(",")]

    def choose(value: Any) -> Any:
        found = elements(value)
        for place in wanted:
            if not -len(found) <= place < len(found):
                raise NotFound(f"expected an element {place}, found {len(found)} elements")
        chosen = [found[place] for place in wanted]
        return chosen if len(wanted) > 1 else chosen[0]

    return Step(choose, several=len(wanted) > 1, of_rows=True)


def part(match: re.Match[str]) -> Step:
    """Return the step to the elements from a place to before another."""
    start, end = (int(match[name]) if match[name] else None for name in ("start", "end"))
    return Step(lambda value: elements(value)[start:end], several=True, of_rows=True)


def elements(value: Any) -> list[Any]:
    """Return an array; NotFound for anything else."""
    if not isinstance(value, list):
        raise NotFound(f"expected an array, found {shown(value)}")
    return value


def shown(value: Any) -> str:
    """Return a value for a message."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"


OPERATORS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Step]], ...] = (
    (NAME, child),
    (STAR, everything),
    (NAMES, children),
    (INDEXES, places),
    (SLICE, part),
)
