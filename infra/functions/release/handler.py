"""Release a model package to staging when somebody approves it; write down that it was rejected.

Everything it makes has a name that the package and its trail decide, and is looked for before it is made:
an event may come twice, and an invocation may end anywhere.
"""

import logging
import os
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra.functions import audit
from infra.functions.audit import Step
from infra.functions.hosting import Busy, Hosting, Place, release_name
from infra.functions.queued import each_event
from infra.functions.registry import Package, Registry, myself

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)
STAGE = "Staging"


class Release:
    """What is done about the approval status of a package."""

    def __init__(self, sagemaker: Any, s3: Any, place: Place) -> None:
        self._registry = Registry(sagemaker)
        self._hosting = Hosting(sagemaker)
        self._s3 = s3
        self._place = place

    def changed(self, event: dict[str, Any]) -> None:
        """Take an event `SageMaker Model Package State Change`; what counts is how the package is now."""
        package = self._registry.package(event["detail"]["ModelPackageArn"])
        if package.approval == "Rejected":
            self.rejected(package)
        elif package.approval == "Approved":
            self.approved(package)

    def rejected(self, package: Package) -> None:
        """Write a rejection down, unless it is."""
        steps = audit.trail(package.properties)
        if steps and steps[-1].action in audit.ENDS:
            return
        who = package.changed_by or "somebody"
        self._registry.record(package, Step("Rejected", who, package.comment or "no reason given"))
        log.info("%s was rejected by %s", package.title, who)

    def approved(self, package: Package) -> None:
        """Send an approved package to staging, once for each approval."""
        steps = audit.since_end(package.properties)
        if audit.has(steps, "Released to staging"):
            return
        if missing := [uri for uri in package.artifacts if not present(self._s3, uri)]:
            self.refuse(package, f"its artifact {missing[0]} is gone; train again, approve that")
            return
        name = release_name(self._place.endpoint, package)
        if other := self.under_test(but=package):
            raise Busy(f"{self._place.endpoint} is where {other} is being tested")
        approver = self._hosting.make(self._place, name, package, package.changed_by)
        if not self._hosting.send(self._place, name):  # by another delivery: what has it written?
            package = self._registry.package(package.arn)
            steps = audit.since_end(package.properties)
            if audit.has(steps, "Released to staging"):
                return
        who = approver or "somebody"
        missing_step = (
            [] if audit.has(steps, "Approved") else [Step("Approved", who, package.comment)]
        )
        why = f"{name} on {self._place.endpoint}, approved by {who}"
        self._registry.record(
            package,
            *missing_step,
            Step("Released to staging", myself(), why),
            # An earlier attempt may have sent it, and the test may have ended since.
            stage=None if audit.has(steps, "Verified") else (STAGE, "InProgress", why),
        )
        log.info("%s: %s", package.title, why)

    def under_test(self, but: Package) -> str:
        """Return the other package whose test has still to end, "" where staging is free.

        A test that failed for good is a dead letter; a person repeats it, or rejects the package.
        """
        now = self._hosting.endpoint(self._place.endpoint)
        if now is None or now["EndpointStatus"] != "InService":
            return ""  # it has nothing to test, or changes, which `send` finds
        config = self._hosting.sent(now, self._hosting.tags(now["EndpointArn"]))
        arn = self._hosting.package_of(config) if config else ""
        other = self._registry.find(arn) if arn not in ("", but.arn) else None
        if other is None:
            return ""
        now_is = (other.approval, other.stage, other.stage_status)
        return other.title if now_is == ("Approved", STAGE, "InProgress") else ""

    def refuse(self, package: Package, why: str) -> None:
        """Take an approval back, as nothing could come of it."""
        self._registry.record(package, Step("Refused", myself(), why), approval=("Rejected", why))
        log.warning("%s was refused: %s", package.title, why)


def present(s3: Any, uri: str) -> bool:
    """Tell whether there is something at an S3 URI; what may not be looked at is an error.

    It lists: asked for an object that is gone, S3 denies whoever may list only some folders.
    """
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        found = s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1).get("Contents", [])
    except ClientError as error:
        if error.response["Error"]["Code"] == "NoSuchBucket":
            return False
        raise
    # A key comes before all others that begin with it.
    return any(key.endswith("/") or each["Key"] == key for each in found)


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take a batch of the queue's messages, each an event (AWS Lambda)."""
    release = Release(
        boto3.client("sagemaker"), boto3.client("s3"), Place.from_environment(os.environ)
    )
    return each_event(event, release.changed)
