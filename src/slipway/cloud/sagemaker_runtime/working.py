"""One asynchronous request from its payload to its result: what is asked, written, told and measured."""

import base64
import logging
import time
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from slipway.cloud.hosting import capture
from slipway.cloud.hosting.live import Live
from slipway.cloud.s3.errors import S3Error
from slipway.cloud.sagemaker_runtime import data_log, errors, measured, notices
from slipway.cloud.sagemaker_runtime.accepted import Accepted
from slipway.cloud.sagemaker_runtime.asking import ask
from slipway.cloud.sagemaker_runtime.measured import MICROSECONDS, Values
from slipway.cloud.sagemaker_runtime.results import kind_of, write, written
from slipway.cloud.service import Call, ServiceError
from slipway.hosting.exchange import Invocation, Refused, Reply
from slipway.hosting.instance import Instance
from slipway.jobs.storage import NoSuchBucket, split_uri

LARGEST = 1 << 30  # bytes of a payload
FROM_MODEL = (
    "Received {kind} error ({status}) from model. See the SageMaker Endpoint logs in your account for "
    "more information."
)
NO_LENGTH = "The response from container {name} did not specify the required Content-Length header"
EXPIRED = "The request was not processed within its RequestTTLSeconds, {ttl} s."
DELETED = "Endpoint {name} was deleted before the request was processed."
FAILURES = (
    *("RequestDownloadFailures", "ResponseUploadFailures", "NotificationFailures"),
    *("ExpiredRequests", "InvocationFailures"),
)
log = logging.getLogger(__name__)


class Again(Exception):
    """The request cannot be done now; it is to be tried again."""


class Failed(Exception):
    """The request has failed: which metric counts it, what is told, what the log and the model say."""

    def __init__(
        self, metric: str, reason: str, detail: str = "", body: bytes | None = None
    ) -> None:
        super().__init__(reason)
        self.metric, self.reason, self.detail = metric, f"ClientError: {reason}", detail or reason
        self.body = body


def work(
    call: Call, serves: Live | None, asked: Accepted, again: bool, stopped: Callable[[], bool]
) -> None:
    """Do a request to the end: its result or its failure is written, told, measured and logged.

    Args:
        serves: The endpoint; None when it was deleted.
        again: It may be done already, by a cloud that was killed.
        stopped: Tells whether the cloud stops: what fails then has not failed.

    Raises:
        Again: It could not be done now.
    """
    if again and (kind := written(call.cloud, asked)):
        Work(call, serves, asked).succeeded(kind, None)
        return
    doing = Work(call, serves, asked)
    try:
        reply = doing.reply()
        doing.keep(reply)
        doing.succeeded(kind_of(reply), reply.body)
    except Failed as failure:
        if stopped():
            raise Again from failure
        doing.failed(failure)


class Work:
    """A request that is being done."""

    def __init__(self, call: Call, serves: Live | None, asked: Accepted) -> None:
        self._call, self._serves, self._asked = call, serves, asked
        self._began = time.time()
        self._values: Values = {name: (0.0, "Count") for name in FAILURES}
        # Who is asked is known later; a failure before is measured and logged as the first one's
        first = serves.routing.variants[0] if serves else None
        own = [each for share in first.shares for each in share.fleet.instances] if first else []
        self._variant = first.name if first else ""
        self._host = own[0].server.host if own else ""
        self._config = serves.config["EndpointConfigName"] if serves else ""

    def reply(self) -> Reply:
        """Return the model's good answer; Failed, Again."""
        asked = self._asked
        if self._serves is None:
            raise Failed("InvocationFailures", DELETED.format(name=asked.endpoint))
        if asked.expires <= self._began:
            raise Failed("ExpiredRequests", EXPIRED.format(ttl=asked.ttl))
        invocation = Invocation(self._payload(), asked.headers)

        def how(instance: Instance) -> Reply:
            self._host = instance.server.host
            try:
                return instance.invoke(invocation, asked.timeout)
            except Refused as error:
                raise Failed("InvocationFailures", str(error)) from None

        try:
            answered = ask(self._call, self._serves, "", how)
        except ServiceError as error:
            raise Again from error
        reply = answered.reply
        self._variant, self._config = answered.variant.name, answered.fleet.config
        self._values |= measured.of_reply(reply)
        capture.offer(
            self._call.cloud,
            self._serves,
            self._variant,
            invocation,
            reply,
            "" if asked.inference_id == asked.number else asked.inference_id,  # the caller's alone
            asked.headers.get("X-Amzn-SageMaker-Custom-Attributes", ""),
        )
        self._check(reply)
        return reply

    def _payload(self) -> bytes:
        """Return what the model is asked; Failed."""
        if not self._asked.input:
            return base64.b64decode(self._asked.body)
        began, where = time.perf_counter(), self._asked.input
        try:
            found = self._call.cloud.objects.get(*split_uri(where))
            if found is None:
                raise FileNotFoundError(f"there is no object {where}")
            if found.size > LARGEST:
                raise ValueError(f"expected at most {LARGEST} bytes, found {found.size}")
            payload = found.path.read_bytes()
        except NoSuchBucket as error:
            raise Failed(*undelivered(where, f"there is no bucket {error}")) from error
        except (FileNotFoundError, ValueError) as error:
            raise Failed(*undelivered(where, str(error))) from error
        self._timed("RequestDownloadLatency", began)
        return payload

    def _check(self, reply: Reply) -> None:
        """Refuse an answer that is no result; Failed."""
        call, asked = self._call, self._asked
        if not 200 <= reply.status < 300:
            kind = "client" if 400 <= reply.status < 500 else "server"
            detail = errors.sentence(reply, call.region, call.cloud.account, asked.endpoint)
            reason = FROM_MODEL.format(kind=kind, status=reply.status)
            raise Failed("InvocationFailures", reason, detail, reply.body)
        if "content-length" not in reply.headers:
            raise Failed("InvocationFailures", NO_LENGTH.format(name=reply.source))

    def keep(self, reply: Reply) -> None:
        """Write the result; Failed."""
        if not self._asked.output:
            return
        began = time.perf_counter()
        try:
            write(self._call.cloud, self._asked, self._asked.output, reply.body, kind_of(reply))
        except (S3Error, NoSuchBucket, ValueError) as error:
            text = f"The result could not be written to {self._asked.output}: {error}"
            raise Failed("ResponseUploadFailures", text) from error
        self._timed("ResponseUploadLatency", began)

    def succeeded(self, kind: str, body: bytes | None) -> None:
        """Tell, measure and log that the result is there; `body` None where it is not at hand."""
        asked, region = self._asked, self._call.region
        included = body if "SUCCESS_NOTIFICATION_TOPIC" in asked.included else None
        self._tell(
            asked.success_topic, notices.completed(asked, region, time.time(), kind, included)
        )
        self._finish("")

    def failed(self, failure: Failed) -> None:
        """Write, tell, measure and log that there will be no result."""
        asked = self._asked
        self._values[failure.metric] = (1.0, "Count")
        if asked.failure:
            try:
                write(self._call.cloud, asked, asked.failure, failure.detail.encode(), "text/plain")
            except (S3Error, NoSuchBucket, ValueError) as error:
                self._log(f"The failure could not be written to {asked.failure}: {error}")
        body = failure.body if "ERROR_NOTIFICATION_TOPIC" in asked.included else None
        notice = notices.failed(asked, self._call.region, time.time(), failure.reason, body)
        self._tell(asked.error_topic, notice)
        self._finish(failure.detail)

    def _tell(self, topic: str, notice: dict[str, Any]) -> None:
        if not topic:
            return
        try:
            notices.send(self._call.cloud, topic, notice)
        except ClientError as error:
            self._values["NotificationFailures"] = (1.0, "Count")
            self._log(f"The notification to {topic} failed: {error}")

    def _finish(self, trouble: str) -> None:
        now = time.time()
        waited, whole = (1000 * (end - self._asked.received) for end in (self._began, now))
        self._values["InvocationsProcesssed"] = (1.0, "Count")  # AWS's spelling
        self._values["TimeInBacklog"] = (waited, "Milliseconds")
        self._values["TotalProcessingTime"] = (whole, "Milliseconds")
        if self._serves is not None:
            measured.put(
                self._call, self._asked.endpoint, self._variant, self._config, self._values
            )
        self._log(trouble or data_log.good(self._values))

    def _log(self, text: str) -> None:
        call, asked = self._call, self._asked
        if self._host:
            data_log.write(
                call, asked.endpoint, self._variant, self._host, asked.inference_id, text
            )
        elif text:
            log.info("asynchronous request %s to %s: %s", asked.inference_id, asked.endpoint, text)

    def _timed(self, name: str, began: float) -> None:
        self._values[name] = ((time.perf_counter() - began) * MICROSECONDS, "Microseconds")


def undelivered(where: str, why: str) -> tuple[str, str]:
    """Return the metric and the text of a payload that cannot be had."""
    return "RequestDownloadFailures", f"The payload {where} could not be downloaded: {why}"
