"""What an event pattern may ask of one value: the tests that stand in its arrays. Pure.

Source: the EventBridge user guide, "Comparison operators for use in event patterns".
"""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

FURTHEST = 5_000_000_000  # the numbers that `numeric` compares lie within ±5 billion
CIDR = re.compile(r"[^/]+/\d{1,3}")
COMPARE: dict[str, Callable[[float, float], bool]] = {
    "=": lambda value, bound: value == bound,
    "<": lambda value, bound: value < bound,
    "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound,
    ">=": lambda value, bound: value >= bound,
}
LOW, HIGH = (">", ">="), ("<", "<=")

Holds = Callable[[Any], bool]


class BadPattern(ValueError):
    """Why a pattern is none, in EventBridge's words."""


@dataclass(frozen=True)
class Test:
    """A test of one value of an event; `present` is what is asked of the field itself."""

    holds: Holds
    present: bool = True  # False: the field must not be there


def read(found: Any) -> Test:
    """Return the test that an element of a pattern's array means; BadPattern."""
    if isinstance(found, Mapping):
        if len(found) != 1:
            raise BadPattern("Only one key allowed in match expression")
        ((name, value),) = found.items()
        if name == "exists":
            if not isinstance(value, bool):
                raise BadPattern("exists match pattern must be either true or false.")
            return Test(lambda _: True, value)
        if name not in TESTS:
            raise BadPattern(f"Unrecognized match type {name}")
        return Test(TESTS[name](value))
    if isinstance(found, list):
        raise BadPattern("Match value must be String, number, true, false, or null")
    return Test(same(found))


def same(wanted: Any) -> Holds:
    """Return the test for a value; 300 and 300.0 are not the same, nor are 1 and true."""
    return lambda value: type(value) is type(wanted) and value == wanted


def text(value: Any, name: str) -> str:
    """Return what must be a string; BadPattern."""
    if not isinstance(value, str):
        raise BadPattern(f"{name} match pattern must be a string")
    return value


def of_text(name: str, compare: Callable[[str, str], bool]) -> Callable[[Any], Holds]:
    """Return what makes tests of strings, `{"equals-ignore-case": …}` inside them understood."""

    def make(wanted: Any) -> Holds:
        if isinstance(wanted, Mapping) and set(wanted) == {"equals-ignore-case"}:
            low = text(wanted["equals-ignore-case"], name).casefold()
            return lambda value: isinstance(value, str) and compare(value.casefold(), low)
        exact = text(wanted, name)
        return lambda value: isinstance(value, str) and compare(value, exact)

    return make


def ignoring_case(wanted: Any) -> Holds:
    """Return the test for a string in any case."""
    low = text(wanted, "equals-ignore-case").casefold()
    return lambda value: isinstance(value, str) and value.casefold() == low


def wildcard(wanted: Any) -> Holds:
    r"""Return the test for a string with `*` for any characters; `\*` and `\\` stand for themselves."""
    parts, place = [], 0
    found = text(wanted, "wildcard")
    while place < len(found):
        letter = found[place]
        if letter == "\\":
            if found[place + 1 : place + 2] not in ("*", "\\"):
                raise BadPattern(f"Invalid escape character at pos {place}")
            parts.append(re.escape(found[place + 1]))
            place += 1
        elif letter == "*":
            if found[place + 1 : place + 2] == "*":
                raise BadPattern(f"Consecutive wildcard characters at pos {place}")
            parts.append(".*")
        else:
            parts.append(re.escape(letter))
        place += 1
    pattern = re.compile("".join(parts), re.DOTALL)
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def numeric(wanted: Any) -> Holds:
    """Return the test of a number: one comparison, or a lower and an upper bound."""
    if not isinstance(wanted, list):
        raise BadPattern("Value of numeric must be an array.")
    if not wanted:
        raise BadPattern("Invalid member in numeric match: ]")
    if len(wanted) > 4:
        raise BadPattern("Too many terms in numeric range expression")
    bounds = [*wanted[1::2], None]
    pairs: list[tuple[Any, Any]] = list(zip(wanted[::2], bounds, strict=False))
    for operator, bound in pairs:
        if not isinstance(operator, str) or operator not in COMPARE:
            raise BadPattern(f"Unrecognized numeric range operator: {operator}")
        if not is_number(bound):
            raise BadPattern(f"Value of {operator} must be numeric")
        if abs(bound) > FURTHEST:
            raise BadPattern(f"Value must be between -{FURTHEST} and {FURTHEST}, inclusive")
    if len(pairs) == 2:
        (first, low), (second, high) = pairs
        if first not in LOW or second not in HIGH:
            raise BadPattern(f"Bad numeric range operator: {second if first in LOW else first}")
        if low >= high:
            raise BadPattern("Bottom must be less than top")
    return lambda value: is_number(value) and all(COMPARE[o](value, bound) for o, bound in pairs)


def is_number(value: Any) -> bool:
    """Tell whether a JSON value is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def cidr(wanted: Any) -> Holds:
    """Return the test for an address of a network."""
    if not isinstance(wanted, str) or not CIDR.fullmatch(wanted):
        raise BadPattern("Malformed CIDR, one '/' required")
    try:
        network = ipaddress.ip_network(wanted, strict=False)
    except ValueError as error:
        raise BadPattern(f"Malformed CIDR, {error}") from error

    def holds(value: Any) -> bool:
        try:
            return isinstance(value, str) and ipaddress.ip_address(value) in network
        except ValueError:
            return False

    return holds


def anything_but(wanted: Any) -> Holds:
    """Return the test for every value but some: strings, numbers, or what another test takes."""
    if isinstance(wanted, Mapping):
        if len(wanted) != 1:
            raise BadPattern("Only one key allowed in match expression")
        ((name, values),) = wanted.items()
        if name not in BUT:
            raise BadPattern(f"Unsupported anything-but pattern: {name}")
        listed = values if isinstance(values, list) else [values]
        if not listed:
            raise BadPattern("Empty arrays are not allowed")
        tests = [TESTS[name](value) for value in listed]
    else:
        listed = wanted if isinstance(wanted, list) else [wanted]
        if not listed:
            raise BadPattern("Empty arrays are not allowed")
        kinds = {str if isinstance(value, str) else is_number(value) for value in listed}
        if False in kinds:
            raise BadPattern("Inside anything but list, start|null|boolean is not supported.")
        if len(kinds) > 1:
            raise BadPattern(
                "Inside anything but list, either all values are Number or String, mixed type is not "
                "supported"
            )
        tests = [same(value) for value in listed]
    return lambda value: not any(test(value) for test in tests)


BUT = ("prefix", "suffix", "equals-ignore-case", "wildcard")
TESTS: dict[str, Callable[[Any], Holds]] = {
    "prefix": of_text("prefix", str.startswith),
    "suffix": of_text("suffix", str.endswith),
    "equals-ignore-case": ignoring_case,
    "wildcard": wildcard,
    "numeric": numeric,
    "cidr": cidr,
    "anything-but": anything_but,
}
