"""The stack that all of the platform's stacks are."""

import aws_cdk as cdk
from constructs import Construct

from infra.settings.model import Settings


class PlatformStack(cdk.Stack):
    """A stack of one environment: named, tagged and protected as its settings say."""

    def __init__(self, scope: Construct, part: str, settings: Settings, description: str) -> None:
        self._zones = settings.network.availability_zones
        env = cdk.Environment(account=settings.account, region=settings.region)
        super().__init__(
            scope,
            f"{settings.prefix}-{part}",
            env=env if settings.account else None,
            description=description,
            termination_protection=settings.retain_data,
        )
        self.settings = settings
        self.removal = (
            cdk.RemovalPolicy.RETAIN if settings.retain_data else cdk.RemovalPolicy.DESTROY
        )

    @property
    def availability_zones(self) -> list[str]:
        """Return the first zones of the region; found at deployment, so that synthesis asks nobody."""
        return [cdk.Fn.select(index, cdk.Fn.get_azs()) for index in range(self._zones)]

    def output(self, name: str, value: str, description: str) -> None:
        """Add an output with exactly this name."""
        cdk.CfnOutput(self, name, value=value, description=description).override_logical_id(name)
