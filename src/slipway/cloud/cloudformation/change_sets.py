"""The operations on change sets: what an update would do, looked at before it is done."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from slipway.cloud import clock
from slipway.cloud.cloudformation import conductor, describe
from slipway.cloud.cloudformation.changes import ABSENT, Change, Detail
from slipway.cloud.cloudformation.lists import page
from slipway.cloud.cloudformation.stack import Stack, Version, document
from slipway.cloud.cloudformation.stack import version as version_of
from slipway.cloud.cloudformation.stacks import (
    PATIENCE,
    PAUSED,
    acting,
    begin_update,
    changes_of,
    differs,
    existing,
    new_id,
    obsolete,
    operation,
    start,
    store_of,
    updatable,
)
from slipway.cloud.cloudformation.store import CHANGE_SET, Store
from slipway.cloud.cloudformation.wanted import invalid, version
from slipway.cloud.service import Call, ServiceError

EMPTY = (
    "The submitted information didn't contain changes. Submit different information to create a "
    "change set."
)


def create(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a change set, and its stack where that is new (CreateChangeSet)."""
    store, kind = store_of(call), request.get("ChangeSetType", "UPDATE")
    if kind == "IMPORT":
        raise invalid(
            "The local cloud does not import resources into stacks (ChangeSetType IMPORT)"
        )
    stack = store.named(request["StackName"])
    new = stack is None or stack.status == "REVIEW_IN_PROGRESS"
    if new and kind != "CREATE":
        raise invalid(f"Stack [{request['StackName']}] does not exist")
    if stack and not new:
        if kind == "CREATE":
            raise invalid(
                f"Stack [{stack.name}] already exists and cannot be created again with the "
                "changeSet [%s]." % request["ChangeSetName"]
            )
        updatable(stack)
    role = request.get("RoleARN") or (stack.role if stack else "")
    stack_id = stack.id if stack else new_id(call, request["StackName"])
    name = stack.name if stack else request["StackName"]
    before = None if new else stack
    wanted, context = version(call, request, acting(call, role), before, (stack_id, name))
    if stack is None:
        stack = Stack(stack_id, name, "REVIEW_IN_PROGRESS", wanted, clock.now(), role=role)
        with store.transaction():
            if not store.create(stack):
                raise ServiceError("AlreadyExistsException", f"Stack [{name}] already exists")
            store.move(stack, "REVIEW_IN_PROGRESS", "User Initiated")
    changes = changes_of(store, stack, context)
    empty = not new and not differs(store, stack, wanted, context, changes)
    arn = f"arn:aws:cloudformation:{call.region}:{call.cloud.account}:changeSet/"
    change_set_id = f"{arn}{request['ChangeSetName']}/{uuid.uuid4()}"
    body = {
        "id": change_set_id,
        "token": request.get("ClientToken", ""),
        "type": kind,
        "description": request.get("Description", ""),
        "created": clock.now(),
        "status": "FAILED" if empty else "CREATE_COMPLETE",
        "reason": EMPTY if empty else "",
        "execution": "UNAVAILABLE" if empty else "AVAILABLE",
        "version": document(wanted),
        "role": role,
        "on_failure": request.get("OnStackFailure", ""),
        "nested": request.get("IncludeNestedStacks", False),
        "changes": [shown(each) for each in changes],
    }
    kept, name = store.kept(CHANGE_SET, stack.id), request["ChangeSetName"]
    if not kept.create(name, body):
        there = kept.get(name) or {}
        if not body["token"] or there.get("token") != body["token"]:
            raise ServiceError("AlreadyExistsException", f"ChangeSet {name} already exists")
        change_set_id = there["id"]  # the very same request is made once more
    return {"Id": change_set_id, "StackId": stack.id}


def shown(change: Change) -> dict[str, Any]:
    """Return a change as the API shows it."""
    found: dict[str, Any] = {
        "Action": change.action,
        "LogicalResourceId": change.logical_id,
        "ResourceType": change.type,
        "Scope": list(change.scope),
        "Details": [each for detail in change.details for each in details(detail)],
    }
    for attribute in change.scope:
        if attribute != "Properties":
            target = {"Attribute": attribute, "RequiresRecreation": "Never"}
            found["Details"].append(
                {"Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification"}
            )
    if change.physical_id:
        found["PhysicalResourceId"] = change.physical_id
    if change.replacement:
        found["Replacement"] = change.replacement
    if change.policy:
        found["PolicyAction"] = change.policy
    return {"Type": "Resource", "ResourceChange": found}


def details(detail: Detail) -> Iterator[dict[str, Any]]:
    """Yield a property's change as the API shows it, with what it refers to where it does."""
    target = {
        "Attribute": "Properties",
        "Name": detail.name,
        "RequiresRecreation": detail.recreation,
        "Path": f"/Properties/{detail.name}",
    }
    for key, value in (("BeforeValue", detail.before), ("AfterValue", detail.after)):
        if value is not ABSENT:
            target[key] = value if isinstance(value, str) else json.dumps(value)
    one = {"Target": target, "Evaluation": detail.evaluation}
    if detail.cause:
        yield one | {"ChangeSource": "ResourceReference", "CausingEntity": detail.cause}
    else:
        yield one | {"ChangeSource": "DirectModification"}


def found_in(call: Call, request: dict[str, Any]) -> tuple[Store, Stack, str, dict[str, Any]]:
    """Return a change set by its name or id; ServiceError when there is none."""
    store, asked = store_of(call), request["ChangeSetName"]
    name = asked.split("/")[1] if asked.startswith("arn:") else asked
    stacks = [existing(store, request["StackName"])] if "StackName" in request else store.stacks()
    for stack in stacks:
        body = store.kept(CHANGE_SET, stack.id).get(name)
        if body and asked in (name, body["id"]):
            return store, stack, name, body
    raise ServiceError("ChangeSetNotFound", f"ChangeSet [{asked}] does not exist", 404)


def show(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Show a change set (DescribeChangeSet)."""
    _, stack, name, body = found_in(call, request)
    wanted = version_of(body["version"])
    changes = body["changes"]
    if not request.get("IncludePropertyValues"):
        changes = [without_values(each) for each in changes]
    return {
        "ChangeSetName": name,
        "ChangeSetId": body["id"],
        "StackId": stack.id,
        "StackName": stack.name,
        "Description": body["description"] or None,
        "Parameters": describe.parameters(wanted.parameters),
        "CreationTime": describe.moment(body["created"]),
        "ExecutionStatus": execution(stack, body),
        "Status": body["status"],
        "StatusReason": body["reason"] or None,
        "NotificationARNs": [],
        "RollbackConfiguration": {},
        "Capabilities": list(wanted.capabilities),
        "Tags": describe.tags(wanted),
        "IncludeNestedStacks": body["nested"],
        "OnStackFailure": body["on_failure"] or None,
        **page("Changes", changes, request),
    }


def without_values(change: dict[str, Any]) -> dict[str, Any]:
    """Return a change without the values of properties."""
    found = dict(change["ResourceChange"])
    found["Details"] = [
        {
            **each,
            "Target": {
                key: value
                for key, value in each["Target"].items()
                if key not in ("BeforeValue", "AfterValue", "Path")
            },
        }
        for each in found["Details"]
    ]
    return {**change, "ResourceChange": found}


def execution(stack: Stack, body: dict[str, Any]) -> str:
    """Return how far the execution of a change set is."""
    if stack.change_set != body["id"]:
        return str(body["execution"])
    if stack.operation:
        return "EXECUTE_IN_PROGRESS"
    return (
        "EXECUTE_FAILED"
        if "ROLLBACK" in stack.status or stack.status in PAUSED
        else ("EXECUTE_COMPLETE")
    )


def listed(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """List a stack's change sets (ListChangeSets)."""
    store = store_of(call)
    stack = existing(store, request["StackName"])
    found = [
        {
            "StackId": stack.id,
            "StackName": stack.name,
            "ChangeSetId": body["id"],
            "ChangeSetName": name,
            "ExecutionStatus": execution(stack, body),
            "Status": body["status"],
            "StatusReason": body["reason"] or None,
            "CreationTime": describe.moment(body["created"]),
            "Description": body["description"] or None,
            "IncludeNestedStacks": body["nested"],
        }
        for name, body in store.kept(CHANGE_SET, stack.id).all()
    ]
    return page("Summaries", found, request)


def remove(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a change set (DeleteChangeSet); one that is not there is gone already."""
    try:
        store, stack, name, _ = found_in(call, request)
    except ServiceError as error:
        if error.code == "ChangeSetNotFound":
            return {}
        raise
    store.kept(CHANGE_SET, stack.id).delete(name)
    return {}


def execute(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Do what a change set says (ExecuteChangeSet)."""
    store, stack, name, body = found_in(call, request)
    token = request.get("ClientRequestToken", "")
    if stack.change_set == body["id"] and token and body.get("executed") == token:
        conductor.wait(stack.id, PATIENCE)  # the very same request is made once more
        return {}
    if body["execution"] != "AVAILABLE" or stack.change_set == body["id"]:
        raise ServiceError(
            "InvalidChangeSetStatus",
            f"ChangeSet [{body['id']}] cannot be executed in its current status of [{body['status']}]",
        )
    acting(call, body["role"])
    wanted: Version = version_of(body["version"])
    own = operation(call, request, body["on_failure"] or "ROLLBACK")
    with store.transaction():
        store.kept(CHANGE_SET, stack.id).replace(name, body | {"executed": token})
        if body["type"] == "CREATE":
            now = replace(
                store.stack(stack.id),
                version=wanted,
                role=body["role"],
                operation=own,
                change_set=body["id"],
                disable_rollback=own.on_failure == "DO_NOTHING",
            )
            if now.status != "REVIEW_IN_PROGRESS":
                raise invalid(f"Stack:{now.id} is in {now.status} state and can not be created.")
            obsolete(store, stack, body["id"])
            start(store, now, "CREATE_IN_PROGRESS", "User Initiated")
        else:
            begin_update(store, stack, wanted, body["role"], own, body["id"])
    conductor.wait(stack.id, PATIENCE)
    return {}
