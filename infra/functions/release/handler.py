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
from infra.functions.hosting import Hosting, Place, release_name
from infra.functions.queued import each_event
from infra.functions.registry import Package, Registry, myself

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)
STAGE = "Staging"
GONE = {"404", "NoSuchKey", "NoSuchBucket", "NotFound"}


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
        _, steps = audit.since_end(package.properties)
        if audit.has(steps, "Released to staging"):
            return
        if missing := [uri for uri in package.artifacts if not present(self._s3, uri)]:
            self.refuse(package, f"its artifact {missing[0]} is gone; train again, approve that")
            return
        name = release_name(self._place.endpoint, package)
        approver = self._hosting.make(self._place, name, package, package.changed_by)
        self._hosting.send(self._place, name)
        who = approver or "somebody"
        missing_step = (
            [] if audit.has(steps, "Approved") else [Step("Approved", who, package.comment)]
        )
        why = f"{name} on {self._place.endpoint}, approved by {who}"
        self._registry.record(
            package,
            *missing_step,
            Step("Released to staging", myself(), why),
            stage=(STAGE, "InProgress", why),
        )
        log.info("%s: %s", package.title, why)

    def refuse(self, package: Package, why: str) -> None:
        """Take an approval back, as nothing could come of it."""
        self._registry.record(package, Step("Refused", myself(), why), approval=("Rejected", why))
        log.warning("%s was refused: %s", package.title, why)


def present(s3: Any, uri: str) -> bool:
    """Tell whether there is something at an S3 URI; what may not be looked at is an error."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        if key.endswith("/"):
            found = s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)
            return bool(found["KeyCount"])
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] in GONE:
            return False
        raise
    return True


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take a batch of the queue's messages, each an event (AWS Lambda)."""
    release = Release(
        boto3.client("sagemaker"), boto3.client("s3"), Place.from_environment(os.environ)
    )
    return each_event(event, release.changed)
