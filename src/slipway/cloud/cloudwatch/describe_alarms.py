"""DescribeAlarms and DescribeAlarmsForMetric."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from slipway.cloud.cloudwatch import rules
from slipway.cloud.cloudwatch.actions import ACTIONS
from slipway.cloud.cloudwatch.alarms import kept
from slipway.cloud.cloudwatch.history import kind_of
from slipway.cloud.cloudwatch.pages import offset, token
from slipway.cloud.cloudwatch.queries import invalid
from slipway.cloud.service import Call

PAGE = 50
ALONE = ("ChildrenOfAlarmName", "ParentsOfAlarmName")  # with no other filter, as on AWS
SHORT = ("AlarmName", "AlarmArn", "StateValue", "StateUpdatedTimestamp", "AlarmRule")

Alarm = dict[str, Any]


def describe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of alarms, by name: metric alarms, unless AlarmTypes says otherwise."""
    if "AlarmNames" in request and "AlarmNamePrefix" in request:
        raise invalid("AlarmNames and AlarmNamePrefix cannot both be given.")
    found = sorted(selected(call, request), key=lambda alarm: str(alarm["AlarmName"]))
    skip, size = offset(request), request.get("MaxRecords", PAGE)
    page = found[skip : skip + size]
    answer: dict[str, Any] = {
        "MetricAlarms": [shown(each) for each in page if "AlarmRule" not in each],
        "CompositeAlarms": [shown(each) for each in page if "AlarmRule" in each],
    }
    if skip + size < len(found):
        answer["NextToken"] = token(skip + size, request)
    return answer


def selected(call: Call, request: Mapping[str, Any]) -> Iterator[Alarm]:
    """Yield the alarms that pass the request's filters."""
    alarms = dict(kept(call.cloud, call.region).all())
    for member in ALONE:
        if member in request:
            yield from related(alarms, request[member], children=member.startswith("Children"))
            return
    types = request.get("AlarmTypes") or ["MetricAlarm"]
    names = request.get("AlarmNames")
    for name, alarm in alarms.items():
        if (
            kind_of(alarm) in types
            and (names is None or name in names)
            and name.startswith(request.get("AlarmNamePrefix", ""))
            and request.get("StateValue", alarm["StateValue"]) == alarm["StateValue"]
            and acts(alarm, request.get("ActionPrefix", ""))
        ):
            yield alarm


def acts(alarm: Alarm, prefix: str) -> bool:
    """Tell whether an alarm has an action that begins so."""
    arns = [arn for member in ACTIONS.values() for arn in alarm[member]]
    return not prefix or any(arn.startswith(prefix) for arn in arns)


def related(alarms: Mapping[str, Alarm], name: str, children: bool) -> Iterator[Alarm]:
    """Yield what a composite alarm is about, or what composite alarms are about an alarm; in short."""
    for other, alarm in alarms.items():
        above, below = (name, other) if children else (other, name)
        rule = alarms.get(above, {}).get("AlarmRule")
        if rule and below in rules.parse(rule).names:
            yield {member: alarm[member] for member in SHORT if member in alarm}


def shown(alarm: Alarm) -> Alarm:
    """Return an alarm with its times as times."""
    return {
        member: datetime.fromtimestamp(value, UTC) if member.endswith("Timestamp") else value
        for member, value in alarm.items()
        if value is not None
    }


def for_metric(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return the alarms on one metric."""
    alarms = [alarm for _, alarm in kept(call.cloud, call.region).all()]
    return {"MetricAlarms": [shown(alarm) for alarm in alarms if on_metric(alarm, request)]}


def on_metric(alarm: Alarm, request: Mapping[str, Any]) -> bool:
    """Tell whether an alarm looks at a metric, and in the way that the request names."""
    wanted = pairs(request)
    for query in alarm.get("Metrics", []):
        stat = query.get("MetricStat")
        if stat and named(stat["Metric"]) == named(request) and pairs(stat["Metric"]) == wanted:
            ways = {"Period": stat["Period"], "Unit": stat.get("Unit")}
            asked = request.get("Statistic") or request.get("ExtendedStatistic")
            return asked in (None, stat["Stat"]) and same(ways, request)
    if named(alarm) != named(request) or pairs(alarm) != wanted:
        return False
    return same(alarm, request) and all(
        request.get(member, alarm.get(member)) == alarm.get(member)
        for member in ("Statistic", "ExtendedStatistic")
    )


def same(has: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    """Tell whether period and unit are those that the request names, if it does."""
    return all(request.get(name, has.get(name)) == has.get(name) for name in ("Period", "Unit"))


def named(metric: Mapping[str, Any]) -> tuple[Any, Any]:
    """Return the namespace and name of a metric."""
    return metric.get("Namespace"), metric.get("MetricName")


def pairs(metric: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the dimensions of a metric, in order."""
    return sorted((each["Name"], each["Value"]) for each in metric.get("Dimensions", []))
