"""The event that a model package sends when it is made or changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from slipway.cloud.service import Call

DETAIL_TYPE = "SageMaker Model Package State Change"
MEMBERS = (
    *("ModelPackageGroupName", "ModelPackageName", "ModelPackageVersion", "ModelPackageArn"),
    *("ModelPackageDescription", "CreationTime", "LastModifiedTime", "InferenceSpecification"),
    *("ModelPackageStatus", "ModelPackageStatusDetails", "CertifyForMarketplace"),
    *("ModelApprovalStatus", "ApprovalDescription", "MetadataProperties", "ModelMetrics"),
    *("CustomerMetadataProperties", "ModelLifeCycle", "CreatedBy", "LastModifiedBy"),
)


def published(call: Call, package: Mapping[str, Any], changed: Sequence[str] = ()) -> None:
    """Publish a package's state; `changed` names the members that an update changed."""
    detail = {member: package[member] for member in MEMBERS if member in package}
    if changed:
        detail["UpdatedModelPackageFields"] = list(changed)
    resources = (package["ModelPackageArn"],)
    call.cloud.events.publish(DETAIL_TYPE, detail, region=call.region, resources=resources)
