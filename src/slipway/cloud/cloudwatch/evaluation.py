"""The state of an alarm by its most recent datapoints. Pure.

Source: the CloudWatch user guide, "Alarm evaluation" and "Configuring how CloudWatch alarms treat
missing data", with its tables of examples (in the tests).
"""

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

OK, ALARM, INSUFFICIENT = "OK", "ALARM", "INSUFFICIENT_DATA"
# What is looked at beside the evaluation periods, for where points are missing: in AWS's examples
# an alarm of three periods has an evaluation range of five.
BEYOND = 2
COMPARE: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


@dataclass(frozen=True)
class Rule:
    """When an alarm is in ALARM."""

    comparison: str
    threshold: float
    periods: int  # N, the evaluation periods
    datapoints: int  # M, those that must be breaching
    missing: str = "missing"  # breaching | notBreaching | ignore | missing

    def breaching(self, value: float) -> bool:
        """Tell whether a datapoint crosses the threshold."""
        return COMPARE[self.comparison](value, self.threshold)


@dataclass(frozen=True)
class Point:
    """A period of an alarm."""

    time: int  # its beginning
    value: float | None  # None: no data
    count: float = 0  # samples in it


@dataclass(frozen=True)
class Judgment:
    """What an evaluation found."""

    state: str | None  # None: the present one is kept
    real: tuple[Point, ...] = ()  # the datapoints that counted, oldest first
    filled: int = 0  # missing ones that were taken for something


def rule_of(alarm: dict[str, Any]) -> Rule:
    """Return the rule of a metric alarm, whose members are those of PutMetricAlarm."""
    return Rule(
        alarm["ComparisonOperator"],
        alarm["Threshold"],
        alarm["EvaluationPeriods"],
        alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"]),
        alarm.get("TreatMissingData", "missing"),
    )


def judge(rule: Rule, points: Sequence[Point]) -> Judgment:
    """Return the state by the points of the evaluation range, oldest first, missing ones included."""
    real = tuple(point for point in points if point.value is not None)
    if len(real) >= rule.periods:
        recent = real[-rule.periods :]
        return Judgment(decided(rule, breaches(rule, recent)), recent)
    filled = rule.periods - len(real)
    crossed = breaches(rule, real)
    if rule.missing == "breaching":
        return Judgment(decided(rule, crossed + filled), real, filled)
    if rule.missing == "notBreaching":
        return Judgment(decided(rule, crossed), real, filled)
    if not real:
        return Judgment(INSUFFICIENT if rule.missing == "missing" else None, (), filled)
    if crossed >= rule.datapoints:
        return Judgment(ALARM, real, filled)
    if crossed < len(real):
        return Judgment(OK, real, filled)
    if rule.missing == "missing" and age(points) >= rule.datapoints:
        return Judgment(ALARM, real, filled)  # AWS's "premature alarm state"
    return Judgment(None, real, filled)  # the next datapoint decides


def breaches(rule: Rule, points: Sequence[Point]) -> int:
    """Return how many points cross the threshold."""
    return sum(point.value is not None and rule.breaching(point.value) for point in points)


def decided(rule: Rule, crossed: int) -> str:
    """Return the state when nothing is missing."""
    return ALARM if crossed >= rule.datapoints else OK


def age(points: Sequence[Point]) -> int:
    """Return how many periods ago the oldest real point is; the most recent one is 1."""
    oldest = next(n for n, point in enumerate(points) if point.value is not None)
    return len(points) - oldest


def window(now: float, period: int, periods: int) -> tuple[int, int]:
    """Return the beginning of the evaluation range and its end, where the last whole period ends.

    Periods of a minute and more move on with the minute, shorter ones with themselves.
    """
    step = min(period, 60)
    end = int(now) // step * step
    return end - period * (periods + BEYOND), end
