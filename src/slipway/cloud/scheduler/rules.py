"""What a schedule must be: its expression, zone, window, dates and target."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slipway.cloud.clock import now
from slipway.cloud.json_text import is_json
from slipway.cloud.scheduler.universal import PREFIX, BadTarget, operation
from slipway.cloud.schedules import BadSchedule, following
from slipway.cloud.targets.send import kind_of

KINDS = ("function", "queue", "topic", "pipeline", "event-bus")
KNOWN = (
    "Lambda functions, SQS queues, SNS topics, SageMaker pipelines, event buses and API operations"
)
PAST = 300.0  # seconds that a StartDate may lie back

Schedule = Mapping[str, Any]


def problems(schedule: Schedule) -> Iterator[str]:
    """Yield what is wrong with a schedule whose times are epoch seconds."""
    yield from timing(schedule)
    yield from window(schedule["FlexibleTimeWindow"])
    yield from target(schedule["Target"])


def timing(schedule: Schedule) -> Iterator[str]:
    """Yield what is wrong with when it is to happen."""
    zone = schedule.get("ScheduleExpressionTimezone", "UTC")
    try:
        of = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield f"Invalid ScheduleExpressionTimezone {zone}."
        return
    expression = schedule["ScheduleExpression"]
    try:
        moment = datetime.fromtimestamp(now(), UTC)
        following(expression, of, moment, moment)
    except BadSchedule as error:
        yield f"Invalid Schedule Expression {expression}: {error}."
    start, end = schedule.get("StartDate"), schedule.get("EndDate")
    if start is not None and start < now() - PAST:
        yield "The StartDate you specify cannot be earlier than 5 minutes ago."
    if end is not None and end < now():
        yield "The EndDate you specify cannot be in the past."
    if start is not None and end is not None and start >= end:
        yield "The StartDate must come before the EndDate."


def window(window: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a flexible window."""
    given = "MaximumWindowInMinutes" in window
    if window["Mode"] == "FLEXIBLE" and not given:
        yield "MaximumWindowInMinutes is required when the FlexibleTimeWindow mode is FLEXIBLE."
    if window["Mode"] == "OFF" and given:
        yield "MaximumWindowInMinutes must not be given when the FlexibleTimeWindow mode is OFF."


def target(target: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a target."""
    arn = target["Arn"]
    if arn.startswith(PREFIX):
        try:
            operation(arn)
            json.loads(target.get("Input", "{}"))
        except BadTarget as error:
            yield str(error)
        except (ValueError, RecursionError):
            yield f"Input must be JSON for the target {arn}."
        return
    kind = kind_of(arn)
    if kind not in KINDS:
        service = arn.split(":")[2] if arn.count(":") > 2 else arn
        yield f"The local cloud does not deliver schedules to {service}: it knows {KNOWN}."
    if kind == "event-bus" and "EventBridgeParameters" not in target:
        yield "EventBridgeParameters must be specified for an event bus."
    if arn.endswith(".fifo") and "MessageGroupId" not in target.get("SqsParameters", {}):
        yield "SqsParameters.MessageGroupId must be specified for a FIFO queue."
    if kind in ("function", "event-bus") and not is_json(target.get("Input", "{}")):
        yield f"Input must be JSON for the target {arn}."
