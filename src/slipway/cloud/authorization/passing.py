"""Which roles a request passes to which service: what `iam:PassRole` is for. Pure."""

import re
from collections.abc import Iterator
from typing import Any

from slipway.cloud.authorization.asked import Asked

ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/.+")
# Members that hold a role's ARN, in any service
MEMBERS = {
    *("RoleArn", "roleArn", "RoleARN", "Role", "role", "ExecutionRoleArn", "ExecutionRole"),
    *("executionRoleArn", "DefaultExecutionRole", "DeliverLogsPermissionArn", "ServiceRole"),
    *("IamRoleArn", "defaultIamRoleArn"),
    *("CloudWatchRoleArn", "CloudWatchLogsRoleArn", "TaskRoleArn"),
}
# Services whose principal is not <service>.amazonaws.com
PRINCIPALS = {
    "cloudwatch": "monitoring.amazonaws.com",
    "ec2": "vpc-flow-logs.amazonaws.com",
    "redshift-serverless": "redshift-serverless.amazonaws.com",
    "stepfunctions": "states.amazonaws.com",
}
CHANGES = re.compile(r"Create|Update|Put|Start|Run|Register|Modify|Set|Execute|Add")
NOT_PASSED = {"sts", "iam"}  # these speak of roles without giving them to a service


def roles(asked: Asked) -> list[tuple[str, str]]:
    """Return (role's ARN, service's principal) of each role that a request passes."""
    if asked.service in NOT_PASSED or not CHANGES.match(asked.operation):
        return []
    service = PRINCIPALS.get(asked.service, f"{asked.service}.amazonaws.com")
    return [(arn, service) for arn in dict.fromkeys(found(asked.members))]


def found(value: Any) -> Iterator[str]:
    """Yield the ARNs of roles in members that hold such."""
    if isinstance(value, dict):
        for name, member in value.items():
            if isinstance(member, str):
                if name in MEMBERS and ROLE.fullmatch(member):
                    yield member
            else:
                yield from found(member)
    elif isinstance(value, list):
        for member in value:
            yield from found(member)
