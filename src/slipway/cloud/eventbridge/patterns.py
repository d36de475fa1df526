"""Event patterns: which events a rule wants. Pure.

Source: the EventBridge user guide, "Amazon EventBridge event patterns". A field that is an object or an
array in an event has no value of its own; an array stands for each of its elements, and fields below
one are looked for in one element.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from slipway.cloud.eventbridge.pattern_tests import BadPattern, Test, read

OR = "$or"
LARGEST = 4096  # characters of a pattern
DEEPEST = 100  # levels of an event or a pattern


@dataclass(frozen=True)
class Pattern:
    """What an object of a pattern asks of an object of an event."""

    leaves: tuple[tuple[str, tuple[Test, ...]], ...]  # field → tests, of which one must hold
    below: tuple[tuple[str, "Pattern"], ...]  # field → what its object must be
    either: tuple["Pattern", ...] = ()  # $or: one of them, where there are some


def parse(text: str) -> Pattern:
    """Read a pattern; BadPattern says what is wrong with it."""
    if len(text) > LARGEST:
        raise BadPattern(f"Pattern is too large, at most {LARGEST} characters are allowed")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadPattern(f"Invalid JSON: {error}") from error
    if not isinstance(found, dict):
        raise BadPattern("Filter is not an object")
    return compiled(found, 0)


def compiled(found: Mapping[str, Any], depth: int) -> Pattern:
    """Return an object of a pattern; BadPattern."""
    if not found:
        raise BadPattern("Empty objects are not allowed")
    if depth > DEEPEST:
        raise BadPattern("Pattern is nested too deeply")
    leaves, below = [], []
    either: tuple[Pattern, ...] = ()
    for name, value in found.items():
        if name == OR and isinstance(value, list) and all(isinstance(v, dict) for v in value):
            if len(value) < 2:
                raise BadPattern("There must have at least 2 Objects in $or relationship.")
            either = tuple(compiled(each, depth + 1) for each in value)
        elif isinstance(value, dict):
            below.append((name, compiled(value, depth + 1)))
        elif isinstance(value, list):
            if not value:
                raise BadPattern("Empty arrays are not allowed")
            leaves.append((name, tuple(read(each) for each in value)))
        else:
            raise BadPattern(f'"{name}" must be an object or an array')
    return Pattern(tuple(leaves), tuple(below), either)


def matches(pattern: Pattern, event: Any) -> bool:
    """Tell whether an object of an event is what a pattern asks for; {} for one that is not there."""
    return (
        all(passes(tests, list(values(event, name))) for name, tests in pattern.leaves)
        and all(
            any(matches(inner, each) for each in objects(event, name) or [{}])
            for name, inner in pattern.below
        )
        and (not pattern.either or any(matches(each, event) for each in pattern.either))
    )


def passes(tests: tuple[Test, ...], found: list[Any]) -> bool:
    """Tell whether one test holds for one of the values; only an absent field has none."""
    return any(
        any(test.holds(value) for value in found) if test.present else not found for test in tests
    )


def values(event: Mapping[str, Any], name: str) -> Iterator[Any]:
    """Yield the values of a field that are neither objects nor arrays."""
    if name in event:
        yield from (value for value in flat(event[name]) if not isinstance(value, dict))


def objects(event: Mapping[str, Any], name: str) -> list[Any]:
    """Return the objects of a field."""
    return [value for value in flat(event.get(name)) if isinstance(value, dict)]


def flat(value: Any) -> Iterator[Any]:
    """Yield a value, or the elements of an array and of those within it."""
    if isinstance(value, list):
        for each in value:
            yield from flat(each)
    else:
        yield value
