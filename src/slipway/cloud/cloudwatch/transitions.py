"""An alarm that goes into another state: its document, its history, its event and its actions."""

import json
from collections.abc import Mapping
from typing import Any

from slipway.cloud.clock import now
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch import actions, alarm_events, history
from slipway.cloud.cloudwatch.alarms import kept

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
            publish(cloud, region, before, after)
            if after["ActionsEnabled"]:
                actions.begin(cloud, region, before, after)


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
        "state": alarm_events.event_state(after),
        "previousState": alarm_events.event_state(before),
        "configuration": alarm_events.configuration(after),
    }
    cloud.events.publish(
        "CloudWatch Alarm State Change",
        detail,
        region=region,
        resources=(after["AlarmArn"],),
        source="aws.cloudwatch",
    )
