"""An alarm that goes into another state: its document, its history, its event and its actions."""

import json
import logging
from collections.abc import Mapping
from functools import cache
from typing import Any

from botocore.exceptions import ClientError
from botocore.loaders import Loader

from slipway.cloud import inside
from slipway.cloud.clock import now
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch import history
from slipway.cloud.cloudwatch.alarms import kept
from slipway.cloud.cloudwatch.reasons import stamp

ACTIONS = {
    "OK": "OKActions",
    "ALARM": "AlarmActions",
    "INSUFFICIENT_DATA": "InsufficientDataActions",
}
log = logging.getLogger(__name__)

Alarm = dict[str, Any]


def transition(
    cloud: Cloud, region: str, name: str, state: str, reason: str, data: str | None
) -> None:
    """Put an alarm into a state, tell of it, and perform its actions when the state is another one."""
    with cloud.state.transaction():
        before = kept(cloud, region).get(name)
        if before is None:
            return
        time = now()
        after = before | {
            "StateValue": state,
            "StateReason": reason,
            "StateReasonData": data,
            "StateUpdatedTimestamp": time,
        }
        changed = before["StateValue"] != state
        if changed:
            after["StateTransitionedTimestamp"] = time
        kept(cloud, region).replace(name, after)
        if changed:
            summary = f"Alarm updated from {before['StateValue']} to {state}"
            told = {"oldState": told_of(before), "newState": told_of(after)}
            history.write(cloud, region, after, "StateUpdate", summary, told)
    if changed:
        publish(cloud, region, before, after)
        if after["ActionsEnabled"]:
            perform(cloud, region, before["StateValue"], after)


def told_of(alarm: Mapping[str, Any]) -> dict[str, Any]:
    """Return a state as the history has it."""
    told = {"stateValue": alarm["StateValue"], "stateReason": alarm["StateReason"]}
    if alarm.get("StateReasonData"):
        told["stateReasonData"] = json.loads(alarm["StateReasonData"])
    return told


def publish(cloud: Cloud, region: str, before: Alarm, after: Alarm) -> None:
    """Publish the event that EventBridge delivers."""
    detail: dict[str, Any] = {
        "alarmName": after["AlarmName"],
        "state": event_state(after),
        "previousState": event_state(before),
        "configuration": configuration(after),
    }
    cloud.events.publish(
        "CloudWatch Alarm State Change",
        detail,
        region=region,
        resources=(after["AlarmArn"],),
        source="aws.cloudwatch",
    )


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


def perform(cloud: Cloud, region: str, old: str, alarm: Alarm) -> None:
    """Publish to the topics of a state; scaling policies look at their alarms themselves."""
    for arn in alarm[ACTIONS[alarm["StateValue"]]]:
        if arn.split(":")[2] != "sns":
            continue
        error = ""
        try:
            inside.client(cloud.ground, "sns", arn.split(":")[3]).publish(
                TopicArn=arn,
                Subject=f'{alarm["StateValue"]}: "{alarm["AlarmName"]}" in {place(region)}'[:100],
                Message=json.dumps(message(cloud, region, old, alarm)),
            )
        except ClientError as refusal:
            error = refusal.response["Error"].get("Message", str(refusal))
        record(cloud, region, alarm, arn, error)


def record(cloud: Cloud, region: str, alarm: Alarm, arn: str, error: str = "") -> None:
    """Write into the history that an action was done, or why not."""
    done = "Failed to execute" if error else "Successfully executed"
    told = {
        "actionState": "Failed" if error else "Succeeded",
        "stateUpdateTimestamp": int(alarm["StateUpdatedTimestamp"] * 1000),
        "notificationResource": arn,
        "publishedMessage": None,
        "error": error or None,
    }
    history.write(cloud, region, alarm, "Action", f"{done} action {arn}"[:255], told)


def message(cloud: Cloud, region: str, old: str, alarm: Alarm) -> dict[str, Any]:
    """Return what CloudWatch sends to a topic."""
    return {
        "AlarmName": alarm["AlarmName"],
        "AlarmDescription": alarm.get("AlarmDescription"),
        "AWSAccountId": cloud.account,
        "AlarmConfigurationUpdatedTimestamp": stamp(alarm["AlarmConfigurationUpdatedTimestamp"]),
        "NewStateValue": alarm["StateValue"],
        "NewStateReason": alarm["StateReason"],
        "StateChangeTime": stamp(alarm["StateUpdatedTimestamp"]),
        "Region": place(region),
        "AlarmArn": alarm["AlarmArn"],
        "OldStateValue": old,
        "OKActions": alarm["OKActions"],
        "AlarmActions": alarm["AlarmActions"],
        "InsufficientDataActions": alarm["InsufficientDataActions"],
        **(
            {"AlarmRule": alarm["AlarmRule"]}
            if "AlarmRule" in alarm
            else {"Trigger": trigger(alarm)}
        ),
    }


def trigger(alarm: Mapping[str, Any]) -> dict[str, Any]:
    """Return the rule of a metric alarm as messages have it."""
    told: dict[str, Any] = {
        "Period": alarm.get("Period") or 60,
        "EvaluationPeriods": alarm["EvaluationPeriods"],
    }
    if "DatapointsToAlarm" in alarm:
        told["DatapointsToAlarm"] = alarm["DatapointsToAlarm"]
    told |= {
        "ComparisonOperator": alarm["ComparisonOperator"],
        "Threshold": alarm["Threshold"],
        "TreatMissingData": alarm.get("TreatMissingData", ""),
        "EvaluateLowSampleCountPercentile": alarm.get("EvaluateLowSampleCountPercentile", ""),
    }
    if "Metrics" in alarm:
        return told | {"Metrics": alarm["Metrics"]}
    if "Statistic" in alarm:
        told |= {"StatisticType": "Statistic", "Statistic": alarm["Statistic"].upper()}
    else:
        told |= {
            "StatisticType": "ExtendedStatistic",
            "ExtendedStatistic": alarm["ExtendedStatistic"],
        }
    dimensions = [{"value": d["Value"], "name": d["Name"]} for d in alarm.get("Dimensions", [])]
    return told | {
        "MetricName": alarm["MetricName"],
        "Namespace": alarm["Namespace"],
        "Unit": alarm.get("Unit"),
        "Dimensions": dimensions,
    }


@cache
def place(region: str) -> str:
    """Return the name of a region that messages have: "US East (N. Virginia)"."""
    partitions = Loader().load_data("endpoints")["partitions"]
    names = {code: each["description"] for p in partitions for code, each in p["regions"].items()}
    return str(names.get(region, region))
