"""Turns decisions into calls to the AWS API, and what they bring about into events.

All executions share a few threads: a change to one is recorded and decided on under one lock, by
whichever thread learns of it; calls are made by a pool, outside the lock. News of jobs comes by
events; a slow poll finds what was missed.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from slipway.definition.errors import ResolveError
from slipway.engine import events as happened
from slipway.engine.attempt import Attempt, Facts
from slipway.engine.clock import Clock
from slipway.engine.decisions import Finish, Start, Stop, WakeAt, decide
from slipway.engine.errors import NoNews, Refused
from slipway.engine.events import Event
from slipway.engine.names import new_token
from slipway.engine.retries import retry_at
from slipway.engine.starting import start
from slipway.engine.state import FINISHED, RUNNING, Execution, StepRun, apply, replay
from slipway.engine.steps.kinds import SLOW, Performs, kind
from slipway.engine.store import Store

log = logging.getLogger(__name__)

CALLS = 12  # threads that call the API
INVOCATIONS = 16  # threads that wait for users' functions
SOON = 1.0  # seconds until a start that got no answer is tried again
POLL = 10.0  # seconds between looks at jobs of which no news came


@dataclass
class Live:
    """An execution that has not finished."""

    facts: Facts
    execution: Execution
    jobs: dict[str, str] = field(default_factory=dict)  # ARN → step


class Driver:
    """Runs every execution of one cloud."""

    def __init__(
        self,
        store: Store,
        api: Callable[[str, str, str], Any],
        performs: Performs,
        *,
        poll: float = POLL,
    ) -> None:
        """Prepare; `api` returns a client of a service in a region, as a role."""
        self._performs = performs
        self._store, self._api, self._poll = store, api, poll
        self._lock = threading.RLock()
        self._live: dict[str, Live] = {}
        self._calls = ThreadPoolExecutor(CALLS, "engine-call")
        self._invocations = ThreadPoolExecutor(INVOCATIONS, "engine-invocation")
        self._clock = Clock()
        self._clock.wake(time.time() + poll, self._look_at_all)
        self._closed = False

    def start(self) -> None:
        """Take up every execution that has not finished."""
        for arn in self._store.unfinished():
            self.begin(arn, resumed=True)

    def stop(self) -> None:
        """Make no more calls and record nothing more; the logs stay as they are."""
        self._closed = True
        self._clock.stop()
        for pool in (self._calls, self._invocations):
            pool.shutdown(wait=False, cancel_futures=True)

    def begin(self, arn: str, *, resumed: bool = False) -> None:
        """Run an execution that the store has."""
        facts, plan, events = self._store.load(arn)
        with self._lock:
            live = self._live[arn] = Live(facts, replay(plan, events))
            for step in live.execution.running() if resumed else ():
                self._note_job(live, step)
                if step.retry_at is None:
                    self._take_up(live, step)
            self._advance(live)

    @contextmanager
    def deciding(self) -> Iterator[None]:
        """Hold all executions as they are, so that a `tell` within follows on what was seen."""
        with self._lock:
            yield

    @contextmanager
    def changing(self, arn: str) -> Iterator[Execution]:
        """Hold all executions as they are, and return one of them."""
        with self._lock:
            live = self._live.get(arn)
            if live:
                yield live.execution
            else:
                _, plan, events = self._store.load(arn)
                yield replay(plan, events)

    def tell(self, arn: str, event: Event) -> None:
        """Record what a caller of the API has asked for or told of a step."""
        with self._lock:
            if arn not in self._live:
                facts, plan, events = self._store.load(arn)
                self._live[arn] = Live(facts, replay(plan, events))
            live = self._live[arn]
            self._record(live, event)
            self._advance(live)

    def waiting_for(self, token: str) -> tuple[Facts, StepRun] | None:
        """Return the running step whose attempt has this token, with its execution's facts."""
        with self._lock:
            for live in self._live.values():
                for step in live.execution.running():
                    if step.token == token and step.retry_at is None:
                        return live.facts, step
        return None

    def notice(self, job: str) -> None:
        """Look, soon, at the step that works with the job of this ARN, if one does."""
        self._submit(self._calls, self._look, job)

    def _look(self, job: str) -> None:
        with self._lock:
            for live in self._live.values():
                name = live.jobs.get(job)
                step = live.execution.steps.get(name) if name else None
                if step and step.status in ("Executing", "Stopping"):
                    self._act(live, step, "check")

    def _record(self, live: Live, event: Event) -> None:
        """Write an event, then take it into the state."""
        before = live.execution
        after = apply(before, event)
        self._store.append(live.facts, event, before, after)
        live.execution = after
        if isinstance(event, happened.StepExecuting):
            self._note_job(live, after.steps[event.step])

    def _note_job(self, live: Live, step: StepRun) -> None:
        for member in step.metadata.values():
            if "Arn" in member:
                live.jobs[member["Arn"]] = step.name

    def _advance(self, live: Live) -> None:
        """Decide, and carry out what was decided."""
        decisions = decide(live.execution, time.time())
        for decision in decisions:
            match decision:
                case Start(name):
                    self._record(live, happened.StepStarted(time.time(), name, new_token()))
                    self._act(live, live.execution.steps[name], "start")
                case Stop(name):
                    self._stop_step(live, live.execution.steps[name])
                case WakeAt(at):
                    self._clock.wake(at, partial(self._decide_again, live))
                case Finish(status):
                    self._record(live, happened.ExecutionFinished(time.time(), status))
                    self._live.pop(live.facts.arn, None)
        if any(isinstance(decision, Stop) for decision in decisions):
            self._advance(live)  # with the last step stopped, the execution has ended

    def _stop_step(self, live: Live, step: StepRun) -> None:
        if step.retry_at is not None:
            self._record(live, happened.StepStopped(time.time(), step.name, step.reason))
        else:
            self._record(live, happened.StepStopping(time.time(), step.name))
            self._act(live, live.execution.steps[step.name], "stop")

    def _take_up(self, live: Live, step: StepRun) -> None:
        """Go on with a step that an earlier process was at."""
        self._act(live, step, "start" if step.status == "Starting" else "resume", resumed=True)
        if step.status == "Stopping":
            self._act(live, step, "stop")

    def _act(self, live: Live, step: StepRun, action: str, *, resumed: bool = False) -> None:
        """Have the pool do something for the present attempt at a step."""
        facts = live.facts
        attempt = Attempt(
            live.facts,
            live.execution,
            live.facts.graph.steps[step.name],
            step,
            lambda service: self._api(service, facts.region, facts.role),
            time.time,
            resumed,
        )
        slow = attempt.step.type in SLOW and action == "start"
        self._submit(self._invocations if slow else self._calls, self._do, live, attempt, action)

    def _submit(self, pool: ThreadPoolExecutor, work: Callable[..., None], *given: Any) -> None:
        if not self._closed:
            pool.submit(work, *given)

    def _do(self, live: Live, attempt: Attempt, action: str) -> None:
        """Do something for an attempt; a log that cannot be written leaves the step as it was."""
        try:
            self._try(live, attempt, action)
        except Exception:
            if not self._closed:
                log.exception("step %s of %s", attempt.step.name, attempt.facts.arn)

    def _try(self, live: Live, attempt: Attempt, action: str) -> None:
        """Do something for an attempt and record what comes of it."""
        try:
            step_kind = kind(attempt.step.type, self._performs)
            if action == "start":
                events = start(attempt, step_kind, self._store)
            else:
                events = getattr(step_kind, action)(attempt)
            for event in events:
                self._happened(live, attempt, event)
        except NoNews as error:
            log.warning("step %s of %s: %s", attempt.step.name, attempt.facts.arn, error)
            if action == "start":  # the poll looks after steps that execute, not after these
                self._clock.wake(time.time() + SOON, partial(self._restart, live, attempt))
        except ResolveError as error:
            self._fail(live, attempt, f"ClientError: {error}", None)
        except Refused as refused:
            self._fail(live, attempt, refused.reason, refused.fault)
        except Exception as error:
            if self._closed:
                return
            log.exception("step %s of %s", attempt.step.name, attempt.facts.arn)
            reason = f"InternalFailure: an error in Slipway, not in the step: {error!r}"
            self._fail(live, attempt, f"{reason}; see cloud.log", None)

    def _happened(self, live: Live, attempt: Attempt, event: Any) -> None:
        """Record an event of an attempt, unless the step has moved on since."""
        with self._lock:
            step = live.execution.steps.get(attempt.step.name)
            if self._closed or live.execution.status in FINISHED or not same(step, attempt.run):
                return
            self._record(live, event)
            self._advance(live)

    def _fail(self, live: Live, attempt: Attempt, reason: str, fault: str | None) -> None:
        step, now = attempt.step, attempt.now()
        with self._lock:
            run = live.execution.steps.get(step.name)
            earlier = run.faults if run else ()
            again = retry_at(
                step.retry_policies, step.type, fault, earlier, started=attempt.run.started, now=now
            )
            if live.execution.status != "Executing":
                again = None
            event = happened.StepFailed(now, step.name, reason[:1024], None, fault, again)
            self._happened(live, attempt, event)

    def _restart(self, live: Live, attempt: Attempt) -> None:
        """Begin an attempt anew of which it is not known how far it came."""
        with self._lock:
            step = live.execution.steps.get(attempt.step.name)
            if step and same(step, attempt.run) and step.status == "Starting":
                self._act(live, step, "start", resumed=True)

    def _look_at_all(self) -> None:
        """Look at every job of which no news came, now and again."""
        self._clock.wake(time.time() + self._poll, self._look_at_all)
        with self._lock:
            for live in list(self._live.values()):
                for job in live.jobs:
                    self._look(job)
                self._advance(live)

    def _decide_again(self, live: Live) -> None:
        with self._lock:
            self._advance(live)


def same(step: StepRun | None, attempt: StepRun) -> bool:
    """Tell whether a step is still busy with this attempt."""
    return (
        step is not None
        and step.status in RUNNING
        and step.token == attempt.token
        and step.retry_at is None
    )
