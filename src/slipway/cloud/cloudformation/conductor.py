"""The driver of a stack operation: begins the steps that may begin, and writes what comes next."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue

from slipway.cloud import clock
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudformation import making, phases, removing, signals
from slipway.cloud.cloudformation.context import Context, Whose
from slipway.cloud.cloudformation.outside import Lookups, clients, export
from slipway.cloud.cloudformation.phases import DONE, FAILED, RUNNING, WAITING
from slipway.cloud.cloudformation.stack import Stack
from slipway.cloud.cloudformation.store import STACK, Store
from slipway.cloud.cloudformation.text import TemplateError
from slipway.cloud.cloudformation.work import Work
from slipway.cloud.hosting import background

MOST = 8  # steps of one operation at a time
INTERRUPTED = "interrupted"  # how a step ended that the next start does again
GLANCE = 0.5  # seconds until the conductor looks whether it was cancelled
REPLACED = "A resource that was replaced could not be removed."
STEPS: dict[str, Callable[[Work, str], str]] = {
    phases.DEPLOY: making.deploy,
    phases.RESTORE: making.restore,
    phases.CLEANUP: removing.remove,
    phases.REMOVE: removing.remove,
}
log = logging.getLogger(__name__)

_at_rest: dict[str, threading.Event] = {}  # by the id of a stack in progress
_lock = threading.Lock()


def begin(store: Store, stack_id: str) -> None:
    """Conduct the operation that is written in a stack, in a thread."""
    at_rest = threading.Event()
    with _lock:
        _at_rest[stack_id] = at_rest

    def conduct() -> None:
        try:
            while stage(store, stack_id):
                pass
        finally:
            with _lock:
                if _at_rest.get(stack_id) is at_rest:  # else the next operation has begun already
                    del _at_rest[stack_id]
            at_rest.set()

    background.begin(
        store.cloud,
        f"the operation on {stack_id}",
        conduct,
        lambda reason: log.error("%s stays as it is until the next start: %s", stack_id, reason),
    )


def wait(stack_id: str, seconds: float) -> None:
    """Wait until nothing is in progress with a stack, so long at most."""
    with _lock:
        at_rest = _at_rest.get(stack_id)
    if at_rest:
        at_rest.wait(seconds)


def take_up(cloud: Cloud) -> None:
    """Go on with what the last process left in progress."""
    for region in cloud.state.regions(STACK):
        store = Store(cloud, region)
        for stack in store.stacks():
            if stack.operation and stack.status in phases.PHASES:
                begin(store, stack.id)


def context(store: Store, stack: Stack, work_for: Lookups) -> Context:
    """Return a stack's template in its surroundings."""
    whose = Whose(stack.id, stack.name, store.cloud.account, store.region)
    return Context(whose, stack.version, work_for)


def stage(store: Store, stack_id: str) -> bool:
    """Do one phase of a stack's operation, and write what follows; return whether more follows."""
    stack = store.stack(stack_id)
    if not stack.operation:
        return False
    client = clients(store.cloud, store.region, stack.operation.access_key, stack.role)
    lookups = Lookups(store, client)
    work = Work(store, stack, context(store, stack, lookups), client)
    kind = phases.PHASES[stack.status]
    order = work.context.graph if kind != phases.REMOVE else {}
    states = perform(work, phases.phase(stack, order, work.records, work.leftovers))
    broken = [found for name, found in work.records.items() if states.get(name) == FAILED]
    said = cancelled(work) if kind == phases.DEPLOY else ""
    reached = None
    if not set(states.values()) <= {DONE}:
        said = said or phases.why(phases.after(stack, True), broken) or REPLACED
    elif kind == phases.DEPLOY and not said:
        try:
            reached = whole(work, lookups)
        except TemplateError as error:
            said = str(error)
    return follow(store, stack, said, reached)


def perform(work: Work, phase: phases.Phase) -> dict[str, str]:
    """Do the steps of a phase, a few at a time; return how each ended."""
    states = dict.fromkeys(phase.before, WAITING) | {
        name: FAILED if found.status.endswith("_FAILED") else DONE
        for name, found in work.records.items()
        if name in phase.before and found.ended == work.mark
    }
    states |= {n: FAILED for n, found in work.leftovers.items() if found.ended == work.mark}
    ended: SimpleQueue[tuple[str, str]] = SimpleQueue()
    running: set[str] = set()
    while True:
        if phase.stops and cancelled(work):
            work.stopping.set()
        may = [] if work.stopping.is_set() else phase.ready(states)
        for name in may[: MOST - len(running)]:
            states[name] = RUNNING
            running.add(name)
            start(work, phase.kind, name, ended)
        if not running:
            return states
        try:
            name, states_as = ended.get(timeout=GLANCE)
        except Empty:
            background.unless_ending(work.store.cloud)
            continue
        running.discard(name)
        states[name] = states_as
        if states_as == INTERRUPTED:
            raise background.Interrupted
        if phase.stops and states_as == FAILED:
            work.stopping.set()


def start(work: Work, kind: str, name: str, ended: "SimpleQueue[tuple[str, str]]") -> None:
    """Do one step in a thread; how it ended goes into the queue."""

    def run() -> None:
        try:
            result = background.insist(name, lambda: STEPS[kind](work, name))
        except background.Interrupted:
            result = INTERRUPTED
        except Exception as error:
            result = broken(work, name, error)
        ended.put((name, result))

    threading.Thread(target=run, name=f"{work.stack.name}/{name}", daemon=True).start()


def broken(work: Work, name: str, error: Exception) -> str:
    """Return how a step ended that broke by a mistake of ours: it failed, if that can be written."""
    try:
        return making.broke(work, name, error)
    except Exception:
        log.exception("the step %s of %s broke", name, work.stack.name)
        return INTERRUPTED  # it stays in progress: the next start tries again


def cancelled(work: Work) -> str:
    """Return why an operation is to end before its time, or ""."""
    operation = work.store.stack(work.stack.id).operation
    if operation and operation.cancelled:
        return operation.cancelled
    if work.operation.deadline and clock.now() > work.operation.deadline:
        return "Stack creation time exceeded the specified timeout."
    return ""


@dataclass(frozen=True)
class Reached:
    """What a stack gives when all of its resources are as they shall be."""

    outputs: tuple[dict[str, str], ...]
    imports: tuple[str, ...]


def whole(work: Work, lookups: Lookups) -> Reached:
    """Return what a stack gives; TemplateError where an output cannot be had."""
    made = work.made()
    for name in work.context.definitions:  # what was done before a restart imports, too
        work.context.properties(name, made)
    return Reached(tuple(work.context.outputs(made)), tuple(lookups.imports))


def follow(store: Store, before: Stack, failed: str, reached: Reached | None = None) -> bool:
    """Write the status that follows on a phase; return whether it is one of work.

    `failed` says why, where something did.
    """
    with store.transaction():
        stack = store.stack(before.id)
        if reached:
            try:
                stack = commit(store, stack, reached)
            except TemplateError as error:
                failed = str(error)
        status = phases.after(stack, bool(failed))
        if status == "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS" and stack.stable:
            stack = replace(stack, version=stack.stable)
        if phases.PHASES[stack.status] == phases.CLEANUP:
            failed = ""  # what could not be removed is tried again by the next one
        if status in phases.PHASES:
            store.move(stack, status, failed)
            return True
        end(store, stack, status, failed)
    return False


def commit(store: Store, stack: Stack, reached: Reached) -> Stack:
    """Return a stack that has become whole: there is no way back from here."""
    export(store, stack, reached.outputs)
    for record in store.records(stack.id).values():
        if record.touched:
            store.put(stack.id, replace(record, touched=False, before=None))
    return replace(stack, stable=stack.version, outputs=reached.outputs, imports=reached.imports)


def end(store: Store, stack: Stack, status: str, said: str) -> None:
    """Write that an operation has ended."""
    if status == "DELETE_COMPLETE":
        export(store, stack, ())
        signals.forget(store.cloud, store.region, stack.id)
        stack = replace(stack, deleted=clock.now(), imports=())
    if status == "UPDATE_ROLLBACK_COMPLETE":
        for name, record in store.records(stack.id).items():
            if record.touched and not record.before and not record.now:
                store.forget(stack.id, name)
    store.write(replace(store.move(stack, status, said), operation=None))
