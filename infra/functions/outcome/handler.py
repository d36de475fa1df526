"""Write down how a release to production ended, once the endpoint is in service again or has failed."""

import logging
import os
from typing import Any

import boto3

from infra.functions import audit, guards
from infra.functions.audit import Step
from infra.functions.hosting import RELEASE, Hosting
from infra.functions.registry import Registry, myself

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)
ENDED = ("InService", "Failed", "UpdateRollbackFailed")


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
        config = self._hosting.tags(now["EndpointArn"]).get(RELEASE)
        if config is None:
            return  # nothing of ours
        package = self._registry.package(self._hosting.package_of(config))
        steps = audit.trail(package.properties)
        sent = [n for n, step in enumerate(steps) if step.why.startswith(f"{config} on ")]
        ends = ("Deployed to production", "RolledBack", "Failed")
        if not sent:
            # The release is not in the trail yet; whoever writes it finds the endpoint as it is then.
            raise RuntimeError(
                f"{package.title}: expected its release {config} in the trail; later"
            )
        if audit.has(steps[sent[-1] :], *ends):
            return
        guards.forget(self._cloudwatch, self._endpoint, but=now["EndpointConfigName"])
        why = now.get("FailureReason", "no reason was given")
        if now["EndpointStatus"] != "InService":
            self.failed(package, "Failed", f"{self._endpoint} is {now['EndpointStatus']}: {why}")
        elif now["EndpointConfigName"] != config:
            self.failed(package, "RolledBack", f"{config} did not stay on {self._endpoint}: {why}")
        else:
            said = f"{self._endpoint} serves {config}"
            self._registry.record(package, Step("Deployed to production", myself(), said))
            log.info("%s: %s", package.title, said)

    def failed(self, package: Any, action: str, why: str) -> None:
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
