"""The sentences and documents in which CloudWatch says why an alarm is in its state. Pure."""

import json
from datetime import UTC, datetime
from typing import Any

from slipway.cloud.cloudwatch.evaluation import ALARM, INSUFFICIENT, OK, Judgment, Rule, breaches

UNCHECKED = "Unchecked: Initial alarm creation"
WORDS = {
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "GreaterThanThreshold": "greater than",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}
TREATED = {
    "breaching": "Breaching",
    "notBreaching": "NonBreaching",
    "missing": "Missing",
    "ignore": "Ignored",
}


def reason(rule: Rule, judgment: Judgment, before: str) -> str:
    """Return the StateReason of a new state; `before` is the state until then."""
    if judgment.state == INSUFFICIENT:
        return (
            f"Insufficient Data: {number(rule.periods, 'datapoint')} {were(rule.periods)} unknown."
        )
    if not judgment.real:
        periods, filled = (
            number(rule.periods, "period"),
            number(judgment.filled, "missing datapoint"),
        )
        return (
            f"Threshold Crossed: no datapoints were received for {periods} and {filled} "
            f"{were(judgment.filled)} treated as [{TREATED[rule.missing]}]."
        )
    crossed = breaches(rule, judgment.real)
    counted = crossed if judgment.state == ALARM else len(judgment.real) - crossed
    shown = [
        f"{point.value!r} ({at(point.time):%d/%m/%y %H:%M:%S})"
        for point in reversed(judgment.real)
        if (point.value is not None and rule.breaching(point.value)) == (judgment.state == ALARM)
    ]
    least = rule.datapoints if judgment.state == ALARM else rule.periods - rule.datapoints + 1
    was_not = "" if judgment.state == ALARM else " not"
    treated = ""
    if judgment.filled:
        filled = number(judgment.filled, "missing datapoint")
        treated = f" and {filled} {were(judgment.filled)} treated as [{TREATED[rule.missing]}]"
    return (
        f"Threshold Crossed: {counted} out of the last {rule.periods} datapoints "
        f"[{', '.join(shown)}] {were(counted)}{was_not} {WORDS[rule.comparison]} the threshold "
        f"({float(rule.threshold)!r}){treated} (minimum {number(least, 'datapoint')} for "
        f"{before if before != INSUFFICIENT else other(judgment.state)} -> {judgment.state} transition)."
    )


def other(state: str | None) -> str:
    """Return the state that AWS's sentence names before this one."""
    return OK if state == ALARM else ALARM


def data(
    rule: Rule, judgment: Judgment, now: float, period: int, statistic: str | None, unit: str | None
) -> str:
    """Return the StateReasonData, a JSON document of version 1.0."""
    document: dict[str, Any] = {"version": "1.0", "queryDate": stamp(now)}
    if judgment.real:
        document["startDate"] = stamp(judgment.real[0].time)
    if unit:
        document["unit"] = unit
    if statistic:
        document["statistic"] = statistic
    document |= {
        "period": period,
        "recentDatapoints": [point.value for point in judgment.real],
        "threshold": float(rule.threshold),
        "evaluatedDatapoints": [
            {"timestamp": stamp(point.time), "sampleCount": point.count, "value": point.value}
            for point in reversed(judgment.real)
        ],
    }
    return json.dumps(document, separators=(",", ":"))


def number(count: int, what: str) -> str:
    """Return "1 datapoint" or "2 datapoints"."""
    return f"{count} {what}" + ("" if count == 1 else "s")


def were(count: int) -> str:
    """Return the verb."""
    return "was" if count == 1 else "were"


def at(time: float) -> datetime:
    """Return a time in UTC."""
    return datetime.fromtimestamp(time, UTC)


def stamp(time: float) -> str:
    """Return a time as CloudWatch writes it into documents: 2026-11-21T12:00:00.000+0000."""
    return at(time).strftime("%Y-%m-%dT%H:%M:%S.") + f"{int(time * 1000) % 1000:03d}+0000"


def triggered(arn: str, state: str, time: float) -> str:
    """Return the StateReasonData of a composite alarm: the alarm that moved last."""
    moved = {"arn": arn, "state": {"value": state, "timestamp": stamp(time)}}
    return json.dumps({"triggeringAlarms": [moved]}, separators=(",", ":"))
