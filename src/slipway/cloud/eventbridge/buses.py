"""Event buses: the default one, those that a user makes, and who may put events on them."""

import json
from collections.abc import Mapping
from typing import Any

from slipway.cloud.clock import now
from slipway.cloud.eventbridge import records
from slipway.cloud.eventbridge.records import DEFAULT, bus_arn
from slipway.cloud.iam.policy import MalformedPolicy, parse
from slipway.cloud.sagemaker.listing import moment
from slipway.cloud.service import Call, Operation, ServiceError, invalid

LARGEST_POLICY = 10240  # characters
SHOWN = ("Description", "KmsKeyIdentifier", "DeadLetterConfig", "LogConfig")


def create(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make a bus (CreateEventBus)."""
    name = request["Name"]
    if name == DEFAULT or "/" in name:
        raise invalid(
            f"Parameter Name is not valid. Reason: {name} is not a name for an event bus."
        )
    arn = bus_arn(call.cloud, call.region, name)
    bus = {member: request[member] for member in SHOWN if member in request}
    bus |= {"Name": name, "CreationTime": now()}
    with call.cloud.state.transaction():
        if not records.buses(call.cloud, call.region).create(name, bus):
            raise ServiceError(
                "ResourceAlreadyExistsException", f"Event bus {name} already exists."
            )
        records.put_tags(call, arn, request.get("Tags", []))
    return {"EventBusArn": arn, **{member: bus[member] for member in SHOWN if member in bus}}


def describe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a bus (DescribeEventBus)."""
    return shown(call, records.bus_name(call, request, "Name"))


def shown(call: Call, name: str) -> dict[str, Any]:
    """Return a bus as it is shown."""
    bus = records.buses(call.cloud, call.region).get(name) or {}
    found: dict[str, Any] = {"Name": name, "Arn": bus_arn(call.cloud, call.region, name)}
    found |= {member: bus[member] for member in SHOWN if member in bus}
    if statements := bus.get("Statements"):
        policy = {"Version": "2012-10-17", "Statement": list(statements.values())}
        found["Policy"] = json.dumps(policy)
    for member in ("CreationTime", "LastModifiedTime"):
        if member in bus:
            found[member] = moment(bus[member])
    return found


def list_buses(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of buses (ListEventBuses)."""
    own = (name for name, _ in records.buses(call.cloud, call.region).all() if name != DEFAULT)
    prefix = request.get("NamePrefix", "")
    every = [shown(call, name) for name in sorted([DEFAULT, *own]) if name.startswith(prefix)]
    listed = ("Name", "Arn", "Description", "Policy", "CreationTime", "LastModifiedTime")
    return records.page("EventBuses", [{k: b[k] for k in listed if k in b} for b in every], request)


def update(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change a bus (UpdateEventBus)."""
    name = records.bus_name(call, request, "Name")
    changed(call, name, {member: request[member] for member in SHOWN if member in request})
    found = shown(call, name)
    return {member: found[member] for member in ("Arn", "Name", *SHOWN) if member in found}


def changed(call: Call, name: str, members: dict[str, Any]) -> None:
    """Write members of a bus."""
    buses = records.buses(call.cloud, call.region)
    with call.cloud.state.transaction():
        buses.create(name, {"Name": name})  # the default one, the first time
        bus = (buses.get(name) or {}) | members
        buses.replace(name, bus | {"LastModifiedTime": now()})


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a bus that has no rules; one that does not exist is deleted, too (DeleteEventBus)."""
    name = request["Name"].rpartition("event-bus/")[2]
    if name == DEFAULT:
        raise invalid("Cannot delete event bus default.")
    with call.cloud.state.transaction():
        if records.of_bus(call.cloud, call.region, name):
            raise invalid(f"Event bus {name} cannot be deleted: it has rules.")
        records.buses(call.cloud, call.region).delete(name)
        records.forget_tags(call, bus_arn(call.cloud, call.region, name))
    return {}


def put_permission(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Let others put events on a bus, by a statement or a whole policy (PutPermission)."""
    name = records.bus_name(call, request)
    old = (records.buses(call.cloud, call.region).get(name) or {}).get("Statements", {})
    if "Policy" in request:
        statements = of_policy(request["Policy"])
    else:
        statements = old | {request.get("StatementId", ""): statement(call, name, request)}
    if len(json.dumps(list(statements.values()))) > LARGEST_POLICY:
        raise ServiceError("PolicyLengthExceededException", "The event bus policy is too long.")
    changed(call, name, {"Statements": statements})
    return {}


def of_policy(text: str) -> dict[str, Any]:
    """Return the statements of a policy by their ids; ServiceError."""
    try:
        parse(text, "Policy", "resource")
    except MalformedPolicy as error:
        raise invalid(f"Parameter Policy is not valid. Reason: {error}") from error
    listed = json.loads(text)["Statement"]
    listed = listed if isinstance(listed, list) else [listed]
    return {each.get("Sid", str(number)): each for number, each in enumerate(listed)}


def statement(call: Call, name: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the statement that a request asks for; ServiceError."""
    for member in ("Action", "Principal", "StatementId"):
        if member not in request:
            raise invalid(
                f"Parameter {member} is not valid. Reason: {member} is a required argument."
            )
    if request["Action"] != "events:PutEvents":
        raise invalid("Provided value in parameter 'action' is not supported.")
    who = request["Principal"]
    made = {
        "Sid": request["StatementId"],
        "Effect": "Allow",
        "Principal": who if who == "*" else {"AWS": f"arn:aws:iam::{who}:root"},
        "Action": request["Action"],
        "Resource": bus_arn(call.cloud, call.region, name),
    }
    if condition := request.get("Condition"):
        made["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    return made


def remove_permission(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Take a statement, or all of them, from the policy of a bus (RemovePermission)."""
    name = records.bus_name(call, request)
    statements = (records.buses(call.cloud, call.region).get(name) or {}).get("Statements", {})
    if request.get("RemoveAllPermissions"):
        changed(call, name, {"Statements": {}})
        return {}
    wanted = request.get("StatementId", "")
    if wanted not in statements:
        raise records.missing("Statement with the provided id does not exist.")
    left = {key: value for key, value in statements.items() if key != wanted}
    changed(call, name, {"Statements": left})
    return {}


OPERATIONS: dict[str, Operation] = {
    "CreateEventBus": create,
    "DescribeEventBus": describe,
    "ListEventBuses": list_buses,
    "UpdateEventBus": update,
    "DeleteEventBus": delete,
    "PutPermission": put_permission,
    "RemovePermission": remove_permission,
}
