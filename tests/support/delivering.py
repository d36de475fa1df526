"""The functions that lead a package from approval to production, on an account in memory."""

from dataclasses import replace
from typing import Any

from fake_sagemaker import FakeSageMaker
from infra.functions.guards import Guards
from infra.functions.hosting import Place
from infra.functions.outcome.handler import Outcome
from infra.functions.promote.handler import Promote
from infra.functions.release.handler import Release
from infra.functions.verify.handler import Probe, Verify
from infra.functions.verify.trial import Limits

PLACE = Place("slipway-dev-staging", "role", ("subnet-1",), ("sg-1",), "key", {"slipway": "yes"})
PRODUCTION = replace(PLACE, endpoint="slipway-dev-production")
GUARDS = Guards(0.01, 500, 60, 10, 120, 60, "arn:topic", "https://runbook")
PROBE = Probe(('{"features": ["good"]}',) * 2, (1, 2, 3, 4, 5), 0.05, 2, Limits(0.0, 1000, 1))


class Delivering:
    """The functions, and the account that they act on."""

    def __init__(self) -> None:
        self.aws = FakeSageMaker()
        self.release = Release(self.aws, self.aws, PLACE)
        self.verify = Verify(self.aws, self.aws, PLACE.endpoint, PROBE)
        self.promote = Promote(self.aws, self.aws, PRODUCTION, PLACE.endpoint, GUARDS)
        self.outcome = Outcome(self.aws, self.aws, PRODUCTION.endpoint)

    def verified(self, version: int, who: str = "alice") -> str:
        """Return a package that was approved, and passed its test in staging."""
        arn = self.aws.package(version)
        event = self.aws.by(who, arn, ModelApprovalStatus="Approved", ApprovalDescription="good")
        self.release.changed(event)
        self.aws.settle(PLACE.endpoint)
        self.verify.changed()
        return arn

    def approve_production(self, arn: str, who: str) -> Any:
        cycle = {"Stage": "Production", "StageStatus": "Approved", "StageDescription": "go"}
        event = self.aws.by(who, arn, ModelLifeCycle=cycle)
        self.promote.changed(event)
        return event

    def stage(self, arn: str) -> tuple[str, str]:
        cycle = self.aws.packages[arn]["ModelLifeCycle"]
        return cycle["Stage"], cycle["StageStatus"]

    def in_production(self, version: int, first: str, second: str) -> str:
        """Return a package that two people have brought into production."""
        arn = self.verified(version, first)
        self.approve_production(arn, second)
        self.aws.settle(PRODUCTION.endpoint)
        self.outcome.changed()
        return arn

    def actions(self, arn: str) -> list[str]:
        return [step.partition(" by ")[0] for step in self.aws.steps(arn)]

    def serving(self) -> str:
        """Return the package that production serves."""
        config = self.aws.endpoints[PRODUCTION.endpoint]["EndpointConfigName"]
        return str(self.aws.models[config]["Containers"][0]["ModelPackageName"])
