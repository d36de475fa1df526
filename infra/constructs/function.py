"""A Lambda function of ours: in the VPC, with a role, a log group and a failure destination of its own."""

import re
import shutil
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sqs as sqs

from infra.constructs.acknowledge import acknowledge
from infra.constructs.log_group import PlatformLogGroup
from infra.constructs.policy import Allow
from infra.constructs.queue import dead_letters
from infra.constructs.role import TaskRole
from infra.constructs.stack import PlatformStack
from infra.stacks.network import Network

JOIN_VPC = Allow(
    "JoinVpc",
    [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    ],
    ["*"],
    why="Lambda joins a function to the VPC with its role; EC2 knows no resource for Describe, "
    "and the interfaces do not exist before",
)
FUNCTIONS = Path(__file__).resolve().parent.parent / "functions"


class PlatformFunction(lambda_.Function):
    """The function whose code is `infra/functions/<folder>/handler.py`, called by `handle`."""

    def __init__(
        self,
        stack: PlatformStack,
        folder: str,
        *,
        description: str,
        network: Network | None,
        key: kms.IKey,
        statements: Sequence[Allow] = (),
        environment: Mapping[str, str] | None = None,
        timeout: cdk.Duration | None = None,
        memory_mb: int = 256,
        concurrency: int | None = None,
        failures: sqs.IQueue | None = None,
        log_days: int = 90,
    ) -> None:
        name = "".join(part.title() for part in re.split("[_-]", folder))
        if failures is None:
            failures = dead_letters(stack, f"{name}Failures", key)
        group = PlatformLogGroup(
            stack,
            f"{name}Logs",
            group_name=f"/{stack.settings.prefix}/functions/{folder.replace('_', '-')}",
            key=key,
            kept=log_days,
        )
        self.task_role = TaskRole(
            stack,
            f"{name}Role",
            assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"),
            description=description,
            statements=[
                *running(group, failures, key),
                *([] if network is None else [JOIN_VPC]),
                *statements,
            ],
        )
        self.failures = failures
        super().__init__(
            stack,
            f"{name}Function",
            description=description,
            runtime=lambda_.Runtime.PYTHON_3_14,
            architecture=lambda_.Architecture.ARM_64,
            handler=f"infra.functions.{folder}.handler.handle",
            code=code(),
            # The role has its one policy: the CDK adds nothing of its own.
            role=self.task_role.without_policy_updates(),
            environment=dict(environment or {}),
            environment_encryption=key if environment else None,
            timeout=timeout or cdk.Duration.seconds(60),
            memory_size=memory_mb,
            reserved_concurrent_executions=concurrency,
            dead_letter_queue=failures,
            log_group=group,
            **({} if network is None else inside(network)),
        )
        if self.task_role.policy:  # by name only; the role itself was given to the function
            self.node.add_dependency(self.task_role.policy)
        if network is None:
            acknowledge(
                self,
                "It touches no data, and calls APIs that have no endpoint in the VPC",
                "NIST.800.53.R5-LambdaInsideVPC",
                "HIPAA.Security-LambdaInsideVPC",
            )
        if concurrency is None:
            acknowledge(
                self,
                "Called seldom and by one caller; reserved concurrency would be taken from all others "
                "of the account",
                "NIST.800.53.R5-LambdaConcurrency",
                "HIPAA.Security-LambdaConcurrency",
            )


def inside(network: Network) -> dict[str, Any]:
    """Return what puts a function into the VPC."""
    return {
        "vpc": network.vpc,
        "vpc_subnets": ec2.SubnetSelection(subnets=network.job_subnets),
        "security_groups": [network.job_security_group],
    }


def running(group: logs.LogGroup, failures: sqs.IQueue, key: kms.IKey) -> list[Allow]:
    """Return what every function needs: to write its log and report what failed."""
    return [
        Allow(
            "WriteLog",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [group.log_group_arn],
            why="the ARN of a log group ends in :*, its streams",
        ),
        Allow("ReportFailure", ["sqs:SendMessage"], [failures.queue_arn]),
        Allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], [key.key_arn]),
    ]


def code() -> lambda_.Code:
    """Return the source of all functions, importable as `infra.functions`: they share modules."""
    return lambda_.Code.from_asset(staged().name)


@cache
def staged() -> TemporaryDirectory[str]:
    """Copy the functions to a folder that lives as long as this process."""
    folder = TemporaryDirectory()
    target = Path(folder.name) / "infra" / "functions"
    shutil.copytree(FUNCTIONS, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    return folder
