"""A time series: what a metric or an expression is in a range of time. Pure."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Range:
    """A range of time in periods."""

    start: int  # epoch seconds, inclusive
    end: int  # exclusive
    period: int  # seconds

    def times(self) -> range:
        """The beginnings of all periods."""
        return range(self.start, self.end, self.period)


@dataclass(frozen=True)
class Series:
    """Values by the beginning of their period, in the order of time."""

    points: Mapping[int, float]
    period: int
    label: str = ""


def finite(apply: Callable[[float, float], float], left: float, right: float) -> float | None:
    """Return an operator's value; None where it is no real number."""
    try:
        found = apply(left, right)
    except (ArithmeticError, ValueError):
        return None
    return found if isinstance(found, float | int) and math.isfinite(found) else None
