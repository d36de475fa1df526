"""One execution as an immutable value, rebuilt from its events. Pure.

Source of the statuses: PipelineExecutionStatus and StepStatus of the SageMaker API.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

from slipway.engine import events as happened
from slipway.engine.events import Event
from slipway.engine.plan import Plan

RUNNING = frozenset({"Starting", "Executing", "Stopping"})
ENDED = frozenset({"Succeeded", "Failed", "Stopped"})
FINISHED = frozenset({"Succeeded", "Failed", "Stopped", "CompletedWithFailures"})


@dataclass(frozen=True)
class StepRun:
    """A step that has started; a step that has not is in no state at all."""

    name: str
    status: str
    started: float
    ended: float | None = None
    attempt: int = 1
    token: str = ""  # of the present attempt
    attempted: float = 0.0  # when the present attempt began
    job: str = ""  # name or ARN of what it works with; "" until that exists
    key: str | None = None  # its cache key
    retry_at: float | None = None  # set while it waits for its next attempt
    faults: tuple[str, ...] = ()  # exception types of the failed attempts
    metadata: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    reason: str | None = None
    cache_hit: str | None = None
    reused: str | None = None


@dataclass(frozen=True)
class Execution:
    """The state of one pipeline execution."""

    plan: Plan
    status: str = "Executing"
    parallel: int | None = None
    created: float = 0.0
    modified: float = 0.0
    steps: Mapping[str, StepRun] = field(default_factory=dict)  # in the order of their start

    def running(self) -> tuple[StepRun, ...]:
        """Return the steps that have started and not ended."""
        return tuple(step for step in self.steps.values() if step.status in RUNNING)


class Inconsistent(Exception):
    """An event that cannot follow on the state: a fault of Slipway, never of the user."""


def replay(plan: Plan, log: Iterable[Event]) -> Execution:
    """Return the state after all events."""
    return reduce(apply, log, Execution(plan))


def apply(execution: Execution, event: Event) -> Execution:
    """Return the state after one event; Inconsistent when it cannot happen now."""
    now = replace(execution, modified=event.at)
    match event:
        case happened.ExecutionStarted():
            return replace(now, created=event.at, parallel=event.parallel)
        case happened.ExecutionFinished():
            return replace(now, status=event.status)
        case happened.StopRequested():
            return replace(now, status="Stopping")
        case happened.ParallelismChanged():
            return replace(now, parallel=event.parallel)
        case happened.RetryRequested():
            kept = {n: step for n, step in now.steps.items() if step.status == "Succeeded"}
            parallel = now.parallel if event.parallel is None else event.parallel
            return replace(now, status="Executing", parallel=parallel, steps=kept)
        case _:
            if event.step not in execution.plan.nodes:
                raise Inconsistent(f"{event} for a step that is not in the plan")
            step = apply_to_step(execution.steps.get(event.step), event)
            return replace(now, steps={**execution.steps, event.step: step})


StepEvent = (
    happened.StepReused
    | happened.StepStarted
    | happened.StepExecuting
    | happened.StepSucceeded
    | happened.StepFailed
    | happened.StepStopping
    | happened.StepStopped
)


def apply_to_step(step: StepRun | None, event: StepEvent) -> StepRun:
    """Return one step after one event that concerns it."""
    if isinstance(event, happened.StepReused):
        return StepRun(
            event.step,
            "Succeeded",
            started=event.at,
            ended=event.at,
            metadata=event.metadata,
            properties=event.properties,
            reused=event.source,
        )
    if isinstance(event, happened.StepStarted):
        return begin(step, event)
    if step is None or step.status not in RUNNING:
        raise Inconsistent(f"{event} for a step that is not running")
    match event:
        case happened.StepExecuting():
            status = "Stopping" if step.status == "Stopping" else "Executing"
            return replace(
                step, status=status, job=event.job, metadata=event.metadata, key=event.key
            )
        case happened.StepStopping():
            return replace(step, status="Stopping")
        case happened.StepStopped():
            return replace(
                step, status="Stopped", ended=event.at, reason=event.reason, retry_at=None
            )
        case happened.StepSucceeded():
            return replace(
                step,
                status="Succeeded",
                ended=event.at,
                metadata=event.metadata,
                properties=event.properties,
                cache_hit=event.cache_hit,
                reason=None,
            )
        case happened.StepFailed():
            return fail(step, event)


def begin(step: StepRun | None, event: happened.StepStarted) -> StepRun:
    """Return the step in its first or next attempt."""
    if step is None:
        return StepRun(
            event.step, "Starting", started=event.at, attempted=event.at, token=event.token
        )
    if step.retry_at is None:
        raise Inconsistent(f"{event} for a step that has started")
    return replace(
        step,
        status="Starting",
        attempt=step.attempt + 1,
        attempted=event.at,
        token=event.token,
        job="",
        metadata={},
        reason=None,
        retry_at=None,
    )


def fail(step: StepRun, event: happened.StepFailed) -> StepRun:
    """Return the step after an attempt that failed."""
    final = event.retry_at is None
    return replace(
        step,
        status="Failed" if final else step.status,
        ended=event.at if final else None,
        reason=event.reason,
        metadata=step.metadata if event.metadata is None else event.metadata,
        faults=step.faults + ((event.fault,) if event.fault else ()),
        retry_at=event.retry_at,
    )
