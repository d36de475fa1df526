"""What is to be done next in a state. Pure; the rules are in docs/decisions/0201-what-runs-when.md."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from slipway.definition.model import Trigger
from slipway.engine.plan import TRIGGERS
from slipway.engine.state import ENDED, FINISHED, Execution, StepRun


@dataclass(frozen=True)
class Start:
    """Begin the first, or the next, attempt at a step."""

    step: str


@dataclass(frozen=True)
class Stop:
    """Tell a running step to stop."""

    step: str


@dataclass(frozen=True)
class WakeAt:
    """Decide again at this time, seconds since the epoch."""

    time: float


@dataclass(frozen=True)
class Finish:
    """End the execution with this status."""

    status: str


Decision = Start | Stop | WakeAt | Finish
Outlook = Literal["ended", "running", "ready", "waiting", "never"]


def decide(execution: Execution, now: float) -> tuple[Decision, ...]:
    """Return everything that is to be done now, in the order of the definition."""
    if execution.status in FINISHED:
        return ()
    running = execution.running()
    if execution.status == "Stopping":
        if not running:
            return (Finish("Failed" if failures(execution, outlook(execution)) else "Stopped"),)
        return tuple(Stop(step.name) for step in running if stoppable(step))
    seen = outlook(execution)
    blocked = failures(execution, seen) or unhandled(execution, seen, "Stopped")
    ready = () if blocked else tuple(n for n in execution.plan.nodes if seen[n] == "ready")
    free = len(ready) if execution.parallel is None else execution.parallel - len(running)
    starts = tuple(Start(name) for name in ready[: max(free, 0)])
    if not running and not starts:
        return (Finish(final_status(execution, seen)),)
    waiting = [(step.retry_at, step.name) for step in running if step.retry_at is not None]
    again = tuple(Start(name) for at, name in waiting if at <= now)
    later = [at for at, _ in waiting if at > now]
    return starts + again + ((WakeAt(min(later)),) if later else ())


def stoppable(step: StepRun) -> bool:
    """Tell whether a running step can be told to stop now: not while its job is being created."""
    return step.status == "Executing" or step.retry_at is not None


def outlook(execution: Execution) -> dict[str, Outlook]:
    """Return for every step whether it ended, runs, may start, may start later, or never will."""
    seen: dict[str, Outlook] = {}
    for name in execution.plan.nodes:
        step = execution.steps.get(name)
        if step:
            seen[name] = "ended" if step.status in ENDED else "running"
        else:
            seen[name] = prospect(execution, name, seen)
    return seen


def prospect(execution: Execution, name: str, seen: Mapping[str, Outlook]) -> Outlook:
    """Return the outlook of a step that has not started, from those of the steps before it."""
    node = execution.plan.nodes[name]
    verdicts = [
        verdict(execution, upstream, TRIGGERS[trigger], seen)
        for upstream, trigger in node.upstream.items()
    ]
    if node.branch:
        condition = node.branch.condition
        taken = verdict(execution, condition, TRIGGERS[Trigger.COMPLETED], seen)
        if taken:
            outcome = execution.steps[condition].properties["Outcome"]
            taken = outcome == ("true" if node.branch.outcome else "false")
        verdicts.append(taken)
    if False in verdicts:
        return "never"
    return "waiting" if None in verdicts else "ready"


def verdict(
    execution: Execution, upstream: str, wanted: frozenset[str], seen: Mapping[str, Outlook]
) -> bool | None:
    """Tell whether an upstream step ended as wanted; None while that is open."""
    step = execution.steps.get(upstream)
    if step and step.status in ENDED:
        return step.status in wanted
    return False if seen.get(upstream, "never") == "never" else None


def unhandled(execution: Execution, seen: Mapping[str, Outlook], status: str) -> list[str]:
    """Return the steps that ended with `status` and on which no step runs, or will, for that."""
    handled = {
        upstream
        for name, node in execution.plan.nodes.items()
        if seen[name] != "never"
        for upstream, trigger in node.upstream.items()
        if status in TRIGGERS[trigger]
    }
    return [n for n, step in execution.steps.items() if step.status == status and n not in handled]


def failures(execution: Execution, seen: Mapping[str, Outlook]) -> list[str]:
    """Return the failed steps that nothing handles."""
    return unhandled(execution, seen, "Failed")


def final_status(execution: Execution, seen: Mapping[str, Outlook]) -> str:
    """Return the status with which an execution ends in which nothing runs any more."""
    if failures(execution, seen) or unhandled(execution, seen, "Stopped"):
        return "Failed"
    if any(step.status != "Succeeded" for step in execution.steps.values()):
        return "CompletedWithFailures"
    return "Succeeded"


def why_not_retried(execution: Execution) -> str | None:
    """Return why an execution cannot be retried; None when it can."""
    if execution.status not in ("Failed", "Stopped"):
        return f"expected an execution that is Failed or Stopped, found {execution.status}"
    for name, step in execution.steps.items():
        if execution.plan.nodes[name].type == "Fail" and step.status == "Failed":
            return f"it was ended by the Fail step {name}; start a new execution"
    return None
