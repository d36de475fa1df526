"""Reading typed members out of a JSON object, noting every fault instead of stopping at one."""

import re
from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import TypeVar

from slipway.definition.errors import ExpressionError, Fault, did_you_mean
from slipway.definition.model import Json
from slipway.definition.references import FUNCTIONS, children, expressions

E = TypeVar("E", bound=StrEnum)


class Reader:
    """One JSON object being read: its faults go, with step and place, to a list shared by all."""

    def __init__(
        self, value: Json, faults: list[Fault], step: str | None = None, where: str = ""
    ) -> None:
        self.faults, self.step, self.where = faults, step, where
        self.members: Mapping[str, Json] = value if isinstance(value, Mapping) else {}
        if not isinstance(value, Mapping):
            self.fault("Expecting start of Json Object.")

    def at(self, key: str) -> str:
        """Return the place of a member."""
        return f"{self.where}.{key}" if self.where else key

    def fault(self, message: str, key: str | None = None) -> None:
        """Note a fault of this object, or of one of its members."""
        self.faults.append(Fault(message, self.step, self.at(key) if key else self.where))

    def inner(self, key: str, number: int | None = None) -> "Reader":
        """Return a reader of a member, or of one element of a list member."""
        place = self.at(key)
        if number is None:
            return Reader(self.members.get(key), self.faults, self.step, place)
        element = self.members[key][number]
        return Reader(element, self.faults, self.step, f"{place}[{number}]")

    def only(self, *known: str) -> None:
        """Note every member that is not known."""
        for key in self.members.keys() - set(known):
            hint = did_you_mean(key, known)
            self.fault(f"Cannot parse object, unknown property '{key}'.{hint}")

    def has(self, key: str) -> bool:
        """Return whether a member is there and not null."""
        return self.members.get(key) is not None

    def required(self, key: str) -> bool:
        """Return whether a member is there; note its absence."""
        if not self.has(key):
            self.fault(f"Missing required property '{key}'.")
        return self.has(key)

    def text(self, key: str, longest: int | None = None, pattern: str = "") -> str | None:
        """Return a string member, None when absent or faulty."""
        value = self.members.get(key)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fault(f"Expecting a string, found {_kind(value)}.", key)
            return None
        if longest is not None and len(value) > longest:
            limits = f"(length: {len(value)}, maximum allowed: {longest})"
            self.fault(f'[string "{value[:80]}" is too long {limits}]', key)
            return None
        if pattern and not re.fullmatch(pattern, value):
            self.fault(f"'{value}' does not match the pattern {pattern}.", key)
            return None
        return value

    def number(self, key: str, low: float, high: float) -> float | None:
        """Return a number member within bounds, None when absent or faulty."""
        value = self.members.get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fault(f"Expecting a number, found {_kind(value)}.", key)
        elif not low <= value <= high:
            self.fault(f"{value} is out of range: expected {low:g} to {high:g}.", key)
        else:
            return value
        return None

    def integer(self, key: str, low: int, high: int) -> int | None:
        """Return an integer member within bounds, None when absent or faulty."""
        value = self.number(key, low, high)
        if value is None or isinstance(value, int):
            return value
        self.fault(f"Expecting an integer, found {value}.", key)
        return None

    def flag(self, key: str) -> bool | None:
        """Return a boolean member, None when absent or faulty."""
        value = self.members.get(key)
        if value is None or isinstance(value, bool):
            return value
        self.fault(f"Expecting true or false, found {_kind(value)}.", key)
        return None

    def choice(self, key: str, choices: type[E]) -> E | None:
        """Return a member that is one of an enumeration's values, None when absent or faulty."""
        value = self.text(key)
        if value is None:
            return None
        return self.one_of(value, choices, key)

    def one_of(self, value: str, choices: type[E], key: str) -> E | None:
        """Return the enumeration's member of that value; note a fault when there is none."""
        try:
            return choices(value)
        except ValueError:
            known: Collection[str] = [str(choice) for choice in choices]
            self.fault(f"Unknown {key} '{value}'.{did_you_mean(value, known)}", key)
            return None

    def mapping(self, key: str) -> Mapping[str, Json]:
        """Return an object member, empty when absent or faulty."""
        value = self.members.get(key)
        if value is None or isinstance(value, Mapping):
            return value or {}
        self.fault("Expecting start of Json Object.", key)
        return {}

    def array(self, key: str) -> list[Json]:
        """Return a list member, empty when absent or faulty."""
        value = self.members.get(key)
        if value is None or isinstance(value, list):
            return value or []
        self.fault("Expecting start of Json Array.", key)
        return []

    def elements(self, key: str) -> list["Reader"]:
        """Return a reader of every element of a list of objects."""
        return [self.inner(key, number) for number, _ in enumerate(self.array(key))]

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings, without its faulty elements."""
        values = self.array(key)
        for number, value in enumerate(values):
            if not isinstance(value, str):
                self.fault(f"Expecting a string, found {_kind(value)}.", f"{key}[{number}]")
        return tuple(value for value in values if isinstance(value, str))

    def check_expressions(self, value: Mapping[str, Json], key: str = "") -> None:
        """Note the malformed expressions in an object, one for each of its members."""
        if len(value) == 1 and next(iter(value)) in FUNCTIONS:
            self.fault("Expecting start of Json Object.", key or None)
            return
        for place, inner in children(value, key):
            try:
                for _ in expressions(inner, place):
                    pass
            except ExpressionError as error:
                self.fault(str(error), place)


def _kind(value: Json) -> str:
    match value:
        case bool() | None:
            return {True: "true", False: "false", None: "null"}[value]
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the string '{value[:40]}'"
        case list():
            return "an array"
    return "an object"
