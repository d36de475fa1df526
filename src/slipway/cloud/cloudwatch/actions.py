"""What alarms do: they publish to topics and invoke functions, after the change of their state."""

import json
import logging
from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from botocore.exceptions import ClientError
from botocore.loaders import Loader

from slipway.cloud import inside
from slipway.cloud.clock import now
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch import history, lambda_action
from slipway.cloud.cloudwatch.reasons import stamp
from slipway.cloud.outbox import Parcel, retry_after
from slipway.cloud.targets.refusals import Undelivered, of_client

ACTIONS = {
    "OK": "OKActions",
    "ALARM": "AlarmActions",
    "INSUFFICIENT_DATA": "InsufficientDataActions",
}
KIND = "alarms"  # of the parcels
PERFORMED = ("sns", "lambda")  # scaling policies look at their alarms themselves
TIMES = 5  # that an action is tried
STARTED: set[Cloud] = set()
log = logging.getLogger(__name__)

Alarm = dict[str, Any]


def start(cloud: Cloud) -> None:
    """Perform actions from now on, those that the last process did not perform first."""
    STARTED.add(cloud)
    cloud.outbox.sends(KIND, partial(deliver, cloud))


def stop(cloud: Cloud) -> None:
    """Leave what comes for the next process."""
    STARTED.discard(cloud)


def begin(cloud: Cloud, region: str, before: Alarm, alarm: Alarm) -> None:
    """Let the actions of an alarm's new state be performed, in the transaction of the change."""
    for arn in alarm[ACTIONS[alarm["StateValue"]]]:
        if arn.split(":")[2] in PERFORMED:
            body = {"region": region, "action": arn, "before": before, "alarm": alarm}
            if cloud in STARTED:
                cloud.outbox.put(KIND, alarm["AlarmArn"], body)
            else:  # nobody else does it
                cloud.state.when_committed(partial(at_once, cloud, body))


def at_once(cloud: Cloud, body: Mapping[str, Any]) -> None:
    """Perform one action, once."""
    perform(cloud, body, TIMES)


def deliver(cloud: Cloud, parcel: Parcel) -> float | None:
    """Perform one action, or say when to try again."""
    return perform(cloud, parcel.body, parcel.attempts)


def perform(cloud: Cloud, body: Mapping[str, Any], attempts: int) -> float | None:
    """Perform an action and write down how it went; return when it is to be tried again."""
    region, alarm, arn = body["region"], body["alarm"], body["action"]
    error = ""
    try:
        if arn.split(":")[2] == "lambda":
            lambda_action.invoke(cloud, region, arn, body["before"], alarm)
        else:
            publish(cloud, region, arn, body["before"]["StateValue"], alarm)
    except Undelivered as failure:
        if failure.again and attempts + 1 < TIMES:
            return now() + retry_after(attempts)
        error = failure.message
    except Exception:
        log.exception("alarm %s cannot perform %s", alarm["AlarmName"], arn)
        error = "an error in Slipway; cloud.log has its trace"
    record(cloud, region, alarm, arn, error)
    return None


def publish(cloud: Cloud, region: str, arn: str, old: str, alarm: Alarm) -> None:
    """Publish to a topic; Undelivered."""
    try:
        inside.client(cloud.ground, "sns", arn.split(":")[3]).publish(
            TopicArn=arn,
            Subject=f'{alarm["StateValue"]}: "{alarm["AlarmName"]}" in {place(region)}'[:100],
            Message=json.dumps(message(cloud, region, old, alarm)),
        )
    except ClientError as refusal:
        failure = of_client(refusal)
        text = refusal.response["Error"].get("Message", str(refusal))
        raise Undelivered(failure.code, text, again=failure.again) from refusal


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
