"""Approve or reject a model package, with a reason; its trail says who did, and when."""

import os
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from slipway.cli import decisions, package_reference
from slipway.cli.aws import client
from slipway.cli.decisions import Decision
from slipway.cli.errors import Refused
from slipway.cli.output import Json, emit, moment, note, say

LONGEST = 1024  # characters of an ApprovalDescription
EVERYBODY = ":user/moto"  # how the identity ends that the local cloud gives to everybody
Package = Annotated[
    str,
    typer.Argument(metavar="PACKAGE", help="Its ARN, GROUP/VERSION, or GROUP for its newest."),
]
Comment = Annotated[str, typer.Option(help="Why; it is kept with the package.")]


def approve(package: Package, comment: Comment, json: Json = False) -> None:
    """Approve a model package, so that it can be deployed."""
    act(package, "Approved", comment, json)


def reject(package: Package, comment: Comment, json: Json = False) -> None:
    """Reject a model package; what serves already goes on."""
    act(package, "Rejected", comment, json)


def act(named: str, status: str, comment: str, json: bool) -> None:
    """Write a decision down, and say what stands then."""
    if not comment.strip():
        raise Refused("--comment: expected a reason, found none")
    if len(comment) > LONGEST:
        raise Refused(
            f"--comment: expected at most {LONGEST} characters, found {len(comment)}; put a link to "
            "the rest"
        )
    api = client("sagemaker")
    package = package_reference.find_package(api, named)
    title = package_reference.title(package)
    check(package, title, status)
    before = package.get("CustomerMetadataProperties", {})
    mine = decisions.decide(status, who(), comment, datetime.now(UTC), os.urandom(3).hex())
    request: dict[str, Any] = {
        "ModelPackageArn": package["ModelPackageArn"],
        "ModelApprovalStatus": status,
        "ApprovalDescription": " ".join(comment.split()),
        "CustomerMetadataProperties": decisions.properties(mine),
    }
    if gone := decisions.outdated(before):
        request["CustomerMetadataPropertiesToRemove"] = gone
    try:
        api.update_model_package(**request)
    except api.exceptions.ConflictException as error:
        raise Refused(
            f"{title} was changed by somebody else at the same moment; see `slipway models {title}`"
        ) from error
    now = api.describe_model_package(ModelPackageName=package["ModelPackageArn"])
    stands = now["ModelApprovalStatus"]
    if other := decisions.rival(before, now.get("CustomerMetadataProperties", {}), mine, stands):
        raise Refused(
            f"{title} was {other.status.lower()} by {other.who} at the same moment ({other.why}); it is "
            f"{stands} now, and both decisions are in its trail: see `slipway models {title}`"
        )
    if json:
        emit(
            {
                "ModelPackageArn": package["ModelPackageArn"],
                "ModelApprovalStatus": stands,
                "Before": package["ModelApprovalStatus"],
                "By": mine.who,
                "At": mine.when,
                "Comment": comment,
            }
        )
    else:
        say(f"{title} is {stands}, by {mine.who}: {comment}")
        if status == "Approved":
            note(f"deploy it with `slipway deploy {title} --to ENDPOINT`")


def check(package: dict[str, Any], title: str, status: str) -> None:
    """Refuse a decision that changes nothing, or that nothing could come of."""
    if package["ModelPackageStatus"] != "Completed":
        raise Refused(f"{title} is {package['ModelPackageStatus']}; wait until it is Completed")
    if package.get("ModelApprovalStatus") == status:
        raise Refused(f"{title} is {status} already{by_whom(package)}")
    if status == "Approved":
        for uri in artifacts(package):
            check_artifact(uri, title)


def by_whom(package: dict[str, Any]) -> str:
    """Return who decided last, when and why, as the end of a sentence."""
    trail = decisions.trail(package.get("CustomerMetadataProperties", {}))
    if not trail:
        return ""
    last: Decision = trail[-1]
    why = package.get("ApprovalDescription") or last.why
    return f", by {last.who} on {moment(last.when)}: {why}"


def artifacts(package: dict[str, Any]) -> list[str]:
    """Return the S3 URIs that a model of the package would be made of."""
    found = []
    for container in package.get("InferenceSpecification", {}).get("Containers", []):
        source = container.get("ModelDataSource", {}).get("S3DataSource", {})
        found += [uri for uri in (container.get("ModelDataUrl"), source.get("S3Uri")) if uri]
    return found


def check_artifact(uri: str, title: str) -> None:
    """Refuse a package whose artifact is gone; one that may not be looked at is only told."""
    from botocore.exceptions import ClientError

    if not uri.startswith("s3://"):
        return
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    s3 = client("s3")
    try:
        if key.endswith("/"):
            there = s3.list_objects_v2(Bucket=bucket, Prefix=key, MaxKeys=1)["KeyCount"] > 0
        else:
            there = bool(s3.head_object(Bucket=bucket, Key=key))
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code not in ("404", "NoSuchKey", "NoSuchBucket", "NotFound"):
            note(f"{uri} could not be looked at ({code}), so nobody knows whether it is there")
            return
        there = False
    if not there:
        raise Refused(
            f"{title} cannot be approved: its artifact {uri} is gone, so nothing could be deployed; put "
            "it back, or train again and approve that"
        )


def who() -> str:
    """Return the name of the caller: a user, or the session of a role.

    The local cloud gives everybody one identity; there it is the name of the login.
    """
    arn: str = client("sts").get_caller_identity()["Arn"]
    if arn.endswith(EVERYBODY) and os.environ.get("AWS_ENDPOINT_URL"):
        import getpass

        return getpass.getuser()
    return name_of(arn)


def name_of(arn: str) -> str:
    """Return the name in an identity's ARN: of a user, of a role's session, or "root"."""
    return arn.rpartition("/")[2].rpartition(":")[2]
