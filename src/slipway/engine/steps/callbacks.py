"""Callback steps: a message to an SQS queue, and the wait for its answer."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from slipway.definition.model import OutputParameter, ParameterType
from slipway.engine.attempt import Attempt
from slipway.engine.events import Event, StepExecuting
from slipway.engine.steps.api import call
from slipway.engine.steps.kind import Kind


def start(attempt: Attempt, arguments: Mapping[str, Any]) -> Iterator[Event]:
    """Send the first message."""
    queue = send(attempt, arguments, "Executing")
    metadata = {"Callback": {"CallbackToken": attempt.run.token, "SqsQueueUrl": queue}}
    yield StepExecuting(attempt.now(), attempt.step.name, attempt.run.token, metadata)


def stop(attempt: Attempt) -> Iterator[Event]:
    """Send the message that asks to stop; the answer ends the step."""
    send(attempt, attempt.resolve(attempt.step.arguments), "Stopping")
    return iter(())


def send(attempt: Attempt, arguments: Mapping[str, Any], status: str) -> str:
    """Send a message to the step's queue and return the queue's URL."""
    queue = str(attempt.resolve(attempt.step.extras["SqsQueueUrl"]))
    body = {
        "token": attempt.run.token,
        "pipelineExecutionArn": attempt.facts.arn,
        "arguments": arguments,
        "status": status,
    }
    call(attempt, "sqs", "SendMessage", {"QueueUrl": queue, "MessageBody": json.dumps(body)})
    return queue


def read_outputs(declared: tuple[OutputParameter, ...], given: Mapping[str, str]) -> dict[str, Any]:
    """Return the outputs of an answer in their declared types; ValueError when they do not fit."""
    types = {output.name: output.type for output in declared}
    unknown, absent = sorted(given.keys() - types), sorted(types.keys() - given)
    if unknown or absent:
        raise ValueError(f"expected the output parameters {sorted(types)}, found {sorted(given)}")
    return {name: typed(name, types[name], text) for name, text in given.items()}


def typed(name: str, kind: ParameterType, text: str) -> Any:
    """Return an output's value from its text."""
    try:
        match kind:
            case ParameterType.INTEGER:
                return int(text)
            case ParameterType.FLOAT:
                return float(text)
            case ParameterType.BOOLEAN:
                return {"true": True, "false": False}[text.lower()]
    except (ValueError, KeyError):
        raise ValueError(f"output parameter {name}: expected {kind}, found '{text}'") from None
    return text


CALLBACK = Kind(start, stop=stop)
