"""What a type of step is."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from slipway.engine.attempt import Attempt
from slipway.engine.events import Event

# Does something for an attempt and yields what has happened, as it happens
Action = Callable[[Attempt], Iterable[Event]]


def nothing(_: Attempt) -> Iterator[Event]:
    """Do nothing."""
    return iter(())


@dataclass(frozen=True)
class Kind:
    """How the steps of one type are run.

    `start` begins an attempt with resolved arguments, `check` looks whether it has ended, `stop`
    asks it to, `resume` goes on with it in a new process. `slow` actions wait for a user's code.
    """

    start: Callable[[Attempt, Mapping[str, Any]], Iterable[Event]]
    check: Action = nothing
    stop: Action = nothing
    resume: Action = nothing
    slow: bool = False
