"""Who is told what came of an event: destinations get a record of it, dead-letter targets the event."""

import json
import logging
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from slipway.cloud import api, credentials
from slipway.cloud.awslambda import owed, running
from slipway.cloud.awslambda.names import LATEST, Named, arn
from slipway.cloud.awslambda.running import Event, Outcome
from slipway.cloud.awslambda.settings import settings
from slipway.cloud.clock import now
from slipway.cloud.cloud import Cloud
from slipway.cloud.outbox import Later, Parcel
from slipway.cloud.service import Call

KIND = "LambdaDestination"
ATTEMPTS = 5  # to tell a destination
SHOWN = 1024  # characters of an error in a dead letter
log = logging.getLogger(__name__)


def tell(
    call: Call,
    target: Named,
    config: Mapping[str, Any],
    said: Mapping[str, Any],
    event: Event,
    parcel: Parcel,
    condition: str,
    attempts: int,
    outcome: Outcome | None,
) -> None:
    """Have the function's destination, and its dead-letter target, told what came of an event."""
    which = "OnSuccess" if condition == "Success" else "OnFailure"
    found = said.get("DestinationConfig", {}).get(which, {}).get("Destination", "")
    body = {
        "Region": call.region,
        "Function": target.name,
        "Arn": event.arn,
        "Role": config["Role"],
        "Subnets": config.get("VpcConfig", {}).get("SubnetIds", []),
    }
    post = owed.outbox(call.cloud).put
    if found:
        whole = record(arn(call, target.name, target.qualifier or LATEST), event, outcome)
        whole["requestContext"] |= {"condition": condition, "approximateInvokeCount": attempts}
        told = body | {"To": found, "Record": whole, "Good": condition == "Success"}
        post(KIND, f"{call.region}/{target.name}/told", told)
    if condition == "Success":
        return
    dead = config.get("DeadLetterConfig", {}).get("TargetArn", "")
    if dead:
        why = json.loads(outcome.payload).get("errorMessage", "") if outcome else condition
        letter = {"To": dead, "Payload": event.payload.decode(), "Why": str(why)[:SHOWN]}
        post(KIND, f"{call.region}/{target.name}/told", body | letter | {"Id": event.request_id})
    if not found and not dead:
        running.measure(call, event.arn, {"AsyncEventsDropped": (1.0, "Count")})


def record(of: str, event: Event, outcome: Outcome | None) -> dict[str, Any]:
    """Return what a destination is sent, but for how it went. Pure, but for the time."""
    found: dict[str, Any] = {
        "version": "1.0",
        "timestamp": datetime.fromtimestamp(now(), UTC).isoformat(timespec="milliseconds")[:-6]
        + "Z",
        "requestContext": {"requestId": event.request_id, "functionArn": of},
        "requestPayload": json.loads(event.payload),
    }
    if outcome:
        context: dict[str, Any] = {"statusCode": 200, "executedVersion": outcome.version}
        if outcome.error:
            context["functionError"] = "Unhandled"
        found |= {
            "responseContext": context,
            "responsePayload": json.loads(outcome.payload or b"null"),
        }
    return found


def send(cloud: Cloud, parcel: Parcel) -> float | Later | None:
    """Send a record or a dead letter, as the function's role; return when to try again."""
    body = parcel.body
    role = credentials.for_role(
        cloud, body["Region"], body["Role"], body["Function"], subnets=tuple(body["Subnets"])
    )
    try:
        if "Record" in body:
            send_record(cloud, body, role)
        else:
            send_letter(cloud, body, role)
    except (ClientError, BotoCoreError) as error:
        log.info("%s cannot tell %s: %s", body["Arn"], body["To"], error)
        if parcel.attempts + 1 < ATTEMPTS:
            return now() + settings().retry_factor * 2.0**parcel.attempts
        name = "DestinationDeliveryFailures" if "Record" in body else "DeadLetterErrors"
        call = Call(cloud, "lambda", "Invoke", body["Region"], "")
        running.measure(call, body["Arn"], {name: (1.0, "Count")})
    return None


def send_record(cloud: Cloud, body: Mapping[str, Any], role: credentials.Credentials) -> None:
    """Send a record to a destination; ClientError."""
    to, found = body["To"], body["Record"]
    service, region = to.split(":")[2], to.split(":")[3] or body["Region"]
    client, text = api.client(cloud, service, region, role), json.dumps(found)
    if service == "sqs":
        client.send_message(QueueUrl=queue_url(client, to), MessageBody=text)
    elif service == "sns":
        client.publish(TopicArn=to, Message=text)
    elif service == "lambda":
        client.invoke(FunctionName=to, InvocationType="Event", Payload=text)
    elif service == "s3":
        at, name = datetime.fromtimestamp(now(), UTC), body["Function"]
        time = f"{at:%Y/%m/%d/%Y-%m-%dT%H.%M.%S}"
        key = f"aws/lambda/async/{name}/{time}-{uuid.uuid4()}"
        client.put_object(Bucket=to.rpartition(":")[2], Key=key, Body=text.encode())
    else:
        end = "Success" if body["Good"] else "Failure"
        entry = {
            "Source": "lambda",
            "DetailType": f"Lambda Function Invocation Result - {end}",
            "Resources": [found["requestContext"]["functionArn"], to],
            "Detail": text,
            "EventBusName": to,
        }
        client.put_events(Entries=[entry])


def send_letter(cloud: Cloud, body: Mapping[str, Any], role: credentials.Credentials) -> None:
    """Send an event to a dead-letter target; ClientError."""
    to = body["To"]
    client = api.client(cloud, to.split(":")[2], to.split(":")[3], role)
    said = {"RequestID": body["Id"], "ErrorCode": "200", "ErrorMessage": body["Why"] or "unknown"}
    attributes = {
        name: {"DataType": "Number" if name == "ErrorCode" else "String", "StringValue": value}
        for name, value in said.items()
    }
    if to.split(":")[2] == "sqs":
        url = queue_url(client, to)
        client.send_message(QueueUrl=url, MessageBody=body["Payload"], MessageAttributes=attributes)
    else:
        client.publish(TopicArn=to, Message=body["Payload"], MessageAttributes=attributes)


def queue_url(client: Any, arn: str) -> str:
    """Return the URL of a queue, which is made of its ARN as everywhere in the cloud."""
    account, name = arn.split(":")[4:6]
    return f"{client.meta.endpoint_url}/{account}/{name}"
