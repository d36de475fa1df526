"""Messages of topics on their way to functions and to addresses on this machine."""

import json
import logging
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from slipway.cloud.clock import now
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch import metrics
from slipway.cloud.outbox import Parcel, retry_after
from slipway.cloud.targets.dead_letters import bury
from slipway.cloud.targets.refusals import Undelivered
from slipway.cloud.targets.send import Sending, send

KIND = "sns"  # of the parcels
PRINCIPAL = "sns.amazonaws.com"
AGE = 23 * 86400.0  # seconds for which a function is tried, as on AWS
TIMES = 3  # that an address is tried again
PATIENCE = 15.0  # seconds for the answer of an address
LOOPBACK = ("localhost", "127.0.0.1", "::1")
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
log = logging.getLogger(__name__)

Notice = dict[str, Any]


def deliver(cloud: Cloud, parcel: Parcel) -> float | None:
    """Deliver one message to one subscription, or say when to try again."""
    notice = parcel.body
    try:
        SENDERS.get(notice["protocol"], said)(cloud, notice)
    except Undelivered as failure:
        if failure.again and not exhausted(parcel):
            return now() + retry_after(parcel.attempts)
        log.warning("a message of %s is not delivered: %s", notice["subscription"], failure)
        count(cloud, notice, "NumberOfNotificationsFailed")
        if letters := json.loads(notice["letters"]).get("deadLetterTargetArn"):
            sending = Sending(letters, notice["message"], PRINCIPAL, notice["topic"], "")
            about = {"ERROR_CODE": failure.code, "ERROR_MESSAGE": failure.message}
            bury(cloud, sending, about)
        return None
    count(cloud, notice, "NumberOfNotificationsDelivered")
    return None


def exhausted(parcel: Parcel) -> bool:
    """Tell whether a message has been tried often or long enough."""
    if parcel.body["protocol"] == "lambda":
        return now() - parcel.written > AGE
    return parcel.attempts >= TIMES


def count(cloud: Cloud, notice: Notice, metric: str) -> None:
    """Count a message of a topic."""
    *_, region, _, name = notice["topic"].split(":")
    dimensions = (("TopicName", name),)
    metrics.record(cloud, region, "AWS/SNS", dimensions, {metric: (1, "Count")})


def to_function(cloud: Cloud, notice: Notice) -> None:
    """Invoke a function with a message."""
    body = json.dumps({"Records": [record(notice)]})
    token = f"{notice['subscription']}/{notice['id']}"
    send(cloud, Sending(notice["endpoint"], body, PRINCIPAL, notice["topic"], token))


def record(notice: Notice) -> dict[str, Any]:
    """Return what a function gets of a message."""
    return {
        "EventSource": "aws:sns",
        "EventVersion": "1.0",
        "EventSubscriptionArn": notice["subscription"],
        "Sns": {
            "Type": "Notification",
            "MessageId": notice["id"],
            "TopicArn": notice["topic"],
            "Subject": notice["subject"],
            "Message": notice["message"],
            "Timestamp": notice["time"],
            "SignatureVersion": "1",
            "Signature": "none",  # nobody else can have sent it
            "SigningCertUrl": "none",
            "UnsubscribeUrl": "none",
            "MessageAttributes": notice["attributes"],
        },
    }


def to_address(_: Cloud, notice: Notice) -> None:
    """Post a message to an address on this machine."""
    if urlsplit(notice["endpoint"]).hostname not in LOOPBACK:
        raise Undelivered(
            "NO_RESOURCE", f"{notice['endpoint']} is not on this machine", again=False
        )
    about = record(notice)["Sns"]
    body = notice["message"] if notice["raw"] else json.dumps(about)
    request = urllib.request.Request(  # noqa: S310 (http or https, by the protocol)
        notice["endpoint"],
        body.encode(),
        {
            "Content-Type": "text/plain; charset=UTF-8",
            "x-amz-sns-message-type": "Notification",
            "x-amz-sns-message-id": notice["id"],
            "x-amz-sns-topic-arn": notice["topic"],
            "x-amz-sns-subscription-arn": notice["subscription"],
        },
    )
    try:
        DIRECT.open(request, timeout=PATIENCE).close()
    except urllib.error.HTTPError as error:
        again = error.code >= 500 or error.code == 429
        raise Undelivered("ERROR_FROM_TARGET", f"it answered {error.code}", again=again) from error
    except OSError as error:
        raise Undelivered("CONNECTION_FAILURE", str(error), again=True) from error


def said(_: Cloud, notice: Notice) -> None:
    """Write into the log what on AWS a person would get."""
    to = f"{notice['protocol']} to {notice['endpoint']}"
    log.info("%s from %s: %s: %s", to, notice["topic"], notice["subject"], notice["message"])


SENDERS: dict[str, Callable[[Cloud, Notice], None]] = {
    "lambda": to_function,
    "http": to_address,
    "https": to_address,
}
