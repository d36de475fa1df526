"""Condition and Fail steps, which run nothing."""

from collections.abc import Iterator, Mapping
from typing import Any

from slipway.definition.conditions import evaluate
from slipway.engine.attempt import Attempt
from slipway.engine.events import Event, StepFailed, StepSucceeded
from slipway.engine.steps.kind import Kind


def choose(attempt: Attempt, _: Mapping[str, Any]) -> Iterator[Event]:
    """Evaluate the conditions: `True` in the metadata, `true` where it is referred to."""
    outcome = evaluate(attempt.step.conditions, attempt.scope)
    metadata = {"Condition": {"Outcome": str(outcome)}}
    properties = {"Outcome": str(outcome).lower()}
    yield StepSucceeded(attempt.now(), attempt.step.name, metadata, properties)


def fail(attempt: Attempt, arguments: Mapping[str, Any]) -> Iterator[Event]:
    """Fail with the step's message; without one the step has no failure reason."""
    message = str(arguments.get("ErrorMessage", ""))
    metadata = {"Fail": {"ErrorMessage": message}}
    yield StepFailed(attempt.now(), attempt.step.name, message or None, metadata)


CONDITION = Kind(choose)
FAIL = Kind(fail)
