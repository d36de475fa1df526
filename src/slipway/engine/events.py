"""What can happen to an execution: plain facts, kept in a log from which its state is rebuilt.

Times are seconds since the epoch.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class ExecutionStarted:
    """The execution was accepted."""

    at: float
    parallel: int | None = None  # MaxParallelExecutionSteps


@dataclass(frozen=True)
class StepReused:
    """Selective execution took the step's result from another execution."""

    at: float
    step: str
    source: str  # the other execution's ARN
    metadata: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StepStarted:
    """An attempt at the step begins; whatever it calls into being bears `token`."""

    at: float
    step: str
    token: str


@dataclass(frozen=True)
class StepExecuting:
    """What the step works with exists, and `job` names it."""

    at: float
    step: str
    job: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None  # what a later run must equal to take this one's result


@dataclass(frozen=True)
class StepSucceeded:
    """The step is done; `properties` is what references to it resolve to."""

    at: float
    step: str
    metadata: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    cache_hit: str | None = None  # ARN of the execution whose result was taken


@dataclass(frozen=True)
class StepFailed:
    """An attempt failed: for good, or until `retry_at`."""

    at: float
    step: str
    reason: str | None = None
    metadata: Mapping[str, Any] | None = None  # None: as it was
    fault: str | None = None  # exception type of the retry policies
    retry_at: float | None = None


@dataclass(frozen=True)
class StepStopping:
    """The step was told to stop."""

    at: float
    step: str


@dataclass(frozen=True)
class StepStopped:
    """The step has stopped before its end."""

    at: float
    step: str
    reason: str | None = None


@dataclass(frozen=True)
class StopRequested:
    """StopPipelineExecution was answered."""

    at: float


@dataclass(frozen=True)
class RetryRequested:
    """RetryPipelineExecution was answered."""

    at: float
    parallel: int | None = None  # None: as it was


@dataclass(frozen=True)
class ParallelismChanged:
    """UpdatePipelineExecution changed the number of steps that may run at once."""

    at: float
    parallel: int


@dataclass(frozen=True)
class ExecutionFinished:
    """Nothing runs any more, and nothing will."""

    at: float
    status: str


Event = (
    ExecutionStarted
    | StepReused
    | StepStarted
    | StepExecuting
    | StepSucceeded
    | StepFailed
    | StepStopping
    | StepStopped
    | StopRequested
    | RetryRequested
    | ParallelismChanged
    | ExecutionFinished
)
TYPES: Mapping[str, type[Event]] = {kind.__name__: kind for kind in Event.__args__}


def to_json(event: Event) -> dict[str, Any]:
    """Return the event as a JSON object."""
    return {"event": type(event).__name__, **asdict(event)}


def from_json(body: Mapping[str, Any]) -> Event:
    """Return the event that `to_json` wrote; KeyError for one that this Slipway does not know."""
    members = dict(body)
    return TYPES[members.pop("event")](**members)
