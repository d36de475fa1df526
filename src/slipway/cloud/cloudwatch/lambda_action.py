"""What an alarm sends to a function.

Source: the CloudWatch user guide, "Invoke a Lambda function from an alarm".
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch import alarm_events
from slipway.cloud.targets.send import Sending, send

PRINCIPAL = "lambda.alarms.cloudwatch.amazonaws.com"

Alarm = Mapping[str, Any]


def invoke(cloud: Cloud, region: str, arn: str, before: Alarm, after: Alarm) -> None:
    """Invoke a function asynchronously, as its policy allows the alarm; Undelivered."""
    body = json.dumps(payload(cloud, region, before, after))
    token = f"{after['AlarmArn']}/{after['StateUpdatedTimestamp']}"
    send(cloud, Sending(arn, body, PRINCIPAL, after["AlarmArn"], token))


def payload(cloud: Cloud, region: str, before: Alarm, after: Alarm) -> dict[str, Any]:
    """Return what a function is told."""
    at = datetime.fromtimestamp(after["StateUpdatedTimestamp"], UTC)
    return {
        "source": "aws.cloudwatch",
        "alarmArn": after["AlarmArn"],
        "accountId": cloud.account,
        "time": at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}+0000",
        "region": region,
        "alarmData": {
            "alarmName": after["AlarmName"],
            "state": alarm_events.event_state(after),
            "previousState": alarm_events.event_state(before),
            "configuration": alarm_events.configuration(after),
        },
    }
