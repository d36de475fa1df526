"""An event on its way to one target: attempts, and a dead letter where they come to nothing."""

import logging
from collections.abc import Mapping
from typing import Any

from slipway.cloud.clock import now
from slipway.cloud.cloud import Cloud
from slipway.cloud.eventbridge import inputs, matching, records
from slipway.cloud.outbox import Parcel, retry_after
from slipway.cloud.targets.attempts import exhausted_by
from slipway.cloud.targets.dead_letters import bury
from slipway.cloud.targets.permits import credentials
from slipway.cloud.targets.refusals import Undelivered
from slipway.cloud.targets.send import Sending, kind_of, send

PRINCIPAL = "events.amazonaws.com"
log = logging.getLogger(__name__)


def deliver(cloud: Cloud, parcel: Parcel) -> float | None:
    """Deliver an event, or say when to try again; the last failure is written into a dead letter."""
    body = parcel.body
    region, rule, target = body["region"], body["rule"], body["target"]
    if parcel.attempts:
        matching.measure(cloud, region, rule, "RetryInvocationAttempts")
    try:
        attempt(cloud, parcel)
    except Undelivered as failure:
        exhausted = exhausted_by(target.get("RetryPolicy", {}), parcel)
        if failure.again and not exhausted:
            return now() + retry_after(parcel.attempts)
        log.warning("an event of rule %s is not delivered to %s: %s", rule, target["Arn"], failure)
        matching.measure(cloud, region, rule, "Invocations")
        matching.measure(cloud, region, rule, "FailedInvocations")
        if letters := target.get("DeadLetterConfig", {}).get("Arn"):
            about = {
                "RULE_ARN": body["arn"],
                "TARGET_ARN": target["Arn"],
                "ERROR_CODE": failure.code,
                "ERROR_MESSAGE": failure.message,
                "RETRY_ATTEMPTS": str(parcel.attempts),
            }
            if failure.again:
                about["EXHAUSTED_RETRY_CONDITION"] = exhausted
            text = inputs.compact(body["event"])
            sent = bury(cloud, Sending(letters, text, PRINCIPAL, body["arn"], ""), about)
            metric = "InvocationsSentToDlq" if sent else "InvocationsFailedToBeSentToDlq"
            matching.measure(cloud, region, rule, metric)
        return None
    matching.measure(cloud, region, rule, "Invocations")
    return None


def attempt(cloud: Cloud, parcel: Parcel) -> None:
    """Try once; Undelivered."""
    body = parcel.body
    target, event = body["target"], body["event"]
    about = {
        "rule-arn": body["arn"],
        "rule-name": body["rule"],
        "event.ingestion-time": body["received"],
    }
    if kind_of(target["Arn"]) == "event-bus":
        to_bus(cloud, body)
        return
    sending = Sending(
        target["Arn"],
        inputs.text_of(target, event, about),
        PRINCIPAL,
        body["arn"],
        f"{body['arn']}/{target['Id']}/{event['id']}",
        target.get("RoleArn", ""),
        target.get("SqsParameters", {}).get("MessageGroupId", ""),
        inputs.parameters(target, event),
    )
    send(cloud, sending)


def to_bus(cloud: Cloud, body: Mapping[str, Any]) -> None:
    """Put an event on another bus; it goes no further from there."""
    target = body["target"]
    *_, region, account, resource = target["Arn"].split(":")
    bus = resource.removeprefix("event-bus/")
    if body["hops"]:
        raise Undelivered(
            "THIRD_ACCOUNT_HOP_DETECTED", "an event is passed on to one other bus only", again=False
        )
    if account != cloud.account or not records.exists(cloud, region, bus):
        raise Undelivered("NO_RESOURCE", f"there is no event bus {target['Arn']}", again=False)
    if role := target.get("RoleArn"):
        credentials(cloud, body["region"], role, PRINCIPAL, body["arn"])
    with cloud.state.transaction():
        matching.put(cloud, region, bus, body["event"], hops=1)
