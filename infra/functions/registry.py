"""Model packages as the platform's functions read and change them."""

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from infra.functions import audit
from infra.functions.audit import Step

LONGEST = 1024  # characters of an ApprovalDescription and of a StageDescription


@dataclass(frozen=True)
class Package:
    """A version of a model package group."""

    arn: str
    title: str  # GROUP/VERSION
    version: int
    approval: str  # ModelApprovalStatus
    comment: str  # ApprovalDescription
    stage: str  # of its ModelLifeCycle; "" where it has none
    stage_status: str
    stage_comment: str
    changed_by: str  # who changed it last; "" where that is not known
    artifacts: tuple[str, ...]  # S3 URIs
    instance_type: str
    instance_count: int
    properties: Mapping[str, str] = field(default_factory=dict)


def person(context: Mapping[str, Any] | None) -> str:
    """Return who is meant by a `LastModifiedBy`: the session of a role, a user, a Studio profile; else ""."""
    found = context or {}
    identity = found.get("IamIdentity") or {}
    principal, arn = identity.get("PrincipalId", ""), identity.get("Arn", "")
    session = principal.partition(":")[2] or arn.rpartition("/")[2]
    return audit.plain(found.get("UserProfileName") or session)


def package_of(described: Mapping[str, Any]) -> Package:
    """Return what DescribeModelPackage answered."""
    arn = described["ModelPackageArn"]
    specification = described.get("InferenceSpecification", {})
    cycle = described.get("ModelLifeCycle") or {}
    properties = described.get("CustomerMetadataProperties") or {}
    types = specification.get("SupportedRealtimeInferenceInstanceTypes") or [""]
    artifacts = []
    for container in specification.get("Containers", []):
        source = container.get("ModelDataSource", {}).get("S3DataSource", {})
        artifacts += [uri for uri in (container.get("ModelDataUrl"), source.get("S3Uri")) if uri]
    count = properties.get("DeployInstanceCount", "")
    return Package(
        arn,
        arn.rpartition(":model-package/")[2],
        int(described.get("ModelPackageVersion", 0)),
        described.get("ModelApprovalStatus", ""),
        described.get("ApprovalDescription", ""),
        cycle.get("Stage", ""),
        cycle.get("StageStatus", ""),
        cycle.get("StageDescription", ""),
        person(described.get("LastModifiedBy")),
        tuple(artifacts),
        properties.get("DeployInstanceType") or types[0],
        int(count) if count.isdigit() else 1,
        properties,
    )


def myself() -> str:
    """Return the name of this function, as whom it writes."""
    return os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "slipway")


class Registry:
    """The model packages of an account."""

    def __init__(self, sagemaker: Any) -> None:
        self._sagemaker = sagemaker

    def package(self, arn: str) -> Package:
        """Return a package."""
        return package_of(self._sagemaker.describe_model_package(ModelPackageName=arn))

    def find(self, arn: str) -> Package | None:
        """Return a package, None where it was deleted."""
        try:
            return self.package(arn)
        except ClientError as error:
            if "does not exist" not in error.response["Error"]["Message"]:
                raise
            return None

    def record(
        self,
        package: Package,
        *steps: Step,
        approval: tuple[str, str] | None = None,
        stage: tuple[str, str, str] | None = None,
    ) -> None:
        """Write steps into a package's trail, and with them its status.

        Args:
            package: As it was read.
            steps: What happened, in order.
            approval: Its new ModelApprovalStatus, and why.
            stage: Stage, status and description of its new ModelLifeCycle.
        """
        written = audit.properties(steps, datetime.now(UTC), uuid.uuid4().hex[:6])
        request: dict[str, Any] = {"CustomerMetadataProperties": written}
        if gone := audit.outdated(package.properties, len(steps)):
            request["CustomerMetadataPropertiesToRemove"] = gone
        if approval:
            request["ModelApprovalStatus"] = approval[0]
            request["ApprovalDescription"] = approval[1][:LONGEST]
        if stage:
            names = ("Stage", "StageStatus", "StageDescription")
            request["ModelLifeCycle"] = dict(
                zip(names, (*stage[:2], stage[2][:LONGEST]), strict=True)
            )
        self._sagemaker.update_model_package(ModelPackageArn=package.arn, **request)
