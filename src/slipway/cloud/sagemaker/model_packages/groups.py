"""Model package groups: the models of the registry, each with its versions."""

from datetime import UTC, datetime
from typing import Any

from slipway.cloud.iam.policy import MalformedPolicy, parse
from slipway.cloud.identity import user_context
from slipway.cloud.sagemaker import tags
from slipway.cloud.sagemaker.arns import arn
from slipway.cloud.sagemaker.listing import Listing, moment
from slipway.cloud.sagemaker.model_packages.documents import packages
from slipway.cloud.service import Call, Operation, ServiceError
from slipway.cloud.state import Documents

Group = dict[str, Any]

LISTING = Listing(
    name="ModelPackageGroupName",
    sort={"Name": "ModelPackageGroupName", "CreationTime": "CreationTime"},
)
SHOWN = (
    *("ModelPackageGroupName", "ModelPackageGroupArn", "ModelPackageGroupDescription"),
    *("ModelPackageGroupStatus", "ManagedConfiguration"),
)
KEPT = ("ModelPackageGroupName", "ModelPackageGroupDescription", "ManagedConfiguration")


def create(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a group without versions (CreateModelPackageGroup)."""
    of = arn(call, "model-package-group", request["ModelPackageGroupName"])
    group = {member: request[member] for member in KEPT if member in request} | {
        "ModelPackageGroupArn": of,
        "ModelPackageGroupStatus": "Completed",
        "CreationTime": datetime.now(UTC).isoformat(),
        "CreatedBy": user_context(call),
        "LastVersion": 0,
    }
    with call.cloud.state.transaction():
        if not groups(call).create(request["ModelPackageGroupName"].lower(), group):
            text = f"Model Package Group already exists: {of}"
            raise ServiceError("ValidationException", text)
        tags.put(call, of, request.get("Tags"))
    return {"ModelPackageGroupArn": of}


def describe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a group (DescribeModelPackageGroup)."""
    group = found(call, request["ModelPackageGroupName"])
    return summary(group) | {"CreatedBy": group.get("CreatedBy", {})}


def list_groups(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of groups; no other account shares any (ListModelPackageGroups)."""
    mine = request.get("CrossAccountFilterOption", "SameAccount") == "SameAccount"
    page, token = LISTING.page([g for _, g in groups(call).all()] if mine else [], request)
    return {"ModelPackageGroupSummaryList": [summary(g) for g in page], "NextToken": token}


def summary(group: Any) -> dict[str, Any]:
    """Return what list and describe show of a group."""
    shown = {member: group[member] for member in SHOWN if member in group}
    return shown | {"CreationTime": moment(group["CreationTime"])}


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a group that has no versions left (DeleteModelPackageGroup)."""
    with call.cloud.state.transaction():
        group = found(call, request["ModelPackageGroupName"])
        name, of = group["ModelPackageGroupName"], group["ModelPackageGroupArn"]
        if any(p.get("ModelPackageGroupName") == name for _, p in packages(call).all()):
            text = f"Model Package Group {of} cannot be deleted because it still contains Model Packages."
            raise ServiceError("ConflictException", text)
        groups(call).delete(name.lower())
        tags.forget(call, of)
    return {}


def next_version(call: Call, group: Group) -> int:
    """Count up a group's versions; the number of a deleted one does not come back."""
    number: int = group["LastVersion"] + 1
    groups(call).replace(group["ModelPackageGroupName"].lower(), group | {"LastVersion": number})
    return number


def put_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Store the policy that shares a group with other accounts (PutModelPackageGroupPolicy)."""
    try:
        parse(request["ResourcePolicy"], "ResourcePolicy", "resource")
    except MalformedPolicy as error:
        raise ServiceError("ValidationException", str(error)) from error
    group = change(call, request, {"ResourcePolicy": request["ResourcePolicy"]})
    return {"ModelPackageGroupArn": group["ModelPackageGroupArn"]}


def get_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a group's policy (GetModelPackageGroupPolicy)."""
    group = found(call, request["ModelPackageGroupName"])
    if not group.get("ResourcePolicy"):
        text = f"Cannot find resource policy for: {group['ModelPackageGroupArn']}"
        raise ServiceError("ValidationException", text)
    return {"ResourcePolicy": group["ResourcePolicy"]}


def delete_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Drop a group's policy, if it has one (DeleteModelPackageGroupPolicy)."""
    change(call, request, {"ResourcePolicy": None})
    return {}


def change(call: Call, request: dict[str, Any], members: dict[str, Any]) -> Group:
    """Change members of a group's document; return it as it was."""
    with call.cloud.state.transaction():
        group = found(call, request["ModelPackageGroupName"])
        groups(call).replace(group["ModelPackageGroupName"].lower(), group | members)
    return group


def found(call: Call, name_or_arn: str) -> Group:
    """Return the group of a name or an ARN; ServiceError when there is none."""
    name = name_or_arn.rpartition(":model-package-group/")[2]
    of = arn(call, "model-package-group", name)
    group = groups(call).get(name.lower())
    if group is None or (name_or_arn.startswith("arn:") and name_or_arn.lower() != of):
        shown = name_or_arn if name_or_arn.startswith("arn:") else of
        raise ServiceError("ValidationException", f"ModelPackageGroup {shown} does not exist.")
    return group


def groups(call: Call) -> Documents:
    """Return the documents of groups, by name in lower case: AWS's ARNs know no case."""
    return call.cloud.state.documents(call.region, "ModelPackageGroup")


OPERATIONS: dict[str, Operation] = {
    "CreateModelPackageGroup": create,
    "DescribeModelPackageGroup": describe,
    "ListModelPackageGroups": list_groups,
    "DeleteModelPackageGroup": delete,
    "PutModelPackageGroupPolicy": put_policy,
    "GetModelPackageGroupPolicy": get_policy,
    "DeleteModelPackageGroupPolicy": delete_policy,
}
