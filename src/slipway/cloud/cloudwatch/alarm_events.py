"""What events and functions are told of an alarm. Pure."""

from collections.abc import Mapping
from typing import Any

from slipway.cloud.cloudwatch.reasons import stamp

Alarm = Mapping[str, Any]


def event_state(alarm: Mapping[str, Any]) -> dict[str, Any]:
    """Return a state as events have it."""
    found = {
        "value": alarm["StateValue"],
        "reason": alarm["StateReason"],
        "reasonData": alarm.get("StateReasonData"),
        "timestamp": stamp(alarm["StateUpdatedTimestamp"]),
    }
    return {name: value for name, value in found.items() if value is not None}


def configuration(alarm: Mapping[str, Any]) -> dict[str, Any]:
    """Return what events say of an alarm's configuration."""
    told: dict[str, Any] = {}
    if "AlarmDescription" in alarm:
        told["description"] = alarm["AlarmDescription"]
    if "AlarmRule" in alarm:
        return told | {"alarmRule": alarm["AlarmRule"]}
    return told | {"metrics": [event_query(query) for query in queries_of(alarm)]}


def event_query(query: Mapping[str, Any]) -> dict[str, Any]:
    """Return a query as events have it."""
    told: dict[str, Any] = {"id": query["Id"], "returnData": query.get("ReturnData", True)}
    if "Expression" in query:
        return told | {"expression": query["Expression"], "label": query.get("Label", "")}
    stat = query["MetricStat"]
    metric = stat["Metric"]
    dimensions = {each["Name"]: each["Value"] for each in metric.get("Dimensions", [])}
    told["metricStat"] = {
        "metric": {
            "namespace": metric.get("Namespace", ""),
            "name": metric.get("MetricName", ""),
            "dimensions": dimensions,
        },
        "period": stat["Period"],
        "stat": stat["Stat"],
    }
    if "Unit" in stat:
        told["metricStat"]["unit"] = stat["Unit"]
    return told


def queries_of(alarm: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the queries of a metric alarm; one on a single metric has one of Id "m1"."""
    if "Metrics" in alarm:
        return list(alarm["Metrics"])
    metric = {
        name: alarm[name] for name in ("Namespace", "MetricName", "Dimensions") if name in alarm
    }
    statistic = alarm.get("Statistic") or alarm["ExtendedStatistic"]
    stat = {"Metric": metric, "Period": alarm["Period"], "Stat": statistic}
    if "Unit" in alarm:
        stat["Unit"] = alarm["Unit"]
    return [{"Id": "m1", "MetricStat": stat, "ReturnData": True}]
