"""Release a verified model package to production when a second person approves that.

Who approved is what SageMaker itself wrote down: `LastModifiedBy`, whose principal ends with the session's
name. The first approver was written on the model that staging serves, where only `release` writes.
"""

import logging
import os
from typing import Any

import boto3

from infra.functions import audit, guards
from infra.functions.audit import Step
from infra.functions.guards import Guards
from infra.functions.hosting import APPROVER, VERIFIED, Hosting, Place, release_name
from infra.functions.queued import each_event
from infra.functions.registry import Package, Registry, myself

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)
STAGE = "Production"
APPROVED = "Approved for Production"
# Steps after which an approval begins a new release.
AFRESH = ("Verified", "RolledBack", "Failed", "Replaced")


class Promote:
    """What is done about the production stage of a package."""

    def __init__(
        self, sagemaker: Any, cloudwatch: Any, place: Place, staging: str, limits: Guards
    ) -> None:
        self._registry = Registry(sagemaker)
        self._hosting = Hosting(sagemaker)
        self._cloudwatch = cloudwatch
        self._place = place
        self._staging = staging
        self._guards = limits

    def changed(self, event: dict[str, Any]) -> None:
        """Take an event `SageMaker Model Package State Change`; what counts is how the package is now."""
        package = self._registry.package(event["detail"]["ModelPackageArn"])
        if package.stage != STAGE:
            return
        if package.stage_status == "Rejected":
            self.rejected(package)
        elif package.stage_status == "Approved":
            self.approved(package)

    def rejected(self, package: Package) -> None:
        """Write down that production was rejected, unless it is."""
        steps = audit.trail(package.properties)
        action = "Rejected for Production"
        if not steps or steps[-1].action != action:
            who = package.changed_by or "somebody"
            self._registry.record(package, Step(action, who, package.stage_comment))

    def approved(self, package: Package) -> None:
        """Send an approved package to production, once; refuse what only one person has approved."""
        if released(package):
            return
        approver = package.changed_by
        if why := self.objection(package, approver):
            self.refuse(package, approver, why)
            return
        # One that comes back has a new configuration, with as many instances as there are now.
        name = release_name(self._place.endpoint, package, "Replaced")
        self._hosting.make(self._place, name, package, approver)
        deployment = None
        if self._hosting.endpoint(self._place.endpoint) is not None:
            alarms = guards.make(self._cloudwatch, self._guards, self._place.endpoint, name)
            deployment = self._guards.deployment(alarms)
        sent = self._hosting.send(self._place, name, deployment)
        if not sent:  # by another delivery of the event: what has it written?
            package = self._registry.package(package.arn)
            if released(package):
                return
        why = f"{name} on {self._place.endpoint}, approved by {approver}"
        steps = [*self.missing(package, approver), Step("Released to production", myself(), why)]
        if not sent and self._hosting.serves(self._place.endpoint, name):
            said = f"{self._place.endpoint} serves {name}"  # already: no change of it will tell
            steps.append(Step("Deployed to production", myself(), said))
        self._registry.record(package, *steps)
        log.info("%s: %s", package.title, why)

    def objection(self, package: Package, approver: str) -> str:
        """Return why a package may not go to production, "" when it may."""
        if package.approval != "Approved":
            return (
                f"it is {package.approval}; approve it, and let it pass its test in staging, first"
            )
        model = self._hosting.model(release_name(self._staging, package))
        tags = self._hosting.tags(model["ModelArn"]) if model else {}
        if VERIFIED not in tags:
            return "it has not passed its test in staging"
        first = tags.get(APPROVER, "")
        if not first or not approver:
            which = "for staging" if not first else "for production"
            return f"nobody knows who approved it {which}; both approvals need a person's session"
        if first == approver:
            return f"{approver} approved it for staging already; production takes another person"
        return ""

    def refuse(self, package: Package, approver: str, why: str) -> None:
        """Put the stage back to waiting, and write down why."""
        self._registry.record(
            package,
            *self.missing(package, approver),
            Step("Refused for Production", myself(), why),
            stage=(STAGE, "PendingApproval", why),
        )
        log.warning("%s was refused for production: %s", package.title, why)

    def missing(self, package: Package, approver: str) -> list[Step]:
        """Return the approval as a step, where whoever approved has not written it down."""
        steps = audit.trail(package.properties)
        if steps and steps[-1].action == APPROVED:
            return []
        return [Step(APPROVED, approver or "somebody", package.stage_comment)]


def released(package: Package) -> bool:
    """Tell whether a package was sent to production since it last waited for that."""
    steps = audit.since_end(package.properties)
    return audit.has(steps[last(steps, *AFRESH) :], "Released to production")


def last(steps: list[Step], *actions: str) -> int:
    """Return the place of the latest step of some kinds, 0 where there is none."""
    return max((number for number, step in enumerate(steps) if step.action in actions), default=0)


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take a batch of the queue's messages, each an event (AWS Lambda)."""
    promote = Promote(
        boto3.client("sagemaker"),
        boto3.client("cloudwatch"),
        Place.from_environment(os.environ),
        os.environ["STAGING_ENDPOINT_NAME"],
        Guards.from_environment(os.environ),
    )
    return each_event(event, promote.changed)
