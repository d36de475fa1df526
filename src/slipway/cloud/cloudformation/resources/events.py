"""AWS::Events: rules, buses, and who may send."""

import json
from typing import Any

from slipway.cloud.cloudformation import members
from slipway.cloud.cloudformation.declared import Declared
from slipway.cloud.cloudformation.own import Own, by_name
from slipway.cloud.cloudformation.resource import Asked, Failed, Made, Properties
from slipway.cloud.cloudformation.settling import gently

DEFAULT = "default"


def bus(properties: Properties) -> dict[str, str]:
    """Return the member that says on which bus a rule is."""
    return {"EventBusName": properties.get("EventBusName") or DEFAULT}


def targets(asked: Asked, made: Made, before: Properties) -> None:
    """Give a rule the targets that it shall have, and take those that it had before."""
    client, which = (
        asked.client("events"),
        {"Rule": asked.properties["Name"], **bus(asked.properties)},
    )
    new = {one["Id"]: one for one in asked.properties.get("Targets") or []}
    lost = {one["Id"] for one in before.get("Targets") or []} - new.keys()
    if lost:
        gently(client.remove_targets, **which, Ids=sorted(lost))
    if new:
        shape = members.operation("events", "PutTargets").input_shape.members["Targets"]
        listed = members.value(shape, list(new.values()), "#/Targets")
        failed = client.put_targets(**which, Targets=listed)["FailedEntries"]
        if failed:
            raise Failed("; ".join(one["ErrorMessage"] for one in failed))


def untarget(asked: Asked, made: Made) -> None:
    """Take all targets from a rule, so that it can go."""
    client, name = asked.client("events"), made.physical_id.rpartition("|")[2]
    which = {"Rule": name, **bus(asked.properties)}
    found = client.list_targets_by_rule(**which)["Targets"]
    if ids := [one["Id"] for one in found]:
        gently(client.remove_targets, **which, Ids=ids)
    gently(client.delete_rule, Name=name, EventBusName=which["EventBusName"])


def rule_arn(asked: Asked, id_: str) -> str:
    """Return a rule's ARN, which has the bus in it unless it is the default one."""
    name = bus(asked.properties)["EventBusName"].rpartition("/")[2]
    within = "" if name == DEFAULT else f"{name}/"
    return f"arn:aws:events:{asked.region}:{asked.cloud.account}:rule/{within}{id_}"


def statement(asked: Asked) -> dict[str, Any]:
    """Return the statement that AWS::Events::EventBusPolicy adds to a bus's policy."""
    given = asked.properties
    if own := given.get("Statement"):
        return {**own, "Sid": given["StatementId"]}
    who = given["Principal"]
    name = bus(given)["EventBusName"].rpartition("/")[2]
    found: dict[str, Any] = {
        "Sid": given["StatementId"],
        "Effect": "Allow",
        "Principal": "*" if who == "*" else {"AWS": f"arn:aws:iam::{who}:root"},
        "Action": given["Action"],
        "Resource": f"arn:aws:events:{asked.region}:{asked.cloud.account}:event-bus/{name}",
    }
    if condition := given.get("Condition"):
        found["Condition"] = {condition["Type"]: {condition["Key"]: condition["Value"]}}
    return found


def add_statement(asked: Asked, made: Made, before: Properties) -> Made:
    """Put a statement into a bus's policy, in place of the one of its name."""
    client, which = asked.client("events"), bus(asked.properties)
    found = client.describe_event_bus(Name=which["EventBusName"]).get("Policy")
    document: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}
    document = json.loads(found) if found else document
    own = statement(asked)
    others = [one for one in document["Statement"] if one.get("Sid") != own["Sid"]]
    document["Statement"] = [*others, own]
    client.put_permission(**which, Policy=json.dumps(document))
    return made


def allow(asked: Asked) -> Made:
    """Make AWS::Events::EventBusPolicy."""
    return add_statement(asked, Made(str(asked.properties["StatementId"])), {})


def disallow(asked: Asked, made: Made) -> None:
    """Take a statement from a bus's policy."""
    client, which = asked.client("events"), bus(asked.properties)
    found = gently(client.describe_event_bus, Name=which["EventBusName"]) or {}
    document = json.loads(found.get("Policy") or '{"Statement": []}')
    if made.physical_id in [one.get("Sid") for one in document["Statement"]]:
        client.remove_permission(**which, StatementId=made.physical_id)


def put_policy(asked: Asked, made: Made, before: Properties) -> None:
    """Put the policy that a bus has by its own property."""
    client, which = asked.client("events"), {"EventBusName": made.physical_id}
    if policy := asked.properties.get("Policy"):
        client.put_permission(**which, Policy=members.text(policy))
    elif before.get("Policy"):
        gently(client.remove_permission, **which, RemoveAllPermissions=True)


ALL = (
    Declared(
        "AWS::Events::Rule",
        "events",
        create="PutRule",
        update="PutRule",
        read="DescribeRule",
        named="Name",
        keys={"Name": "@", "EventBusName": "EventBusName"},
        attributes={"Arn": "Arn", "RuleName": "Name"},
        hooked=frozenset({"Targets"}),
        after=targets,
        before_delete=untarget,
        tagging=("TagResource", "UntagResource", {"ResourceARN": rule_arn}),
        replacing=frozenset({"Name", "EventBusName"}),
    ),
    Declared(
        "AWS::Events::EventBus",
        "events",
        create="CreateEventBus",
        update="UpdateEventBus",
        delete="DeleteEventBus",
        read="DescribeEventBus",
        named="Name",
        longest=256,
        keys={"Name": "@"},
        attributes={"Arn": "Arn", "Name": "Name", "Policy": "Policy"},
        hooked=frozenset({"Policy"}),
        after=put_policy,
        tagging=(
            "TagResource",
            "UntagResource",
            {"ResourceARN": "=arn:aws:events:{region}:{account}:event-bus/{id}"},
        ),
        refused={"LogConfig": "a bus writes no logs", "EventSourceName": "there are no partners"},
        replacing=frozenset({"Name"}),
    ),
    Own(
        "AWS::Events::EventBusPolicy",
        allow,
        add_statement,
        disallow,
        frozenset({"StatementId", "EventBusName", "Statement", "Action", "Principal", "Condition"}),
        frozenset({"StatementId", "EventBusName"}),
    ),
)
TYPES = by_name(*ALL)
