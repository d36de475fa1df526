"""A key of ours: rotated every year, administered by the account, used by the services named."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms

from infra.constructs.policy import Allow, explain
from infra.constructs.stack import PlatformStack

USE = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
LOGS_USE = [*USE, "kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"]


class PlatformKey(kms.Key):
    """A key. `log_groups` is the name of the log groups it may encrypt, `*` for any."""

    def __init__(
        self,
        stack: PlatformStack,
        name: str,
        *,
        description: str,
        log_groups: str,
        services: Sequence[str] = (),
        alias: str | None = None,
    ) -> None:
        statements = [administration(stack), for_logs(stack, log_groups)]
        statements += [for_service(stack, service) for service in services]
        super().__init__(
            stack,
            name,
            alias=alias,
            description=description,
            enable_key_rotation=True,
            removal_policy=stack.removal,
            pending_window=cdk.Duration.days(7),
            policy=iam.PolicyDocument(statements=[each.statement() for each in statements]),
        )
        explain(self.node.default_child, {each.sid: each.why for each in statements})


def administration(stack: PlatformStack) -> Allow:
    """Return what lets the account's IAM policies decide about a key."""
    return Allow(
        "AccountAdministers",
        ["kms:*"],
        ["*"],
        why="a key whose policy leaves out its account can never be changed again",
        principals=[iam.AccountRootPrincipal()],
    )


def for_logs(stack: PlatformStack, group_name: str) -> Allow:
    """Return what lets CloudWatch Logs encrypt the log groups of a name."""
    group = stack.format_arn(
        service="logs",
        resource="log-group",
        resource_name=group_name,
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
    return Allow(
        "Logs",
        LOGS_USE,
        ["*"],
        {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": group}},
        principals=[iam.ServicePrincipal(f"logs.{stack.region}.amazonaws.com")],
    )


def for_service(stack: PlatformStack, service: str) -> Allow:
    """Return what lets a service (`sns`) use a key for this account's resources."""
    return Allow(
        "".join(part.title() for part in service.split(".")),
        USE,
        ["*"],
        {"StringEquals": {"aws:SourceAccount": stack.account}},
        principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
    )
