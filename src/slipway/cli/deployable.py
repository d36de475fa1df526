"""What a person may deploy: a package's ARN, GROUP/VERSION, GROUP for its newest approved, a model."""

import re
from dataclasses import dataclass
from typing import Any

from slipway.cli.aws import pages
from slipway.cli.errors import Refused

MISSING = ("ValidationException", "ResourceNotFound")


@dataclass(frozen=True)
class Deployable:
    """What an endpoint is to serve."""

    title: str  # as a person reads it: "reviews/3", or a model's name
    package: str  # the model package's ARN; "" for a model
    model: str  # the model's name; "" until one is made from the package
    instance_type: str  # what its makers ask for; "" when they do not
    instance_count: int  # 0 when they do not say
    supported: tuple[str, ...]  # the instance types that its inference specification names


def find_deployable(api: Any, text: str) -> Deployable:
    """Return what `text` means; Refused when there is no such thing, or it is not approved."""
    if ":model-package/" in text:
        return of_package(api, text)
    group, slash, version = text.rpartition("/")
    if slash:
        if not version.isdigit():
            raise Refused(f"expected GROUP/VERSION with a number as version, found {text!r}")
        return of_package(api, version_of(api, group, int(version)))
    if text in group_names(api, text):
        return of_package(api, newest_approved(api, text))
    try:
        api.describe_model(ModelName=text)
    except api.exceptions.ClientError as error:
        if error.response["Error"]["Code"] not in MISSING:
            raise
        raise Refused(
            f"expected a model package (ARN or GROUP/VERSION), a group or a model, found {text!r}, "
            "which is none; list packages with `slipway models`"
        ) from error
    return Deployable(text, "", text, "", 0, ())


def of_package(api: Any, arn: str) -> Deployable:
    """Return a model package as what can be deployed."""
    package = api.describe_model_package(ModelPackageName=arn)
    status = package.get("ModelApprovalStatus", "Approved")
    title = short(package["ModelPackageArn"])
    if status != "Approved":
        raise Refused(
            f"{title} is {status}; only an approved package can be deployed: "
            f"`slipway approve {title} --comment …`"
        )
    properties = package.get("CustomerMetadataProperties", {})
    count = properties.get("DeployInstanceCount", "0")
    if not count.isdigit():
        raise Refused(
            f"{title}: expected a number in its property DeployInstanceCount, found {count!r}; give "
            "--instance-count"
        )
    specification = package.get("InferenceSpecification", {})
    return Deployable(
        title,
        package["ModelPackageArn"],
        "",
        properties.get("DeployInstanceType", ""),
        int(count),
        tuple(specification.get("SupportedRealtimeInferenceInstanceTypes", ())),
    )


def version_of(api: Any, group: str, version: int) -> str:
    """Return the ARN of a group's version."""
    for summary in packages(api, group):
        if summary.get("ModelPackageVersion") == version:
            arn: str = summary["ModelPackageArn"]
            return arn
    raise Refused(f"{group} has no version {version}; list them with `slipway models {group}`")


def newest_approved(api: Any, group: str) -> str:
    """Return the ARN of the newest package of a group that is approved."""
    for summary in packages(api, group):
        if summary.get("ModelApprovalStatus") == "Approved":
            arn: str = summary["ModelPackageArn"]
            return arn
    raise Refused(
        f"no package of {group} is approved; see `slipway models {group}` and approve one with "
        f"`slipway approve {group}/VERSION --comment …`"
    )


def packages(api: Any, group: str) -> Any:
    """Yield the packages of a group, the newest first."""
    return pages(
        api,
        "list_model_packages",
        "ModelPackageSummaryList",
        ModelPackageGroupName=group,
        SortBy="CreationTime",
        SortOrder="Descending",
    )


def group_names(api: Any, text: str) -> list[str]:
    """Return the names of the groups whose name contains a text."""
    if not re.fullmatch(r"[a-zA-Z0-9-]{1,63}", text):
        return []
    found = pages(
        api, "list_model_package_groups", "ModelPackageGroupSummaryList", NameContains=text
    )
    return [one["ModelPackageGroupName"] for one in found]


def short(arn: str) -> str:
    """Return a package's ARN as people write it: GROUP/VERSION."""
    return arn.rpartition(":model-package/")[2]
