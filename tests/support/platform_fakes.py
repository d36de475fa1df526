"""AWS as the platform's functions see it, in memory, with a clock of its own; any call may die."""

import json
import random
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any


class Died(BaseException):
    """The process that called is gone: no handler of its own sees this."""


class ConditionalCheckFailedException(Exception):
    pass


@dataclass
class World:
    """A queue, a table and a pipeline.

    `mortality` is the part of calls that nobody survives, `overlap` the part of them before which
    another process of `rival` takes a batch.
    """

    mortality: float = 0.0
    overlap: float = 0.0
    rival: Any = None
    seed: int = 0
    running: float = 30.0  # seconds that an execution takes
    visibility: float = 60.0
    most: int = 5  # deliveries, until a message is dead
    now: float = 1_000_000.0
    queue: list[dict[str, Any]] = field(default_factory=list)
    dead: list[dict[str, Any]] = field(default_factory=list)
    items: dict[str, Any] = field(default_factory=dict)
    executions: dict[str, dict[str, Any]] = field(default_factory=dict)  # by token

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.exceptions = SimpleNamespace(
            ConditionalCheckFailedException=ConditionalCheckFailedException
        )

    def mortal(self, effect: Any) -> Any:
        """Do something; die before or after it, or not at all."""
        if self.rival and self.chance.random() < self.overlap:
            self.deliver(self.rival)
        if self.chance.random() < self.mortality / 2:
            raise Died
        result = effect()
        if self.chance.random() < self.mortality / 2:
            raise Died
        return result

    # SQS

    def put(self, body: Any, delay: float = 0) -> None:
        text = body if isinstance(body, str) else json.dumps(body)
        number = f"m{len(self.queue) + len(self.dead)}-{self.chance.random()}"
        self.queue.append(
            {"messageId": number, "body": text, "at": self.now + delay, "deliveries": 0}
        )

    def send_message(self, QueueUrl: str, MessageBody: str, DelaySeconds: int) -> Any:
        return self.mortal(lambda: self.put(MessageBody, DelaySeconds))

    def deliver(self, function: Any, size: int = 10, again: float = 0.0) -> bool:
        """Hand a batch to a function, as an event source mapping does; False when nothing is left."""
        if not self.queue:
            return False
        if function is not self.rival or not self.overlap:
            self.now = max(self.now, min(each["at"] for each in self.queue))
        batch = [each for each in self.queue if each["at"] <= self.now][:size]
        for each in batch:
            each["deliveries"] += 1
            each["at"] = self.now + self.visibility
        try:
            failed = {f["itemIdentifier"] for f in function(batch)["batchItemFailures"]}
        except Died:
            failed = {each["messageId"] for each in batch}
        for each in batch:
            if each["messageId"] in failed:
                if each["deliveries"] >= self.most and each in self.queue:
                    self.queue.remove(each)
                    self.dead.append(each)
            elif (
                each in self.queue and self.chance.random() >= again
            ):  # SQS may deliver a message that was deleted
                self.queue.remove(each)
        return True

    # DynamoDB

    def get_item(self, Key: Any, **_: Any) -> Any:
        item = self.mortal(lambda: self.items.get(json.dumps(Key)))
        return {"Item": item} if item else {}

    def put_item(self, Item: Any, ExpressionAttributeValues: Any, **_: Any) -> Any:
        def write() -> None:
            key = json.dumps({"Pipeline": Item["Pipeline"]})
            there = self.items.get(key)
            if there and there["Version"] != ExpressionAttributeValues[":read"]:
                raise ConditionalCheckFailedException
            self.items[key] = Item

        return self.mortal(write)

    # SageMaker

    def start_pipeline_execution(self, ClientRequestToken: str, **request: Any) -> Any:
        def start() -> Any:
            found = self.executions.setdefault(
                ClientRequestToken,
                {
                    "at": self.now,
                    "alone": not self._executing(),
                    "values": {p["Name"]: p["Value"] for p in request["PipelineParameters"]},
                },
            )
            return {"PipelineExecutionArn": f"arn:{ClientRequestToken}", "at": found["at"]}

        return self.mortal(start)

    def _executing(self) -> bool:
        return any(self.now < each["at"] + self.running for each in self.executions.values())

    def list_pipeline_executions(self, **_: Any) -> Any:
        status = "Executing" if self._executing() else "Succeeded"
        return {"PipelineExecutionSummaries": [{"PipelineExecutionStatus": status}]}
