"""The operations that show stacks, resources, events and exports."""

import json
from collections.abc import Sequence
from typing import Any

from slipway.cloud.cloudformation import describe
from slipway.cloud.cloudformation.stack import Record, Stack
from slipway.cloud.cloudformation.stacks import existing, store_of
from slipway.cloud.cloudformation.store import EVENT, EXPORT, Store
from slipway.cloud.cloudformation.wanted import invalid
from slipway.cloud.cloudwatch import pages
from slipway.cloud.service import Call

PAGE = 100


def page(name: str, found: Sequence[Any], request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of a list."""
    begin = pages.offset(request, "ValidationError")
    shown, end = list(found[begin : begin + PAGE]), begin + PAGE
    return {name: shown, "NextToken": pages.token(end, request) if end < len(found) else None}


def describe_stacks(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Show a stack, or all that were not deleted (DescribeStacks)."""
    store = store_of(call)
    if "StackName" in request:
        found = [existing(store, request["StackName"])]
    else:
        found = [each for each in store.stacks() if each.status != "DELETE_COMPLETE"]
    return page("Stacks", [describe.stack(each) for each in found], request)


def list_stacks(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """List stacks, also deleted ones (ListStacks)."""
    wanted = request.get("StackStatusFilter")
    found = [
        describe.summary(each)
        for each in store_of(call).stacks()
        if not wanted or each.status in wanted
    ]
    return page("StackSummaries", found, request)


def events(store: Store, stack: Stack) -> list[dict[str, Any]]:
    """Return a stack's events, the newest first."""
    whose = {"StackId": stack.id, "StackName": stack.name}
    return [
        {**whose, **found, "Timestamp": describe.moment(found["Timestamp"])}
        for _, found in reversed(store.kept(EVENT, stack.id).all())
    ]


def describe_events(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Show a stack's events (DescribeStackEvents)."""
    store = store_of(call)
    stack = store.named(request["StackName"])
    if not stack:
        raise invalid(f"Stack [{request['StackName']}] does not exist")
    return page("StackEvents", events(store, stack), request)


def describe_operation_events(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Show the events of a stack's operations (DescribeEvents)."""
    store = store_of(call)
    if "StackName" not in request:
        raise invalid("StackName is required")
    stack = existing(store, request["StackName"])
    wanted, failed = request.get("OperationId"), request.get("Filters", {}).get("FailedEvents")
    found = []
    for each in events(store, stack):
        of_stack = each["PhysicalResourceId"] == stack.id
        if (wanted and each["OperationId"] != wanted) or "ChangeSetName" in request:
            continue  # a change set is checked at once: it has no events of its own
        if failed and (of_stack or not each["ResourceStatus"].endswith("_FAILED")):
            continue
        shown = {k: v for k, v in each.items() if k not in ("StackName",)}
        found.append(shown | {"EventType": "STACK_EVENT"})
    return page("OperationEvents", found, request)


def record(store: Store, stack: Stack, logical_id: str) -> Record:
    """Return a resource; ServiceError when there is none."""
    found = store.records(stack.id).get(logical_id)
    if not found:
        raise invalid(f"Resource {logical_id} does not exist for stack {stack.name}")
    return found


def describe_resource(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Show a resource (DescribeStackResource)."""
    store = store_of(call)
    stack = existing(store, request["StackName"])
    own = record(store, stack, request["LogicalResourceId"])
    found = describe.resource(own)
    if own.metadata is not None:
        found["Metadata"] = json.dumps(own.metadata)
    return {"StackResourceDetail": {"StackId": stack.id, "StackName": stack.name, **found}}


def describe_resources(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Show the resources of a stack, or of the stack that has one (DescribeStackResources)."""
    store = store_of(call)
    if "StackName" in request:
        stack = existing(store, request["StackName"])
    else:
        stack = owner(store, request.get("PhysicalResourceId", ""))
    records = list(store.records(stack.id).values())
    if "LogicalResourceId" in request:
        records = [record(store, stack, request["LogicalResourceId"])]
    return {"StackResources": [describe.of_stack(stack, each) for each in records]}


def owner(store: Store, physical_id: str) -> Stack:
    """Return the stack of a physical resource; ServiceError when no stack has it."""
    for stack in store.stacks():
        if any(
            e.now and e.now.physical_id == physical_id for e in store.records(stack.id).values()
        ):
            return stack
    raise invalid(f"Stack for {physical_id} does not exist")


def list_resources(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """List a stack's resources (ListStackResources)."""
    store = store_of(call)
    stack = existing(store, request["StackName"])
    found = [describe.resource(each) for each in store.records(stack.id).values()]
    return page("StackResourceSummaries", found, request)


def list_exports(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """List what stacks export (ListExports)."""
    found = [
        {"ExportingStackId": each["StackId"], "Name": name, "Value": each["Value"]}
        for name, each in sorted(store_of(call).kept(EXPORT).all())
    ]
    return page("Exports", found, request)


def list_imports(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """List the stacks that use an export (ListImports)."""
    name = request["ExportName"]
    found = [
        each.name
        for each in store_of(call).stacks()
        if name in each.imports and each.status != "DELETE_COMPLETE"
    ]
    if not found:
        raise invalid(f"Export '{name}' is not imported by any stack.")
    return page("Imports", found, request)
