"""An invocation of a schedule's target: attempts as its role, and a dead letter where they fail."""

import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from slipway.cloud import api
from slipway.cloud.clock import now
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch import metrics
from slipway.cloud.outbox import Parcel, retry_after
from slipway.cloud.scheduler import records
from slipway.cloud.scheduler.universal import PREFIX, operation
from slipway.cloud.targets.attempts import exhausted_by
from slipway.cloud.targets.dead_letters import bury
from slipway.cloud.targets.permits import credentials
from slipway.cloud.targets.refusals import Undelivered, of_client
from slipway.cloud.targets.send import Sending, kind_of, send

PRINCIPAL = "scheduler.amazonaws.com"
log = logging.getLogger(__name__)

Body = Mapping[str, Any]


def deliver(cloud: Cloud, parcel: Parcel) -> float | None:
    """Invoke a target, or say when to try again; the last failure is written into a dead letter."""
    body = parcel.body
    target = body["target"]
    count(cloud, body, "InvocationAttemptCount")
    try:
        attempt(cloud, body, parcel.attempts)
    except Undelivered as failure:
        count(cloud, body, "TargetErrorCount")
        exhausted = exhausted_by(target.get("RetryPolicy", {}), parcel)
        if failure.again and not exhausted:
            return now() + retry_after(parcel.attempts)
        log.warning("schedule %s: %s is not invoked: %s", body["arn"], target["Arn"], failure)
        count(cloud, body, "InvocationDroppedCount")
        if letters := target.get("DeadLetterConfig", {}).get("Arn"):
            about = {
                "SCHEDULE_ARN": body["arn"],
                "TARGET_ARN": target["Arn"],
                "EXECUTION_ID": body["execution"],
                "SCHEDULED_TIME": stamp(body["occurrence"]),
                "ERROR_CODE": failure.code,
                "ERROR_MESSAGE": failure.message,
                "RETRY_ATTEMPTS": str(parcel.attempts),
            }
            if failure.again:
                about["EXHAUSTED_RETRY_CONDITION"] = exhausted
            text = text_of(cloud, body, parcel.attempts)
            source = records.group_arn(cloud, body["region"], body["group"])
            sent = bury(
                cloud, Sending(letters, text, PRINCIPAL, source, "", target["RoleArn"]), about
            )
            failed = "InvocationsFailedToBeSentToDeadLetterCount"
            count(cloud, body, "InvocationsSentToDeadLetterCount" if sent else failed)
    return None


def attempt(cloud: Cloud, body: Body, attempts: int) -> None:
    """Invoke once, as the role of the target; Undelivered."""
    target = body["target"]
    text = text_of(cloud, body, attempts)
    source = records.group_arn(cloud, body["region"], body["group"])
    if target["Arn"].startswith(PREFIX) or kind_of(target["Arn"]) == "event-bus":
        call(cloud, body, text, source)
        return
    listed = target.get("SageMakerPipelineParameters", {}).get("PipelineParameterList", [])
    sending = Sending(
        target["Arn"],
        text,
        PRINCIPAL,
        source,
        f"{body['arn']}/{body['occurrence']}",
        target["RoleArn"],
        target.get("SqsParameters", {}).get("MessageGroupId", ""),
        tuple((each["Name"], each["Value"]) for each in listed),
    )
    send(cloud, sending)


def call(cloud: Cloud, body: Body, text: str, source: str) -> None:
    """Call an operation of an API, PutEvents for a bus; Undelivered."""
    target, region = body["target"], body["region"]
    if target["Arn"].startswith(PREFIX):
        service, name = operation(target["Arn"])
        request = json.loads(text) if "Input" in target else {}
    else:
        service, name = "events", "PutEvents"
        parameters = target["EventBridgeParameters"]
        entry = {"EventBusName": target["Arn"], "Detail": text, **parameters}
        request = {"Entries": [entry]}
    of = credentials(cloud, region, target["RoleArn"], PRINCIPAL, source)
    try:
        answer = api.client(cloud, service, region, of)._make_api_call(name, request)
    except ClientError as error:
        raise of_client(error) from error
    except BotoCoreError as error:  # what is wrong with the request, or with the connection
        again = "Connection" in type(error).__name__ or "Timeout" in type(error).__name__
        code = "CONNECTION_FAILURE" if again else "INVALID_PARAMETER"
        raise Undelivered(code, str(error), again=again) from error
    if answer.get("FailedEntryCount"):
        failed = answer["Entries"][0]
        raise Undelivered(failed["ErrorCode"], failed["ErrorMessage"], again=False)


def text_of(cloud: Cloud, body: Body, attempts: int) -> str:
    """Return what a target gets: its Input with names filled in, else a scheduled event."""
    target, at = body["target"], stamp(body["occurrence"])
    if "Input" not in target:
        event = {
            "version": "0",
            "id": body["execution"],
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "account": cloud.account,
            "time": at,
            "region": body["region"],
            "resources": [body["arn"]],
            "detail": "{}",
        }
        return "{}" if kind_of(target["Arn"]) == "event-bus" else json.dumps(event)
    text = str(target["Input"])
    for name, value in (
        ("schedule-arn", body["arn"]),
        ("scheduled-time", at),
        ("execution-id", body["execution"]),
        ("attempt-number", str(attempts + 1)),
    ):
        text = text.replace(f"<aws.scheduler.{name}>", value)
    return text


def stamp(time: float) -> str:
    """Return a time as schedules write it."""
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def count(cloud: Cloud, body: Body, metric: str) -> None:
    """Count something about a schedule."""
    dimensions = (("ScheduleGroup", body["group"]),)
    metrics.record(cloud, body["region"], "AWS/Scheduler", dimensions, {metric: (1, "Count")})
