"""Stacks and resources in the form in which the API shows them. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from slipway.cloud.cloudformation.parameters import HIDDEN, Parameter
from slipway.cloud.cloudformation.stack import Record, Stack, Version
from slipway.cloud.cloudformation.template import parse

UNCHECKED = {"StackDriftStatus": "NOT_CHECKED"}


def moment(seconds: float | None) -> datetime | None:
    """Return a time as the API shows it."""
    return None if seconds is None else datetime.fromtimestamp(round(seconds, 3), UTC)


def parameters(found: Mapping[str, Parameter]) -> list[dict[str, str]]:
    """Return parameters; what is hidden stays so."""
    shown = []
    for name, each in found.items():
        one = {"ParameterKey": name, "ParameterValue": HIDDEN if each.hidden else each.value}
        if each.resolved:
            one["ResolvedValue"] = HIDDEN if each.hidden else each.resolved
        shown.append(one)
    return shown


def tags(version: Version) -> list[dict[str, str]]:
    """Return a stack's tags."""
    return [{"Key": key, "Value": value} for key, value in version.tags.items()]


def stack(found: Stack) -> dict[str, Any]:
    """Return a stack as DescribeStacks shows it."""
    reviewed = found.status == "REVIEW_IN_PROGRESS"  # what it shall be is in its change sets
    return {
        "StackId": found.id,
        "StackName": found.name,
        "ChangeSetId": found.change_set or None,
        "Description": parse(found.version.template).description or None,
        "Parameters": [] if reviewed else parameters(found.version.parameters),
        "CreationTime": moment(found.created),
        "LastUpdatedTime": moment(found.updated),
        "DeletionTime": moment(found.deleted),
        "RollbackConfiguration": {},
        "StackStatus": found.status,
        "StackStatusReason": found.reason or None,
        "DisableRollback": found.disable_rollback,
        "NotificationARNs": list(found.version.topics),
        "TimeoutInMinutes": found.timeout,
        "Capabilities": [] if reviewed else list(found.version.capabilities),
        "Outputs": [dict(each) for each in found.outputs],
        "RoleARN": found.role or None,
        "Tags": tags(found.version),
        "EnableTerminationProtection": found.protected,
        "ParentId": found.parent or None,
        "RootId": found.root or None,
        "DriftInformation": UNCHECKED,
    }


def summary(found: Stack) -> dict[str, Any]:
    """Return a stack as ListStacks shows it."""
    whole = stack(found)
    names = (
        "StackId",
        "StackName",
        "CreationTime",
        "LastUpdatedTime",
        "DeletionTime",
        "StackStatus",
        "StackStatusReason",
        "ParentId",
        "RootId",
        "DriftInformation",
    )
    description = {"TemplateDescription": whole["Description"]}
    return {name: whole[name] for name in names} | description


def resource(found: Record) -> dict[str, Any]:
    """Return a resource as ListStackResources shows it."""
    return {
        "LogicalResourceId": found.logical_id,
        "PhysicalResourceId": found.now.physical_id if found.now else None,
        "ResourceType": found.type,
        "LastUpdatedTimestamp": moment(found.time),
        "ResourceStatus": found.status,
        "ResourceStatusReason": found.reason or None,
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
    }


def of_stack(whose: Stack, found: Record) -> dict[str, Any]:
    """Return a resource as DescribeStackResources shows it."""
    one = resource(found)
    one["Timestamp"] = one.pop("LastUpdatedTimestamp")
    return {"StackId": whose.id, "StackName": whose.name, **one}
