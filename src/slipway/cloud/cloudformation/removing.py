"""The step that removes a resource, of the stack or of what was replaced in it."""

from dataclasses import replace

from slipway.cloud.cloudformation import types
from slipway.cloud.cloudformation.phases import CLEANUP, DONE, FAILED, PHASES
from slipway.cloud.cloudformation.stack import Leftover, Physical, Record
from slipway.cloud.cloudformation.work import Work


def remove(work: Work, name: str) -> str:
    """Remove a resource, unless its policy or the caller keeps it; return DONE or FAILED."""
    left = work.leftovers.get(name)
    logical_id = left.logical_id if left else name
    found = work.records.get(logical_id) or Record(logical_id, "", "", 0.0)
    of = left.of if left else found.now
    assert of is not None  # noqa: S101 (the phase has no other)
    status, said = "DELETE_COMPLETE", ""
    if keeps(work, found, of, left):
        status = "DELETE_SKIPPED"
    else:
        begun = replace(found, status="DELETE_IN_PROGRESS", reason="", begun=work.mark)
        if left:
            work.tell(begun, of)
        elif found.begun != work.mark:
            work.write(begun)
        try:
            asked = work.asked(name, of.type, of.properties, of.tags)
            types.found(of.type).delete(asked, of.made())
        except Exception as error:
            status, said = "DELETE_FAILED", work.failure(error, name, of.type)
    gone = replace(found, status=status, reason=said, begun=work.mark, ended=work.mark)
    with work.store.transaction():
        work.tell(gone, of)
        forget(work, name, gone, of, left)
    return FAILED if status == "DELETE_FAILED" else DONE


def forget(work: Work, name: str, gone: Record, of: Physical, left: Leftover | None) -> None:
    """Store what a removal leaves: the next clean-up tries again what failed."""
    failed = gone.status == "DELETE_FAILED"
    if left or PHASES[work.stack.status] == CLEANUP:
        if failed:
            work.store.leave(work.stack.id, Leftover(gone.logical_id, of, work.mark))
        elif left:
            work.store.clear(work.stack.id, name)
        if not left:
            work.store.forget(work.stack.id, name)
    else:
        work.put(gone if failed else replace(gone, now=None))


def keeps(work: Work, found: Record, of: Physical, left: Leftover | None) -> bool:
    """Tell whether a resource outlives its removal from the stack."""
    if found.logical_id in work.operation.skip:
        return True
    if left:
        return of.replacement == "Retain"
    if "ROLLBACK" in work.stack.status and found.before is None:  # it was made by what is undone
        return of.deletion == "Retain" and work.operation.retain_new
    return of.deletion != "Delete"
