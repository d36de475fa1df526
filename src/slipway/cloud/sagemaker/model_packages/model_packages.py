"""Model packages: the versions of a group in the registry, and those without a group."""

import json
from datetime import UTC, datetime
from typing import Any

from slipway.cloud.identity import user_context
from slipway.cloud.sagemaker import tags
from slipway.cloud.sagemaker.arns import arn
from slipway.cloud.sagemaker.listing import Listing, moment
from slipway.cloud.sagemaker.model_packages import groups
from slipway.cloud.sagemaker.model_packages.documents import Package, found, key_of, packages
from slipway.cloud.sagemaker.model_packages.events import published
from slipway.cloud.sagemaker.models import containers_of
from slipway.cloud.service import Call, Operation, ServiceError, invalid
from slipway.cloud.state import Documents

LISTING = Listing(
    name="ModelPackageName",
    sort={"Name": "ModelPackageName", "CreationTime": "CreationTime"},
    equal={"ModelApprovalStatus": "ModelApprovalStatus"},
    unique="ModelPackageArn",
)
ADDITIONAL = 15  # additional inference specifications of one package
METADATA = 50  # customer metadata properties of one package
NOT_KEPT = ("Tags", "ClientToken", "ModelPackageName", "ModelPackageGroupName")
TIMES = ("CreationTime", "LastModifiedTime")
CHANGED = (
    *("ModelApprovalStatus", "ApprovalDescription", "ModelPackageRegistrationType"),
    *("InferenceSpecification", "SourceUri", "ModelLifeCycle"),
)
SUMMARY = (
    *("ModelPackageArn", "ModelPackageName", "ModelPackageGroupName", "ModelPackageVersion"),
    *("ModelPackageDescription", "ModelPackageStatus", "ModelApprovalStatus", "ModelLifeCycle"),
    "ModelPackageRegistrationType",
)
BATCH_SUMMARY = (
    *("ModelPackageArn", "ModelPackageGroupName", "ModelPackageVersion", "ModelPackageStatus"),
    *("ModelPackageDescription", "ModelApprovalStatus", "InferenceSpecification"),
    "ModelPackageRegistrationType",
)


def create(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Register a version of a group's, or a package without one (CreateModelPackage)."""
    name, group = request.get("ModelPackageName"), request.get("ModelPackageGroupName")
    if name and group:
        raise invalid(
            "Both ModelPackageName and ModelPackageGroupName are provided in the input. Cannot "
            "determine which one to use."
        )
    if not name and not group:
        raise invalid("Missing ARN.")
    token, who = request.get("ClientToken"), {"CreatedBy": user_context(call)}
    with call.cloud.state.transaction():
        if token and (earlier := tokens(call).get(token)):
            return {"ModelPackageArn": earlier["ModelPackageArn"]}
        package = versioned(call, request) if group else unversioned(call, request)
        package |= source(call, request) | kept(request) | status() | who
        check_card(package.get("ModelCard"))
        key = package["ModelPackageArn"].partition(":model-package/")[2]
        if not packages(call).create(key, package):
            raise invalid(f"ModelPackage already exists: {package['ModelPackageArn']}")
        if token:
            tokens(call).create(token, {"ModelPackageArn": package["ModelPackageArn"]})
        published(call, package)
    return {"ModelPackageArn": package["ModelPackageArn"]}


def versioned(call: Call, request: dict[str, Any]) -> Package:
    """Return the identity of the group's next version."""
    for member in ("Tags", "CertifyForMarketplace"):
        if request.get(member):
            raise invalid(f"{member} does not apply to a version of a model package group.")
    group = groups.found(call, request["ModelPackageGroupName"])
    number = groups.next_version(call, group)
    name = group["ModelPackageGroupName"]
    return {
        "ModelPackageName": name,
        "ModelPackageGroupName": name,
        "ModelPackageVersion": number,
        "ModelPackageArn": arn(call, "model-package", f"{name}/{number}"),
        "ModelApprovalStatus": "PendingManualApproval",
    }


def unversioned(call: Call, request: dict[str, Any]) -> Package:
    """Return the identity of a package without a group."""
    if "ModelApprovalStatus" in request:
        raise invalid("ModelApprovalStatus does not apply to an unversioned model package.")
    of = arn(call, "model-package", request["ModelPackageName"])
    tags.put(call, of, request.get("Tags"))
    return {"ModelPackageName": request["ModelPackageName"], "ModelPackageArn": of}


def source(call: Call, request: dict[str, Any]) -> Package:
    """Return what a package takes over from the package or model that SourceUri names."""
    uri = request.get("SourceUri", "")
    if "InferenceSpecification" in request or not uri.startswith("arn:"):
        return {}
    if ":model-package/" in uri:
        names = ("InferenceSpecification", "AdditionalInferenceSpecifications")
        earlier = found(call, uri)
        return {member: earlier[member] for member in names if member in earlier}
    if ":model/" in uri:
        return {"InferenceSpecification": {"Containers": containers_of(call, uri)}}
    raise invalid(f"SourceUri must be of a model or a model package, found {uri}.")


def kept(request: dict[str, Any]) -> Package:
    """Return the members of a request that Describe shows as they are."""
    return {name: value for name, value in request.items() if name not in NOT_KEPT}


def status() -> Package:
    """Return the state of a new package: nothing has to be validated, so it is complete at once."""
    return {
        "ModelPackageStatus": "Completed",
        "ModelPackageStatusDetails": {"ValidationStatuses": [], "ImageScanStatuses": []},
        "CreationTime": datetime.now(UTC).isoformat(),
    }


def describe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a package, without its card's content on request (DescribeModelPackage)."""
    package = dict(found(call, request["ModelPackageName"]))
    if request.get("IncludedData") == "MetadataOnly" and "ModelCard" in package:
        package["ModelCard"] = {"ModelCardStatus": package["ModelCard"].get("ModelCardStatus")}
    if "ModelPackageVersion" in package:
        del package["ModelPackageName"]  # AWS names the group alone
    return {"CertifyForMarketplace": False} | package | times(package)


def list_packages(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of packages: a group's versions, else those without one (ListModelPackages)."""
    asked = request.get("ModelPackageGroupName")
    group = groups.found(call, asked)["ModelPackageGroupName"] if asked else None
    kind = request.get("ModelPackageType", "Versioned" if group else "Unversioned")
    all_of_them = [
        package
        for _, package in packages(call).all()
        if kind in ("Both", "Versioned" if "ModelPackageVersion" in package else "Unversioned")
        and (group is None or package.get("ModelPackageGroupName") == group)
    ]
    page, token = LISTING.page(all_of_them, request)
    return {
        "ModelPackageSummaryList": [summary(package) for package in page],
        "NextToken": token,
    }


def summary(package: Any) -> dict[str, Any]:
    """Return what ListModelPackages shows of a package."""
    shown = {member: package[member] for member in SUMMARY if member in package}
    if "ModelPackageVersion" in package:
        del shown["ModelPackageName"]  # AWS names the group alone
    return shown | {"CreationTime": moment(package["CreationTime"])}


def batch_describe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return many versions at once, and what went wrong with others (BatchDescribeModelPackage)."""
    summaries, errors = {}, {}
    for of in request["ModelPackageArnList"]:
        try:
            package = found(call, of)
            if "ModelPackageVersion" not in package or "InferenceSpecification" not in package:
                raise invalid(f"ModelPackage {of} is no version with an inference specification.")
            shown = {member: package[member] for member in BATCH_SUMMARY if member in package}
            summaries[of] = shown | {"CreationTime": moment(package["CreationTime"])}
        except ServiceError as error:
            errors[of] = {"ErrorCode": error.code, "ErrorResponse": error.message}
    return {
        "ModelPackageSummaries": summaries,
        "BatchDescribeModelPackageErrorMap": errors,
    }


def update(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Approve, reject or annotate a package; any approval may follow any (UpdateModelPackage)."""
    of, who = request["ModelPackageArn"], user_context(call)
    with call.cloud.state.transaction():
        package = found(call, of)
        if "ModelApprovalStatus" in request and "ModelPackageVersion" not in package:
            raise invalid("ModelApprovalStatus does not apply to an unversioned model package.")
        changes = {member: request[member] for member in CHANGED if member in request}
        changes |= metadata(package, request) | additional(package, request)
        if "ModelCard" in request:
            changes["ModelCard"] = card(package, request["ModelCard"])
        package |= changes | {"LastModifiedTime": datetime.now(UTC).isoformat()}
        package["LastModifiedBy"] = who
        packages(call).replace(key_of(of), package)
        published(call, package, list(changes))
    return {"ModelPackageArn": package["ModelPackageArn"]}


def metadata(package: Package, request: dict[str, Any]) -> Package:
    """Return the customer's properties after an update: some put in, then some taken out."""
    new = request.get("CustomerMetadataProperties", {})
    gone = set(request.get("CustomerMetadataPropertiesToRemove", []))
    if not new and not gone:
        return {}
    together = (package.get("CustomerMetadataProperties") or {}) | new
    together = {key: value for key, value in together.items() if key not in gone}
    if len(together) > METADATA:
        raise invalid(
            f"At most {METADATA} CustomerMetadataProperties; this would be {len(together)}."
        )
    return {"CustomerMetadataProperties": together or None}


def additional(package: Package, request: dict[str, Any]) -> Package:
    """Return the additional inference specifications after an update."""
    new = request.get("AdditionalInferenceSpecificationsToAdd")
    if not new:
        return {}
    together = package.get("AdditionalInferenceSpecifications", []) + new
    names = [specification["Name"] for specification in together]
    if len(names) > ADDITIONAL or len(set(names)) < len(names):
        raise invalid(
            f"At most {ADDITIONAL} AdditionalInferenceSpecifications, each with a name of its own; "
            f"found {', '.join(names)}."
        )
    return {"AdditionalInferenceSpecifications": together}


def card(package: Package, new: dict[str, Any]) -> dict[str, Any]:
    """Return a package's card after an update; an archived card changes no more."""
    old = package.get("ModelCard", {})
    if old.get("ModelCardStatus") == "Archived" and "ModelCardContent" in new:
        raise invalid("The model card is Archived: its content cannot be changed.")
    check_card(new)
    return {**old, **new}


def check_card(card: dict[str, Any] | None) -> None:
    """Refuse a card whose content is not JSON."""
    try:
        json.loads((card or {}).get("ModelCardContent", "{}"))
    except (ValueError, RecursionError) as error:
        raise invalid(f"ModelCardContent must be JSON: {error}") from error


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a package; a version's number is not given again (DeleteModelPackage)."""
    with call.cloud.state.transaction():
        package = found(call, request["ModelPackageName"])
        packages(call).delete(key_of(package["ModelPackageArn"]))
        tags.forget(call, package["ModelPackageArn"])
    return {}


def times(package: Package) -> dict[str, datetime]:
    """Return the times of a package as datetimes."""
    return {member: moment(package[member]) for member in TIMES if member in package}


def tokens(call: Call) -> Documents:
    """Return which package a client's token made."""
    return call.cloud.state.documents(call.region, "ModelPackageToken")


OPERATIONS: dict[str, Operation] = {
    "CreateModelPackage": create,
    "DescribeModelPackage": describe,
    "ListModelPackages": list_packages,
    "BatchDescribeModelPackage": batch_describe,
    "UpdateModelPackage": update,
    "DeleteModelPackage": delete,
}
