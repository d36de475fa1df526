"""The states of a stack: what is done in each, in which order, and what comes next. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from slipway.cloud.cloudformation.references import Graph
from slipway.cloud.cloudformation.stack import Leftover, Record, Stack

DEPLOY, RESTORE, CLEANUP, REMOVE = "deploy", "restore", "cleanup", "remove"
PHASES = {  # the stack's status → what is done to its resources
    "CREATE_IN_PROGRESS": DEPLOY,
    "UPDATE_IN_PROGRESS": DEPLOY,
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": CLEANUP,
    "UPDATE_ROLLBACK_IN_PROGRESS": RESTORE,
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": CLEANUP,
    "ROLLBACK_IN_PROGRESS": REMOVE,
    "DELETE_IN_PROGRESS": REMOVE,
}
WELL = {  # the status after a phase in which nothing failed
    "CREATE_IN_PROGRESS": "CREATE_COMPLETE",
    "UPDATE_IN_PROGRESS": "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS": "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS": "UPDATE_ROLLBACK_COMPLETE",
    "ROLLBACK_IN_PROGRESS": "ROLLBACK_COMPLETE",
    "DELETE_IN_PROGRESS": "DELETE_COMPLETE",
}
BADLY = {  # and after one in which something did; a cleanup fails nobody
    "UPDATE_ROLLBACK_IN_PROGRESS": "UPDATE_ROLLBACK_FAILED",
    "ROLLBACK_IN_PROGRESS": "ROLLBACK_FAILED",
    "DELETE_IN_PROGRESS": "DELETE_FAILED",
}
ENDS_WHOLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")

WAITING, RUNNING, DONE, FAILED = "waiting", "running", "done", "failed"


@dataclass(frozen=True)
class Phase:
    """The steps of one phase: what each waits for, and whether one that fails stops the others."""

    kind: str
    before: Graph
    stops: bool  # a failure begins nothing more

    def ready(self, states: Mapping[str, str]) -> list[str]:
        """Return the steps that may begin now."""
        if self.stops and FAILED in states.values():
            return []
        return [
            name
            for name, waits in self.before.items()
            if states[name] == WAITING and all(states[other] == DONE for other in waits)
        ]


def mark(stack: Stack) -> str:
    """Return what a record says of a step of the phase in which a stack is."""
    assert stack.operation  # noqa: S101 (asked of stacks in progress alone)
    return f"{stack.operation.id}/{stack.status}"


def phase(
    stack: Stack,
    wanted: Graph,
    records: Mapping[str, Record],
    leftovers: Mapping[str, Leftover],
) -> Phase:
    """Return the steps of the phase in which a stack is.

    Args:
        stack: Its status says the phase.
        wanted: What the resources of its template wait for.
        records: The logical resources by their ids.
        leftovers: What was replaced, by a name of its own.
    """
    kind = PHASES[stack.status]
    if kind == DEPLOY:
        return Phase(kind, wanted, stops=True)
    if kind == RESTORE:
        touched = {
            name: found.before for name, found in records.items() if found.touched and found.before
        }
        before = {
            name: frozenset(found.depends_on) & touched.keys() for name, found in touched.items()
        }
        return Phase(kind, before, stops=False)
    names = records if kind == REMOVE else unwanted(stack, wanted, records)
    gone = {name: name for name in names if records[name].now}
    gone |= {name: found.logical_id for name, found in leftovers.items()}
    return Phase(kind, backwards(gone, records, leftovers), stops=False)


def unwanted(stack: Stack, wanted: Graph, records: Mapping[str, Record]) -> list[str]:
    """Return the records that a cleanup removes: of what is no more, or was new and is undone."""
    if stack.status == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS":
        return [name for name in records if name not in wanted]
    return [name for name, found in records.items() if found.touched and found.before is None]


def backwards(
    gone: Mapping[str, str],
    records: Mapping[str, Record],
    leftovers: Mapping[str, Leftover],
) -> Graph:
    """Return the order of removal: each after those that refer to it."""
    waits: dict[str, set[str]] = {name: set() for name in gone}
    for name in gone:
        found = leftovers[name].of if name in leftovers else records[name].now
        for needed in found.depends_on if found else ():
            for other, logical_id in gone.items():
                if logical_id == needed and other != name:
                    waits[other].add(name)
    return {name: frozenset(found) for name, found in waits.items()}


def after(stack: Stack, failed: bool) -> str:
    """Return the status that follows on a phase."""
    assert stack.operation  # noqa: S101 (asked of stacks in progress alone)
    if not failed or PHASES[stack.status] == CLEANUP:
        return WELL[stack.status]
    if stack.status in BADLY:
        return BADLY[stack.status]
    wants = stack.operation.on_failure
    if wants == "DO_NOTHING":
        return stack.status.replace("_IN_PROGRESS", "_FAILED")
    if wants == "DELETE":
        return "DELETE_IN_PROGRESS"
    return "UPDATE_ROLLBACK_IN_PROGRESS" if stack.stable else "ROLLBACK_IN_PROGRESS"


def why(status: str, failed: Iterable[Record]) -> str:
    """Return the reason that goes with the status after a failure, as CloudFormation words it."""
    verbs: dict[str, list[str]] = {}
    for found in failed:
        verbs.setdefault(found.status.split("_")[0].lower(), []).append(found.logical_id)
    reason = "".join(
        f"The following resource(s) failed to {verb}: [{', '.join(sorted(names))}]. "
        for verb, names in sorted(verbs.items())
    )
    return f"{reason}Rollback requested by user." if status == "ROLLBACK_IN_PROGRESS" else reason
