"""What is kept of the values of a metric in a stretch of time: a statistic set and a distribution. Pure."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

EXACT = 150  # distinct values that are kept as they are, as many as PutMetricData takes at once
MEASURED = 32  # the same for what services measure, thousands of values in a second
STEP = math.log(1.02)  # beyond that, values share a logarithmic grid: off by 1 % at most


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The values of a metric in a stretch of time."""

    count: float
    sum: float
    minimum: float
    maximum: float
    values: Mapping[float, float] | None  # count by value; None: only the statistic set is known

    @property
    def distribution(self) -> Mapping[float, float] | None:
        """The counts by value; None when a statistic set does not tell them."""
        if self.values is None and self.minimum == self.maximum:
            return {self.minimum: self.count}
        return self.values


def of(counts: Mapping[float, float], exact: int = EXACT) -> Aggregate:
    """Return the aggregate of values with their counts; there is at least one."""
    return Aggregate(
        sum(counts.values()),
        math.fsum(value * count for value, count in counts.items()),
        min(counts),
        max(counts),
        coarse(counts, exact),
    )


def merged(parts: Iterable[Aggregate]) -> Aggregate:
    """Return the aggregate of several; there is at least one."""
    all_of = list(parts)
    if len(all_of) == 1:
        return all_of[0]
    counts: dict[float, float] | None = {}
    for part in all_of:
        found = part.distribution
        if found is None or counts is None:
            counts = None
            continue
        for value, count in found.items():
            counts[value] = counts.get(value, 0) + count
    return Aggregate(
        sum(part.count for part in all_of),
        math.fsum(part.sum for part in all_of),
        min(part.minimum for part in all_of),
        max(part.maximum for part in all_of),
        None if counts is None else coarse(counts),
    )


def coarse(counts: Mapping[float, float], exact: int = EXACT) -> Mapping[float, float]:
    """Return the counts, on the grid where there are too many values to keep."""
    if len(counts) <= exact:
        return counts
    gridded: dict[float, float] = {}
    for value, count in counts.items():
        near = on_grid(value)
        gridded[near] = gridded.get(near, 0) + count
    return gridded


def on_grid(value: float) -> float:
    """Return the nearest value of the grid; it is its own nearest."""
    if value == 0:
        return 0.0
    return math.copysign(math.exp(round(math.log(abs(value)) / STEP) * STEP), value)
