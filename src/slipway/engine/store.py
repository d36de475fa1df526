"""What the engine needs of a database."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from slipway.engine.attempt import Facts
from slipway.engine.events import Event
from slipway.engine.plan import Plan
from slipway.engine.state import Execution


@dataclass(frozen=True)
class Earlier:
    """The successful run of a step whose result may be taken again."""

    execution: str  # ARN
    ended: float  # seconds since the epoch
    metadata: Mapping[str, Any]
    properties: Mapping[str, Any]


class Store(Protocol):
    """The logs of all executions. What was appended is there after a kill."""

    def load(self, arn: str) -> tuple[Facts, Plan, list[Event]]:
        """Return what is settled about an execution, its plan and its log; KeyError if unknown."""

    def append(self, facts: Facts, event: Event, before: Execution, after: Execution) -> None:
        """Write one event, the state after it, and what others are told of it: all or nothing."""

    def unfinished(self) -> Iterable[str]:
        """Return the ARNs of the executions that have not finished, oldest first."""

    def earlier(self, facts: Facts, step: str, key: str) -> Earlier | None:
        """Return the newest successful run of a step with this cache key in the same pipeline."""
