"""Numbers that the environment sets."""

import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import TypeVar

Kind = TypeVar("Kind")


class BadSetting(ValueError):
    """A setting is not what is expected; the message names it, and what was found."""


def number(
    environment: Mapping[str, str],
    name: str,
    default: float,
    expected: str = "a number of at least 0",
    fits: Callable[[float], bool] = lambda found: found >= 0,
) -> float:
    """Return a setting, or its default where it is not set or empty.

    Raises:
        BadSetting: It is not what is expected.
    """
    said = environment.get(name, "")
    try:
        found = float(said or default)
    except ValueError:
        found = math.nan
    if not (math.isfinite(found) and fits(found)):
        raise BadSetting(f"{name}: expected {expected}, found {said!r}")
    return found


def whole(
    environment: Mapping[str, str],
    name: str,
    default: int,
    expected: str = "a whole number of at least 0",
    most: float = math.inf,
) -> int:
    """Return a setting that is a whole number; as for `number`."""
    found = number(
        environment, name, default, expected, lambda n: n.is_integer() and 0 <= n <= most
    )
    return int(found)


def numbers(kind: type[Kind], prefix: str, environment: Mapping[str, str]) -> Kind:
    """Return a dataclass whose members are set by the prefix and their names; as for `number`."""
    found = {
        each.name: number(environment, prefix + each.name.upper(), getattr(kind, each.name))
        for each in fields(kind)  # type: ignore[arg-type]
    }
    return kind(**found)
