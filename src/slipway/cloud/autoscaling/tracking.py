"""The arithmetic of target tracking: how many it takes to bring a metric to its target. Pure.

Source: the Application Auto Scaling user guide, "How target tracking scaling works"; the windows as seen
on AWS (3 minutes above the target, 15 minutes below nine tenths of it).
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

OUT, IN = 180, 900  # seconds of a window
MARGIN = 0.9  # a metric between this part of its target and the target is left alone


@dataclass(frozen=True)
class Window:
    """The periods of one of a policy's alarms."""

    period: int  # seconds
    count: int


def window(seconds: int, period: int, factor: float) -> Window:
    """Return a window, shortened by a factor; periods are never shorter than a second."""
    short = max(1, round(period * factor))
    return Window(short, max(1, round(seconds * factor / short)))


def wanted(current: int, metric: float, target: float) -> int:
    """Return the capacity at which a metric that is shared out evenly would not exceed its target.

    `metric` is of one unit of the `current` capacity: invocations per instance and minute, say.
    """
    if current == 0:
        return 1 if metric > 0 else 0
    # A whole number that floats make a little larger is still that number; the least load wants one.
    return max(0, math.ceil(current * metric / target * (1 - 1e-9)))


def out(current: int, metrics: Iterable[float], target: float) -> int:
    """Return the capacity after an alarm above the target, by the newest of its datapoints."""
    newest = list(metrics)[-1:]
    return max([current + 1, *(wanted(current, metric, target) for metric in newest)])


def back_in(current: int, metrics: Iterable[float], target: float) -> int:
    """Return the capacity after an alarm below the target: what the busiest period would have needed."""
    busiest = max(metrics, default=0.0)
    return min(current, wanted(current, busiest, target))


def clamped(capacity: int, least: int, most: int) -> int:
    """Return a capacity within its limits."""
    return min(max(capacity, least), most)
