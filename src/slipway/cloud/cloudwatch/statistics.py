"""The statistics of an aggregate, by the names that CloudWatch gives them. Pure.

Source: the CloudWatch user guide, "CloudWatch statistics definitions".
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from slipway.cloud.cloudwatch.aggregate import Aggregate

SIMPLE: Mapping[str, Callable[[Aggregate], float]] = {
    "SampleCount": lambda found: found.count,
    "Sum": lambda found: found.sum,
    "Minimum": lambda found: found.minimum,
    "Maximum": lambda found: found.maximum,
    "Average": lambda found: found.sum / found.count,
}
SHORT = re.compile(r"(p|tm|wm|tc|ts)(\d{1,2}(?:\.\d{1,10})?|100(?:\.0{1,10})?)", re.IGNORECASE)
BOUND = r"(\d+(?:\.\d+)?%?)?"
LONG = re.compile(rf"(TM|WM|TC|TS|PR)\({BOUND}:{BOUND}\)", re.IGNORECASE)

Distribution = Mapping[float, float]  # counts by value


class UnknownStatistic(ValueError):
    """A name that no statistic has."""


@dataclass(frozen=True)
class Statistic:
    """A statistic and its bounds."""

    kind: str  # a name of SIMPLE, or "p", "tm", "wm", "tc", "ts", "pr"
    low: float = 0.0
    high: float = 100.0
    percent: bool = True  # bounds are percentiles; else values, low < value <= high


def parse(name: str) -> Statistic:
    """Return the statistic of a name, "Average" or "p99.9" or "TM(10%:90%)"; UnknownStatistic."""
    if name in SIMPLE:
        return Statistic(name)
    if name.lower() == "iqm":
        return Statistic("tm", 25, 75)
    if found := SHORT.fullmatch(name):
        return Statistic(found[1].lower(), 0, float(found[2]))
    if (found := LONG.fullmatch(name)) and (found[2] or found[3]):
        kind, low, high = found[1].lower(), found[2] or "", found[3] or ""
        percent = low.endswith("%") or high.endswith("%")
        mixed = percent and not all(bound.endswith("%") for bound in (low, high) if bound)
        if not mixed and not (percent and kind == "pr"):
            least = float(low.rstrip("%")) if low else (0.0 if percent else float("-inf"))
            most = float(high.rstrip("%")) if high else (100.0 if percent else float("inf"))
            if least < most and (not percent or most <= 100):
                return Statistic(kind, least, most, percent)
    raise UnknownStatistic(name)


def value(statistic: Statistic, aggregate: Aggregate) -> float | None:
    """Return a statistic; None where the values that it needs were never told."""
    if simple := SIMPLE.get(statistic.kind):
        return simple(aggregate)
    counts = aggregate.distribution
    if counts is None:
        return None
    if statistic.kind == "p":
        near = percentile(counts, statistic.high)  # on the grid, where there are many values
        return min(max(near, aggregate.minimum), aggregate.maximum)
    inside = dict(trimmed(counts, statistic))
    number = sum(inside.values())
    if statistic.kind == "tc":
        return number
    if statistic.kind == "pr":
        return 100 * number / aggregate.count
    total = sum(each * count for each, count in inside.items())
    if statistic.kind == "ts":
        return total
    if not number:
        return None
    if statistic.kind == "wm":
        return winsorized(counts, inside)
    return total / number


def percentile(counts: Distribution, percent: float) -> float:
    """Return the smallest value that at least `percent` of the values do not exceed."""
    total, rank = sum(counts.values()), 0.0
    for each in sorted(counts):
        rank += counts[each]
        if rank >= total * percent / 100 - 1e-9:
            return each
    return max(counts)


def trimmed(counts: Distribution, statistic: Statistic) -> Iterator[tuple[float, float]]:
    """Yield the values between the bounds, with their counts (parts of them at a percentile)."""
    total, rank = sum(counts.values()), 0.0
    low, high = total * statistic.low / 100, total * statistic.high / 100
    for each in sorted(counts):
        if not statistic.percent:
            if statistic.low < each <= statistic.high:
                yield each, counts[each]
            continue
        part = min(rank + counts[each], high) - max(rank, low)
        rank += counts[each]
        if part > 0:
            yield each, part


def winsorized(counts: Distribution, inside: Distribution) -> float:
    """Return the mean in which what is outside counts as the nearest value inside."""
    least, most = min(inside), max(inside)
    total = sum(min(max(each, least), most) * count for each, count in counts.items())
    return total / sum(counts.values())
