"""The arithmetic of step scaling. Pure.

Source: the Application Auto Scaling user guide, "How step scaling works".
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

Step = Mapping[str, Any]


def adjustment(steps: Sequence[Step], beyond: float) -> int | None:
    """Return the adjustment of the step in which a metric lies `beyond` its threshold; None in no step.

    Above the threshold the lower bound belongs to a step; below it, the upper one.
    """
    for step in steps:
        low = step.get("MetricIntervalLowerBound", float("-inf"))
        high = step.get("MetricIntervalUpperBound", float("inf"))
        if low <= beyond < high if beyond >= 0 else low < beyond <= high:
            return int(step["ScalingAdjustment"])
    return None


def capacity(current: int, kind: str, amount: int, least: int = 0) -> int:
    """Return the capacity after an adjustment; `least` is the MinAdjustmentMagnitude of a percentage."""
    if kind == "ExactCapacity":
        return amount
    if kind == "ChangeInCapacity":
        return max(0, current + amount)
    change = percentage(current, amount)
    if 0 < abs(change) < least:
        change = int(math.copysign(least, change))
    return max(0, current + change)


def percentage(current: int, percent: int) -> int:
    """Return a part of the capacity: beyond 1 rounded towards 0, below 1 away from it."""
    part = current * percent / 100
    if 0 < abs(part) < 1:
        return 1 if part > 0 else -1
    return math.trunc(part)


def faults(steps: Sequence[Step]) -> str:
    """Return what is wrong with a policy's steps, or ""."""
    if not steps:
        return "At least one StepAdjustment must be specified."
    intervals = sorted(
        (
            step.get("MetricIntervalLowerBound", float("-inf")),
            step.get("MetricIntervalUpperBound", float("inf")),
        )
        for step in steps
    )
    if any(low >= high for low, high in intervals):
        return "A step adjustment's lower bound must be less than its upper bound."
    for (_, high), (low, _) in pairwise(intervals):
        if low < high:
            return "Step adjustment intervals can't overlap."
        if low > high:
            return "Step adjustment intervals can't have a gap between them."
    return ""
