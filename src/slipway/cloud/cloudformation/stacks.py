"""The operations that create, update, roll back and delete stacks."""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from slipway.cloud import clock
from slipway.cloud.cloudformation import conductor, types
from slipway.cloud.cloudformation.changes import Change, plan
from slipway.cloud.cloudformation.context import Context
from slipway.cloud.cloudformation.functions import NotYet
from slipway.cloud.cloudformation.outside import clients, importers, in_use, trusted
from slipway.cloud.cloudformation.stack import Operation, Stack, Version
from slipway.cloud.cloudformation.store import CHANGE_SET, EXPORT, Store
from slipway.cloud.cloudformation.text import TemplateError
from slipway.cloud.cloudformation.wanted import invalid, version
from slipway.cloud.service import Call, ServiceError

PATIENCE = 8.0  # seconds that an answer waits for an operation that may be done by then
WHOLE = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE")
PAUSED = ("CREATE_FAILED", "UPDATE_FAILED")  # by DisableRollback
AT_REST = (*WHOLE, *PAUSED, "ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED")
DELETABLE = (*AT_REST, "UPDATE_ROLLBACK_FAILED", "REVIEW_IN_PROGRESS")
NAME = re.compile(r"[a-zA-Z][-a-zA-Z0-9]{0,127}")
NOTHING = "No updates are to be performed."


def store_of(call: Call) -> Store:
    """Return what CloudFormation knows in the call's region."""
    return Store(call.cloud, call.region)


def existing(store: Store, name: str) -> Stack:
    """Return a stack by its name or id; ServiceError when there is none."""
    if found := store.named(name):
        return found
    raise invalid(f"Stack with id {name} does not exist")


def acting(call: Call, role: str) -> Callable[[str], Any]:
    """Return the clients with which a stack is worked on; ServiceError for a role that is not given."""
    if role and not trusted(call.cloud, call.region, role):
        raise invalid(f"Role {role} is invalid or cannot be assumed")
    return clients(call.cloud, call.region, call.access_key, role)


def new_id(call: Call, name: str) -> str:
    """Return the ARN of a new stack."""
    if not NAME.fullmatch(name):
        raise invalid(
            f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy "
            "constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )
    unique = uuid.uuid4()
    return f"arn:aws:cloudformation:{call.region}:{call.cloud.account}:stack/{name}/{unique}"


def operation(call: Call, request: Mapping[str, Any], on_failure: str = "ROLLBACK") -> Operation:
    """Return a new operation."""
    return Operation(
        str(uuid.uuid4()),
        call.access_key,
        request.get("ClientRequestToken", ""),
        "DO_NOTHING" if request.get("DisableRollback") else on_failure,
        retain_new=not request.get("RetainExceptOnCreate", False),
    )


def start(store: Store, stack: Stack, status: str, reason: str = "", **changes: Any) -> None:
    """Write what is being done to a stack from now on, and begin it."""
    store.move(stack, status, reason, **changes)
    conductor.begin(store, stack.id)


def create(call: Call, request: dict[str, Any], parent: str = "") -> dict[str, Any]:
    """Create a stack (CreateStack)."""
    store, name, role = store_of(call), request["StackName"], request.get("RoleARN", "")
    if request.get("DisableRollback") and "OnFailure" in request:
        raise invalid("You cannot specify both DisableRollback and OnFailure")
    stack_id, client = new_id(call, name), acting(call, role)
    wanted, _ = version(call, request, client, None, (stack_id, name))
    own = operation(call, request, request.get("OnFailure", "ROLLBACK"))
    if "TimeoutInMinutes" in request:
        own = replace(own, deadline=clock.now() + 60 * request["TimeoutInMinutes"])
    stack = Stack(
        stack_id,
        name,
        "CREATE_IN_PROGRESS",
        wanted,
        clock.now(),
        role=role,
        protected=request.get("EnableTerminationProtection", False),
        disable_rollback=own.on_failure == "DO_NOTHING",
        timeout=request.get("TimeoutInMinutes"),
        operation=own,
        parent=parent,
        root=(store.stack(parent).root or parent) if parent else "",
    )
    with store.transaction():
        if not store.create(stack):
            if (same := again(store, name, own)) and not parent:
                return {"StackId": same}
            raise ServiceError("AlreadyExistsException", f"Stack [{name}] already exists")
        start(store, stack, "CREATE_IN_PROGRESS", "User Initiated")
    conductor.wait(stack_id, PATIENCE)
    return {"StackId": stack_id}


def again(store: Store, name: str, own: Operation) -> str:
    """Return the stack's id where the very same request is made once more, or ""."""
    there = store.named(name)
    same = there and there.operation and own.token and there.operation.token == own.token
    return there.id if there and same else ""


def update(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Update a stack (UpdateStack)."""
    store = store_of(call)
    stack = existing(store, request["StackName"])
    updatable(stack)
    role = request.get("RoleARN") or stack.role
    wanted, context = version(call, request, acting(call, role), stack, (stack.id, stack.name))
    if not differs(store, stack, wanted, context, changes_of(store, stack, context)):
        raise invalid(NOTHING)
    begin_update(store, stack, wanted, role, operation(call, request))
    conductor.wait(stack.id, PATIENCE)
    return {"StackId": stack.id}


def updatable(stack: Stack) -> None:
    """Refuse the update of a stack that cannot be updated now."""
    if stack.status not in (*WHOLE, *PAUSED):
        raise invalid(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")


def changes_of(store: Store, stack: Stack, context: Context) -> list[Change]:
    """Return what a stack's update changes; ServiceError where a type is another than before."""
    records = store.records(stack.id)
    changed = [
        name
        for name, found in context.definitions.items()
        if name in records and (now := records[name].now) and now.type != found.type
    ]
    if changed:
        raise invalid(
            "Update of resource type is not permitted. The new template modifies resource type of the "
            f"following resources: [{', '.join(sorted(changed))}]"
        )
    try:
        return plan(records, context, lambda name: types.found(name).replacing, types.tagged)
    except TemplateError as error:
        raise invalid(str(error)) from error


def differs(
    store: Store, stack: Stack, wanted: Version, context: Context, changes: list[Change]
) -> bool:
    """Tell whether an update would do anything."""
    if changes or stack.status in PAUSED or stack.version.tags != wanted.tags:
        return True
    there = store.records(stack.id).items()
    made = {name: found.now.made() for name, found in there if found.now}
    try:
        return context.outputs(made) != [dict(each) for each in stack.outputs]
    except (NotYet, TemplateError):
        return True


def begin_update(
    store: Store, stack: Stack, wanted: Version, role: str, own: Operation, change_set: str = ""
) -> None:
    """Begin the update of a stack, which must still be what it was when this was decided."""
    with store.transaction():
        now = store.stack(stack.id)
        updatable(now)
        obsolete(store, stack, change_set)
        start(
            store,
            now,
            "UPDATE_IN_PROGRESS",
            "User Initiated",
            version=wanted,
            role=role,
            operation=own,
            updated=clock.now(),
            disable_rollback=own.on_failure == "DO_NOTHING",
            change_set=change_set or now.change_set,
        )


def obsolete(store: Store, stack: Stack, executed: str) -> None:
    """Delete the change sets of a stack that is about to be another, but for the executed one."""
    kept = store.kept(CHANGE_SET, stack.id)
    for name, body in kept.all():
        if body["id"] != executed:
            kept.delete(name)


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a stack (DeleteStack); one that is not there is gone already."""
    store = store_of(call)
    stack = store.named(request["StackName"])
    if not stack or stack.status in ("DELETE_COMPLETE", "DELETE_IN_PROGRESS"):
        return {}
    role = request.get("RoleARN") or stack.role
    if stack.protected and not stack.parent:
        raise invalid(
            f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
        )
    acting(call, role)
    skip = tuple(request.get("RetainResources", ()))
    if skip and stack.status != "DELETE_FAILED":
        raise invalid(
            "Invalid operation on stack [{stack.id}]. RetainResources may be given only for stacks in "
            "DELETE_FAILED"
        )
    with store.transaction():
        stack = store.stack(stack.id)
        if stack.status == "CREATE_IN_PROGRESS" and stack.operation:
            own = replace(stack.operation, cancelled="Delete requested", on_failure="DELETE")
            store.write(replace(stack, operation=own))
        elif stack.status not in DELETABLE:
            raise invalid(f"Stack [{stack.name}] cannot be deleted while in status {stack.status}")
        elif not used(store, stack):
            own = replace(operation(call, request), skip=skip)
            start(store, stack, "DELETE_IN_PROGRESS", "User Initiated", role=role, operation=own)
    conductor.wait(stack.id, PATIENCE)
    return {}


def used(store: Store, stack: Stack) -> bool:
    """Tell whether others use a stack's exports; if so it stays, and its reason says why."""
    for name, found in store.kept(EXPORT).all():
        if found["StackId"] == stack.id and (users := importers(store, name)):
            store.move(stack, stack.status, in_use(name, users, "deleted"))
            return True
    return False


def cancel_update(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Roll an update back that is in progress (CancelUpdateStack)."""
    store = store_of(call)
    with store.transaction():
        stack = existing(store, request["StackName"])
        if stack.status != "UPDATE_IN_PROGRESS" or not stack.operation:
            raise invalid("CancelUpdateStack cannot be called from current stack status")
        own = replace(stack.operation, cancelled="User Initiated", on_failure="ROLLBACK")
        store.write(replace(stack, operation=own))
    return {}


def roll_back(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Roll a stack back whose operation failed and was not rolled back (RollbackStack)."""
    store = store_of(call)
    stack = existing(store, request["StackName"])
    if stack.status not in PAUSED:
        raise invalid(f"Stack:{stack.id} is in {stack.status} state and can not be rolled back.")
    return back(call, request, store, stack, ())


def continue_rollback(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Try a rollback again that failed (ContinueUpdateRollback)."""
    store = store_of(call)
    stack = existing(store, request["StackName"])
    if stack.status != "UPDATE_ROLLBACK_FAILED":
        raise invalid(f"Stack:{stack.id} is in {stack.status} state and can not be rolled back.")
    skip = tuple(request.get("ResourcesToSkip", ()))
    failed = {n for n, one in store.records(stack.id).items() if one.status == "UPDATE_FAILED"}
    if wrong := [name for name in skip if name not in failed]:
        raise invalid(
            f"ResourcesToSkip may name resources in UPDATE_FAILED alone ({', '.join(sorted(failed))}), "
            f"not {', '.join(wrong)}"
        )
    back(call, request, store, stack, skip)
    return {}


def back(
    call: Call, request: Mapping[str, Any], store: Store, stack: Stack, skip: tuple[str, ...]
) -> dict[str, Any]:
    """Begin to roll a stack back."""
    role = request.get("RoleARN") or stack.role
    acting(call, role)
    status = "UPDATE_ROLLBACK_IN_PROGRESS" if stack.stable else "ROLLBACK_IN_PROGRESS"
    own = replace(operation(call, request), skip=skip)
    with store.transaction():
        if store.stack(stack.id).status != stack.status:
            raise invalid(f"Stack:{stack.id} is in another state by now; try again")
        start(store, stack, status, "User Initiated", role=role, operation=own)
    conductor.wait(stack.id, PATIENCE)
    return {"StackId": stack.id}


def protect(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Protect a stack from its deletion, or no longer (UpdateTerminationProtection)."""
    store = store_of(call)
    with store.transaction():
        stack = existing(store, request["StackName"])
        if stack.parent:
            raise invalid("Termination protection of a nested stack is its root stack's.")
        store.write(replace(stack, protected=request["EnableTerminationProtection"]))
    return {"StackId": stack.id}
