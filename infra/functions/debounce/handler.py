"""Start one execution of the pipeline when files have landed and then none for a while.

A queue hands over what S3 says. Each batch is folded into the open window and sends one delayed message,
a tick, to the same queue; the last one finds the window quiet, seals it and starts its execution with a
token that the window decides. A tick that finds an execution running looks again later, so what landed
meanwhile starts one more. Whoever dies in between is followed by the next delivery of its message.
"""

import json
import logging
import math
import os
import random
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import boto3

from infra.functions.debounce import window
from infra.functions.debounce.messages import Tick, Unreadable, read
from infra.functions.debounce.store import Changed, Store
from infra.functions.debounce.window import Landed, Seal, Started, State, Wait

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)
LONGEST_DELAY = 900  # seconds that SQS keeps a message back
ATTEMPTS = 40  # to change the state, against others who do
RUNNING = {"Executing", "Stopping"}


@dataclass(frozen=True)
class Settings:
    """What the function is told by its environment."""

    pipeline: str
    table: str
    queue: str  # its URL
    bucket: str
    prefix: str
    quiet: float  # seconds

    @staticmethod
    def from_environment() -> "Settings":
        """Return the settings of this function."""
        of = os.environ
        return Settings(
            of["PIPELINE_NAME"],
            of["TABLE_NAME"],
            of["QUEUE_URL"],
            of["RAW_BUCKET"],
            of["RAW_PREFIX"],
            float(of["QUIET_SECONDS"]),
        )


class Debounce:
    """One invocation's work, with the clients that it needs."""

    def __init__(
        self, settings: Settings, dynamodb: Any, sqs: Any, sagemaker: Any, now: Callable[[], float]
    ) -> None:
        self._settings = settings
        self._store = Store(dynamodb, settings.table, settings.pipeline)
        self._sqs = sqs
        self._sagemaker = sagemaker
        self._now = now

    def batch(self, records: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """Work on a batch of messages; return those that failed, for SQS to deliver again."""
        failed: list[str] = []
        files: list[Landed] = []
        ticks: dict[str, str] = {}  # the message of each
        of_files: list[str] = []
        for record in records:
            try:
                said = read(
                    record["body"], self._settings.bucket, self._settings.prefix, self._now()
                )
            except Unreadable as error:
                log.error("message %s: %s", record["messageId"], error)
                failed.append(record["messageId"])
                continue
            if isinstance(said, Landed):
                files.append(said)
                of_files.append(record["messageId"])
            elif isinstance(said, Tick):
                ticks[said.id] = record["messageId"]
        if files:
            failed += self._attempt(lambda: self.land(files), of_files)
        for tick, message in ticks.items():
            failed += self._attempt(lambda tick=tick: self.look(tick), [message])  # type: ignore[misc]
        return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}

    def _attempt(self, work: Callable[[], None], messages: list[str]) -> list[str]:
        """Do some work; return its messages when it failed, so that the others are not repeated."""
        try:
            work()
        except Exception:
            log.exception("messages %s are to be delivered again", ", ".join(messages[:5]))
            return messages
        return []

    def land(self, files: Sequence[Landed]) -> None:
        """Fold files into the open window, then send the tick that will look at it."""
        new = uuid.uuid4().hex
        before, after = self._change(lambda state: window.arrived(state, files, self._now(), new))
        if after != before and after.open:
            log.info("%d files are in window %s, %s", len(files), after.open.id, after.open.folder)
            self._send(new, self._settings.quiet)

    def look(self, tick: str) -> None:
        """Start what is due; look again later while it is not."""
        for _ in range(ATTEMPTS):
            state, version = self._store.read()
            if state.starting:
                self._start(state.starting)  # left behind by one who died, or being done by another
                continue
            decided = window.due(state, tick, self._now(), self._settings.quiet)
            if isinstance(decided, Seal) and self._running():
                decided = Wait(self._settings.quiet)
            if isinstance(decided, Wait):
                self._send(tick, decided.seconds)
            elif isinstance(decided, Seal):
                try:
                    self._store.write(decided.state, version)
                except Changed:
                    pause()
                continue
            return
        raise RuntimeError(f"the state of {self._settings.pipeline} changed {ATTEMPTS} times")

    def _start(self, started: Started) -> None:
        """Start the execution of a sealed window, once however often this is called."""
        settings = self._settings
        values = {
            "InputData": f"s3://{settings.bucket}/",
            "InputPrefix": started.folder,
            "InputRevision": started.id,
        }
        answer = self._sagemaker.start_pipeline_execution(
            PipelineName=settings.pipeline,
            ClientRequestToken=started.token,
            PipelineExecutionDescription=f"Files landed below s3://{settings.bucket}/{started.folder}",
            PipelineParameters=[{"Name": name, "Value": value} for name, value in values.items()],
        )
        log.info("window %s: %s", started.id, answer["PipelineExecutionArn"])
        self._change(lambda state: window.recorded(state, started))

    def _running(self) -> bool:
        """Tell whether an execution of the pipeline has not ended."""
        newest = self._sagemaker.list_pipeline_executions(
            PipelineName=self._settings.pipeline,
            SortBy="CreationTime",
            SortOrder="Descending",
            MaxResults=100,
        )["PipelineExecutionSummaries"]
        return any(each["PipelineExecutionStatus"] in RUNNING for each in newest)

    def _change(self, change: Callable[[State], State]) -> tuple[State, State]:
        """Change the state, however many others do; return it before and after."""
        for _ in range(ATTEMPTS):
            state, version = self._store.read()
            after = change(state)
            if after == state:
                return state, state
            try:
                self._store.write(after, version)
            except Changed:
                pause()
                continue
            return state, after
        raise RuntimeError(f"the state of {self._settings.pipeline} changed {ATTEMPTS} times")

    def _send(self, tick: str, seconds: float) -> None:
        """Send a tick that comes after so many seconds, or as late as SQS can."""
        self._sqs.send_message(
            QueueUrl=self._settings.queue,
            MessageBody=json.dumps({"tick": tick}),
            DelaySeconds=min(LONGEST_DELAY, max(1, math.ceil(seconds))),
        )


def pause() -> None:
    """Wait a little, not as long as others do."""
    time.sleep(random.uniform(0.01, 0.1))  # noqa: S311 - no secret


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take a batch of the queue's messages (AWS Lambda)."""
    debounce = Debounce(
        Settings.from_environment(),
        boto3.client("dynamodb"),
        boto3.client("sqs"),
        boto3.client("sagemaker"),
        time.time,
    )
    return debounce.batch(event["Records"])
