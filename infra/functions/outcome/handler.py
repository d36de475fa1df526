"""Write down how a release to production ended, once the endpoint is in service again or has failed.

The model that it took the place of is told, too: its stage becomes `Replaced`, and an approval brings it back.
"""

import logging
import os
from typing import Any

import boto3

from infra.functions import audit, guards
from infra.functions.audit import Step
from infra.functions.hosting import RELEASE, SERVED, Hosting
from infra.functions.registry import Package, Registry, myself

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)
ENDED = ("InService", "Failed", "UpdateRollbackFailed")
SENT = "Released to production"
SERVES = "Deployed to production"
ENDS = (SERVES, "RolledBack", "Failed")
WAYS = (SENT, *ENDS, "Replaced")


class Outcome:
    """What is done when production has changed its status."""

    def __init__(self, sagemaker: Any, cloudwatch: Any, endpoint: str) -> None:
        self._registry = Registry(sagemaker)
        self._hosting = Hosting(sagemaker)
        self._cloudwatch = cloudwatch
        self._endpoint = endpoint

    def changed(self) -> None:
        """Write the outcome of the release that was sent last, unless it is written."""
        now = self._hosting.endpoint(self._endpoint)
        if now is None or now["EndpointStatus"] not in ENDED:
            return
        tags = self._hosting.tags(now["EndpointArn"])
        config = self._hosting.sent(now, tags)
        arn = self._hosting.package_of(config) if config else ""
        if not arn:
            return  # nothing of ours
        if now["EndpointConfigName"] == config:
            self.replaced(config, arn, [tags[RELEASE], *tags.get(SERVED, "").split()])
        package = self._registry.package(arn)
        steps = audit.trail(package.properties)
        if replaced := [n for n, step in enumerate(steps) if step.action == "Replaced"]:
            steps = steps[replaced[-1] :]
        sent = [n for n, step in enumerate(steps) if step.why.startswith(f"{config} on ")]
        if not sent:
            if tags[RELEASE] != config:
                return  # somebody went back to it by hand
            # The release is not in the trail yet; whoever writes it finds the endpoint as it is then.
            raise RuntimeError(
                f"{package.title}: expected its release {config} in the trail; later"
            )
        if audit.has(steps[sent[-1] :], *ENDS):
            return
        guards.forget(self._cloudwatch, self._endpoint, but=now["EndpointConfigName"])
        why = now.get("FailureReason", "no reason was given")
        if now["EndpointStatus"] != "InService":
            self.failed(package, "Failed", f"{self._endpoint} is {now['EndpointStatus']}: {why}")
        elif now["EndpointConfigName"] != config:
            self.failed(package, "RolledBack", f"{config} did not stay on {self._endpoint}: {why}")
        else:
            said = f"{self._endpoint} serves {config}"
            self._registry.record(package, Step(SERVES, myself(), said))
            log.info("%s: %s", package.title, said)

    def replaced(self, config: str, serving: str, before: list[str]) -> None:
        """Write down that packages that served before do not any more, unless it is."""
        for arn in {self._hosting.package_of(each) for each in before} - {serving, ""}:
            if not (package := self._registry.find(arn)):
                continue
            steps = [s.action for s in audit.trail(package.properties) if s.action in WAYS]
            if not steps or steps[-1] not in (SENT, SERVES):
                continue
            why = f"{self._endpoint} serves {config}; approve production again to go back"
            stage = ("Production", "Replaced", why)
            self._registry.record(
                package,
                Step("Replaced", myself(), why),
                stage=stage if package.stage_status == "Approved" else None,
            )
            log.info("%s: %s", package.title, why)

    def failed(self, package: Package, action: str, why: str) -> None:
        """Write down that a release has failed; a new approval may try it again."""
        self._registry.record(
            package, Step(action, myself(), why), stage=("Production", action, why)
        )
        log.warning("%s: %s", package.title, why)


def handle(event: dict[str, Any], context: Any) -> None:
    """Take an event `SageMaker Endpoint State Change` of production (AWS Lambda)."""
    Outcome(
        boto3.client("sagemaker"), boto3.client("cloudwatch"), os.environ["ENDPOINT_NAME"]
    ).changed()
