"""What reads queues for functions: one thread for each mapping, which sleeps until there is a message.

The ground tells of changes, and when the next message can be received, so an empty queue is not asked.
"""

import json
import logging
import threading
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from slipway.cloud import api, credentials
from slipway.cloud.awslambda import pool, sqs_events
from slipway.cloud.awslambda.destinations import queue_url
from slipway.cloud.awslambda.names import named
from slipway.cloud.awslambda.placing import run
from slipway.cloud.awslambda.running import Event
from slipway.cloud.awslambda.sqs_events import BadAnswer, Message
from slipway.cloud.awslambda.store import find, version
from slipway.cloud.clock import now, wait_until
from slipway.cloud.cloud import Cloud
from slipway.cloud.service import Call, ServiceError

KIND = "LambdaEventSourceMapping"
TEN = 10  # messages that a request can receive or delete
AT_ONCE = 5  # batches of a mapping that are handled at once, where it says nothing
LARGEST = 5 << 20  # bytes of the messages of a batch
AGAIN = 1.0  # seconds until something is tried again that should have been possible
TROUBLE = 5.0  # seconds until a queue is asked again that refused
NOTHING = 3600.0  # seconds, where no message is in the queue
PLACE = 0.1  # seconds between two looks for a place for a batch
log = logging.getLogger(__name__)

_pollers: dict[Cloud, dict[str, "Poller"]] = {}
_changing = threading.Lock()


def start(cloud: Cloud) -> None:
    """Read queues from now on."""
    cloud.ground.listen(lambda: wake(cloud))
    for region in cloud.state.regions(KIND):
        for number, _ in cloud.state.documents(region, KIND).all():
            changed(cloud, region, number)


def wake(cloud: Cloud) -> None:
    """Have all mappings look at their queues."""
    for each in tuple(_pollers.get(cloud, {}).values()):
        each.woken.set()


def changed(cloud: Cloud, region: str, number: str) -> None:
    """Read for a mapping as it is now; not at all where it is disabled or deleted."""
    with _changing:
        found = _pollers.setdefault(cloud, {})
        if old := found.pop(number, None):
            old.stop()
        mapping = cloud.state.documents(region, KIND).get(number)
        if mapping and mapping["State"] == "Enabled":
            found[number] = Poller(cloud, region, mapping)


def stop(cloud: Cloud) -> None:
    """Read no more."""
    with _changing:
        found = _pollers.pop(cloud, {})
    for each in found.values():
        each.stop()
    for each in found.values():
        each.thread.join(5)


class Poller:
    """Reads one queue for one function."""

    def __init__(self, cloud: Cloud, region: str, mapping: dict[str, Any]) -> None:
        self._cloud, self._region, self._mapping = cloud, region, mapping
        self._queue: str = mapping["EventSourceArn"]
        self._function: str = mapping["FunctionArn"]
        self._call = Call(cloud, "lambda", "Invoke", region, "")
        self._patterns = sqs_events.patterns(mapping.get("FilterCriteria", {}))
        at_once = mapping.get("ScalingConfig", {}).get("MaximumConcurrency", AT_ONCE)
        self._at_once = 1 if self._queue.endswith(".fifo") else at_once
        self._free = threading.Semaphore(self._at_once)
        self._workers = ThreadPoolExecutor(self._at_once, "batch")
        self._stopped = threading.Event()
        self.woken = threading.Event()
        self.thread = threading.Thread(target=self._run, name="poller", daemon=True)
        self.thread.start()

    def stop(self) -> None:
        """Begin no more batches; one in work goes on to its end."""
        self._stopped.set()
        self.woken.set()
        self._workers.shutdown(wait=False)

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                pause = self._look()
            except (ClientError, BotoCoreError, ServiceError) as error:
                self._note(f"PROBLEM: {error}")
                pause = TROUBLE
            except Exception:
                if self._stopped.is_set():
                    return
                log.exception("the queue %s is not read", self._queue)
                pause = TROUBLE
            if pause:
                self._stopped.wait(pause)

    def _look(self) -> float:
        """Wait for a message and begin a batch; return the seconds to wait before the next look."""
        self.woken.clear()
        if self._stopped.is_set():
            return 0.0
        account, name = self._queue.split(":")[4:6]
        due = self._cloud.ground.next_message(account, self._queue.split(":")[3], name)
        if due is None or due >= now():
            wait_until(now() + NOTHING if due is None else due + 0.002, self.woken)
            return 0.0
        target = named(self._call, self._function)
        document = find(self._call, target)
        config, reserved = version(self._call, document, target), document["Reserved"]
        if not pool.has_place(self._cloud, self._region, target.name, reserved):
            return PLACE if reserved else TROUBLE  # what is not received is not received in vain
        while not self._free.acquire(timeout=1):
            if self._stopped.is_set():
                return 0.0
        begun = False
        try:
            sqs = self._client(config)
            batch = self._batch(sqs)
            wanted = [m for m in batch if sqs_events.wanted(m, self._queue, self._patterns)]
            self._delete(sqs, [message for message in batch if message not in wanted])
            if wanted and not self._stopped.is_set():
                self._workers.submit(self._handle, sqs, config, wanted)
                begun = True
            return 0.0 if batch else AGAIN
        finally:
            if not begun:
                self._free.release()

    def _client(self, config: dict[str, Any]) -> Any:
        subnets = tuple(config.get("VpcConfig", {}).get("SubnetIds", ()))
        role = credentials.for_role(
            self._cloud, self._region, config["Role"], config["FunctionName"], subnets=subnets
        )
        return api.client(self._cloud, "sqs", self._queue.split(":")[3], role)

    def _batch(self, sqs: Any) -> list[Message]:
        """Return the messages that come within the window, as many as a batch may have."""
        most, found = self._mapping["BatchSize"], self._receive(sqs, self._mapping["BatchSize"])
        if not found:
            return []
        end = now() + self._mapping["MaximumBatchingWindowInSeconds"]
        account, name = self._queue.split(":")[4:6]
        region = self._queue.split(":")[3]
        while len(found) < most and now() < end and size(found) < LARGEST:
            self.woken.clear()
            if self._stopped.is_set():
                break
            due = self._cloud.ground.next_message(account, region, name)
            if due is not None and due < now():
                more = self._receive(sqs, most - len(found))
                found += more
                if more:
                    continue
                due = now() + AGAIN
            wait_until(min(end, due + 0.002 if due is not None else end), self.woken)
        return found

    def _receive(self, sqs: Any, most: int) -> list[Message]:
        answer = sqs.receive_message(
            QueueUrl=queue_url(sqs, self._queue),
            MaxNumberOfMessages=min(TEN, most),
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        found: list[Message] = answer.get("Messages", [])
        return found

    def _delete(self, sqs: Any, messages: Sequence[Message]) -> None:
        for first in range(0, len(messages), TEN):
            entries = [
                {"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]}
                for n, message in enumerate(messages[first : first + TEN])
            ]
            sqs.delete_message_batch(QueueUrl=queue_url(sqs, self._queue), Entries=entries)

    def _handle(self, sqs: Any, config: dict[str, Any], batch: list[Message]) -> None:
        """Hand a batch to the function, and delete what it has handled; the rest comes again."""
        try:
            self._note(self._handled(sqs, config, batch))
        except Exception:
            if not self._stopped.is_set():
                log.exception("a batch of %s", self._queue)
        finally:
            self._free.release()
            self.woken.set()

    def _handled(self, sqs: Any, config: dict[str, Any], batch: list[Message]) -> str:
        payload = json.dumps(sqs_events.event(batch, self._queue)).encode()
        event = Event(payload, self._function, str(uuid.uuid4()))
        until = time.monotonic() + config["Timeout"]  # which is less than the visibility timeout
        target = named(self._call, self._function)
        while True:
            try:
                outcome = run(self._call, target, config, event)
                break
            except ServiceError as error:
                if time.monotonic() > until or self._stopped.wait(AGAIN):
                    return f"PROBLEM: {error.message}"
        if pool.is_stopped(self._cloud):
            return "PROBLEM: the local cloud stopped"
        if outcome.error:
            return "PROBLEM: Function call failed"
        failed: set[str] = set()
        if "ReportBatchItemFailures" in self._mapping["FunctionResponseTypes"]:
            try:
                failed = sqs_events.failed(outcome.payload, batch)
            except BadAnswer as error:
                return f"PROBLEM: {error}"
        self._delete(sqs, [each for each in batch if each["MessageId"] not in failed])
        return "OK"

    def _note(self, result: str) -> None:
        """Keep how the last batch went, where that is new."""
        documents = self._cloud.state.documents(self._region, KIND)
        with self._cloud.state.transaction():
            mapping = documents.get(self._mapping["UUID"])
            if mapping and mapping["LastProcessingResult"] != result:
                documents.replace(mapping["UUID"], mapping | {"LastProcessingResult": result})


def size(messages: Sequence[Message]) -> int:
    """Return the bytes of messages' bodies, nearly."""
    return sum(len(message["Body"]) for message in messages)
