"""A custom resource for log groups that AWS's services make on their own: retention, key, and an end.

SageMaker writes to groups of fixed names, which may be there before the stack is, so they cannot be its
resources.
"""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import boto3

from infra.functions.custom_resource import Answer, answering


def keep(logs: Any, names: Sequence[str], days: int, key: str) -> None:
    """Make sure that groups exist, keep their lines for so many days, and are encrypted with a key."""
    for name in names:
        try:
            logs.create_log_group(logGroupName=name, kmsKeyId=key)
        except logs.exceptions.ResourceAlreadyExistsException:
            if key_of(logs, name) != key:
                logs.associate_kms_key(logGroupName=name, kmsKeyId=key)
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)


def key_of(logs: Any, name: str) -> str:
    """Return the key of a group, "" where it has none."""
    found = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    return next((each.get("kmsKeyId", "") for each in found if each["logGroupName"] == name), "")


def remove(logs: Any, prefixes: Sequence[str]) -> list[str]:
    """Delete the groups whose names begin with one of some prefixes; return their names."""
    gone = []
    for prefix in prefixes:
        pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=prefix)
        for group in [group["logGroupName"] for page in pages for group in page["logGroups"]]:
            with contextlib.suppress(logs.exceptions.ResourceNotFoundException):
                logs.delete_log_group(logGroupName=group)  # another attempt may have been first
                gone.append(group)
    return gone


def change(event: Mapping[str, Any]) -> Answer:
    """Do what CloudFormation asks.

    Properties: `Names` of groups to keep, `Days`, `Key` (an ARN); `Remove`, prefixes of the names of
    groups that are to go with the stack.
    """
    of: Mapping[str, Any] = event["ResourceProperties"]
    logs = boto3.client("logs")
    if event["RequestType"] == "Delete":
        remove(logs, of.get("Remove", ()))
    else:
        keep(logs, of.get("Names", ()), int(of["Days"]), of["Key"])
    return Answer(event["LogicalResourceId"])


def handle(event: dict[str, Any], context: Any) -> None:
    """Answer CloudFormation."""
    answering(event, context, lambda: change(event))
