"""Rules with a schedule: the event that they make when their time has come."""

import re
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from slipway.cloud.clock import now
from slipway.cloud.cloud import Cloud
from slipway.cloud.eventbridge import matching, records
from slipway.cloud.eventbridge.records import Rule
from slipway.cloud.running import Running
from slipway.cloud.schedules import BadSchedule, following
from slipway.cloud.timer import LATE, Timer

ZONE = ZoneInfo("UTC")
ONE = re.compile(r"rate\(1 \w+s\)|rate\((?!1 )\d+ \w+[^s]\)")  # a unit of the wrong number
TIMERS = Running(lambda cloud: Timer("rules", lambda: due(cloud), lambda: run(cloud)))
start, stop, wake = TIMERS.start, TIMERS.stop, TIMERS.wake


def check(expression: str) -> None:
    """Refuse what is no schedule of a rule; BadSchedule."""
    if expression.startswith("at(") or ONE.fullmatch(expression):
        raise BadSchedule(f"expected rate(…) or cron(…), found {expression}")
    following(expression, ZONE, datetime.fromtimestamp(now(), UTC), datetime.fromtimestamp(0, UTC))


def begun(rule: Rule, before: Rule | None) -> Rule:
    """Return a rule with the time at which it is due; a schedule that goes on keeps its own."""
    expression = rule.get("ScheduleExpression")
    rule = {name: value for name, value in rule.items() if name not in ("Since", "Next")}
    if not expression or rule["State"] == "DISABLED":
        return rule
    if before and before.get("ScheduleExpression") == expression and "Since" in before:
        return rule | {name: before[name] for name in ("Since", "Next") if name in before}
    return advanced(rule | {"Since": now()}, now())


def advanced(rule: Rule, after: float) -> Rule:
    """Return a rule with the time at which it is due next, after another."""
    moment, since = (datetime.fromtimestamp(time, UTC) for time in (after, rule["Since"]))
    found = following(rule["ScheduleExpression"], ZONE, moment, since)
    return rule | {"Next": found.timestamp() if found else None}


def scheduled(cloud: Cloud) -> Iterator[tuple[float, str, str, Rule]]:
    """Yield the time, region, key and document of every rule that is due some time."""
    for region in cloud.state.regions(records.RULE):
        for key, rule in records.rules(cloud, region).all():
            if rule.get("Next") is not None:
                yield rule["Next"], region, key, rule


def due(cloud: Cloud) -> float | None:
    """Return when the next rule is due."""
    return min((time for time, *_ in scheduled(cloud)), default=None)


def run(cloud: Cloud) -> None:
    """Make the events that are due, each with the change of when the next one is."""
    with cloud.state.transaction():
        for time, region, key, rule in sorted(scheduled(cloud), key=lambda each: each[:3]):
            if time > now():
                return
            event = {
                "version": "0",
                "id": str(uuid.uuid4()),
                "detail-type": "Scheduled Event",
                "source": "aws.events",
                "account": cloud.account,
                "time": matching.stamp(datetime.fromtimestamp(time, UTC)),
                "region": region,
                "resources": [rule["Arn"]],
                "detail": {},
            }
            matching.to_targets(cloud, region, rule, event)
            after = now() if time < now() - LATE else time
            records.rules(cloud, region).replace(key, advanced(rule, after))
