"""What alarms do: they publish to topics, in a thread of their own, so that none delays another."""

import json
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

from botocore.exceptions import ClientError
from botocore.loaders import Loader

from slipway.cloud import inside
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch import history
from slipway.cloud.cloudwatch.reasons import stamp

ACTIONS = {
    "OK": "OKActions",
    "ALARM": "AlarmActions",
    "INSUFFICIENT_DATA": "InsufficientDataActions",
}
WORKERS: dict[Cloud, ThreadPoolExecutor] = {}
log = logging.getLogger(__name__)

Alarm = dict[str, Any]


def start(cloud: Cloud) -> None:
    """Perform actions in a thread from now on; the ground may take a while to answer."""
    WORKERS[cloud] = ThreadPoolExecutor(1, "alarm-actions")


def stop(cloud: Cloud) -> None:
    """Perform what is still to be done, and no more."""
    if worker := WORKERS.pop(cloud, None):
        worker.shutdown()


def begin(cloud: Cloud, region: str, old: str, alarm: Alarm) -> None:
    """Let the actions of an alarm's state be performed, after those that were begun before."""
    if worker := WORKERS.get(cloud):
        worker.submit(perform, cloud, region, old, alarm)
    else:
        perform(cloud, region, old, alarm)


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
        except Exception:
            log.exception("alarm %s cannot publish to %s", alarm["AlarmName"], arn)
            error = "an error in Slipway; cloud.log has its trace"
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
