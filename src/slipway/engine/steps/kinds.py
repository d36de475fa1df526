"""The kind of step for each type in a definition."""

from collections.abc import Iterator, Mapping
from typing import Any

from slipway.engine.attempt import Attempt
from slipway.engine.errors import Refused
from slipway.engine.events import Event
from slipway.engine.steps.callbacks import CALLBACK
from slipway.engine.steps.flow import CONDITION, FAIL
from slipway.engine.steps.kind import Kind
from slipway.engine.steps.lambdas import LAMBDA
from slipway.engine.steps.packages import REGISTER_MODEL
from slipway.engine.steps.resources import JOBS, kind_of


def refuse(attempt: Attempt, _: Mapping[str, Any]) -> Iterator[Event]:
    """Fail, naming the type that has no kind."""
    raise Refused(
        f"ClientError: steps of type {attempt.step.type} do not run in Slipway. It runs "
        f"{', '.join(sorted(KINDS))}. Leave the step out by selective execution, or run the "
        "pipeline on AWS",
        None,
    )
    yield  # makes this a generator, as every action is


KINDS: Mapping[str, Kind] = {
    "Condition": CONDITION,
    "Fail": FAIL,
    "Lambda": LAMBDA,
    "Callback": CALLBACK,
    "RegisterModel": REGISTER_MODEL,
    **{step_type: kind_of(resource) for step_type, resource in JOBS.items()},
}
UNKNOWN = Kind(refuse)


def kind(step_type: str) -> Kind:
    """Return what steps of a type do."""
    return KINDS.get(step_type, UNKNOWN)
