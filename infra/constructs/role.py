"""A role with one policy of its own, attached rather than inline."""

from collections.abc import Sequence

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from constructs import Construct

from infra.constructs.policy import Allow, explain
from infra.constructs.stack import PlatformStack

KIND = "slipway:role"


class TaskRole(iam.Role):
    """A role for one task. What it may do is said by `allow`, statement by statement."""

    def __init__(
        self,
        scope: Construct,
        name: str,
        *,
        assumed_by: iam.IPrincipal,
        description: str,
        statements: Sequence[Allow] = (),
        kind: str = "",
    ) -> None:
        super().__init__(scope, name, assumed_by=assumed_by, description=description)
        self.policy: iam.ManagedPolicy | None = None
        if kind:  # processing, training, pipeline, serving, scientist, ops, producer
            cdk.Tags.of(self).add(KIND, kind)
        if statements:
            self.allow(*statements)

    def allow(self, *statements: Allow) -> None:
        """Add statements to the role's policy."""
        if self.policy is None:
            self.policy = iam.ManagedPolicy(self, "Policy", description="Of this role alone")
            self.add_managed_policy(self.policy)
        self.policy.add_statements(*(statement.statement() for statement in statements))
        explain(
            self.policy.node.default_child,
            {statement.sid: statement.why for statement in statements},
        )


def acting(stack: PlatformStack, service: str) -> iam.ServicePrincipal:
    """Return a service (`glue`), acting for this account only."""
    return iam.ServicePrincipal(
        f"{service}.amazonaws.com",
        conditions={"StringEquals": {"aws:SourceAccount": stack.account}},
    )
