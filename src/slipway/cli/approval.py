"""Approve or reject a model package, or its way to production; its trail says who did, and when."""

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
EVERYBODY = ":root"  # how the identity ends that `slipway env` gives to everybody
Package = Annotated[
    str,
    typer.Argument(metavar="PACKAGE", help="Its ARN, GROUP/VERSION, or GROUP for its newest."),
]
Comment = Annotated[str, typer.Option(help="Why; it is kept with the package.")]
Stage = Annotated[
    str | None,
    typer.Option(
        metavar="production", help="Decide about this stage of a package that is approved."
    ),
]
STAGES = {"production": "Production"}  # as ModelLifeCycle names them


def approve(package: Package, comment: Comment, stage: Stage = None, json: Json = False) -> None:
    """Approve a model package, so that it can be deployed.

    With --stage its production is approved, by another person than the one who approved the package.
    """
    act(package, "Approved", stage, comment, json)


def reject(package: Package, comment: Comment, stage: Stage = None, json: Json = False) -> None:
    """Reject a model package; what serves already goes on.

    With --stage only its production is rejected.
    """
    act(package, "Rejected", stage, comment, json)


def act(named: str, status: str, stage: str | None, comment: str, json: bool) -> None:
    """Write a decision down, and say what stands then."""
    if stage is not None and stage.lower() not in STAGES:
        raise Refused(f"--stage: expected {' or '.join(STAGES)}, found {stage!r}")
    cycle = STAGES[stage.lower()] if stage else ""
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
    check(package, title, status, cycle)
    before = package.get("CustomerMetadataProperties", {})
    action = f"{status} for {cycle}" if cycle else status
    mine = decisions.decide(action, who(), comment, datetime.now(UTC), os.urandom(3).hex())
    request: dict[str, Any] = {
        "ModelPackageArn": package["ModelPackageArn"],
        "CustomerMetadataProperties": decisions.properties(mine),
        **written(status, cycle, " ".join(comment.split())),
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
    stands = status_of(now, cycle)
    after = now.get("CustomerMetadataProperties", {})
    if other := decisions.rival(before, after, mine, stands == status):
        raise Refused(
            f"{title} was {other.action.lower()} by {other.who} at the same moment ({other.why}); it "
            f"is {stands} now, and both decisions are in its trail: see `slipway models {title}`"
        )
    if json:
        emit(
            {
                "ModelPackageArn": package["ModelPackageArn"],
                "ModelApprovalStatus": now["ModelApprovalStatus"],
                "ModelLifeCycle": now.get("ModelLifeCycle"),
                "Before": status_of(package, cycle),
                "Person": mine.who,
                "Time": mine.when,
                "Action": mine.action,
                "Comment": comment,
            }
        )
        return
    where = f" for {cycle}" if cycle else ""
    say(f"{title} is {stands}{where}, by {mine.who}: {comment}")
    if cycle:
        note(f"whether it may go on is in its trail: `slipway models {title}`")
    elif status == "Approved":
        note(f"deploy it with `slipway deploy {title} --to ENDPOINT`")


def written(status: str, stage: str, comment: str) -> dict[str, Any]:
    """Return the members of UpdateModelPackage that a decision changes."""
    if stage:
        cycle = {"Stage": stage, "StageStatus": status, "StageDescription": comment}
        return {"ModelLifeCycle": cycle}
    return {"ModelApprovalStatus": status, "ApprovalDescription": comment}


def status_of(package: dict[str, Any], stage: str) -> str:
    """Return the approval status of a package, or of a stage; "" for a stage it has not reached."""
    if not stage:
        return str(package.get("ModelApprovalStatus", ""))
    cycle = package.get("ModelLifeCycle") or {}
    return str(cycle["StageStatus"]) if cycle.get("Stage") == stage else ""


def check(package: dict[str, Any], title: str, status: str, stage: str) -> None:
    """Refuse a decision that changes nothing, or that nothing could come of."""
    if package["ModelPackageStatus"] != "Completed":
        raise Refused(f"{title} is {package['ModelPackageStatus']}; wait until it is Completed")
    if stage and not status_of(package, stage):
        raise Refused(
            f"{title} has not reached {stage}: it is {package['ModelApprovalStatus']}, and goes there "
            "once it is approved and its test in staging has passed"
        )
    if status_of(package, stage) == status:
        where = f" for {stage}" if stage else ""
        raise Refused(f"{title} is {status}{where} already{by_whom(package, where)}")
    if status == "Approved":
        for uri in artifacts(package):
            check_artifact(uri, title)


def by_whom(package: dict[str, Any], where: str) -> str:
    """Return who decided last about this, when and why, as the end of a sentence."""
    trail = decisions.trail(package.get("CustomerMetadataProperties", {}))
    decided = [one for one in trail if one.action in (f"Approved{where}", f"Rejected{where}")]
    if not decided:
        return ""
    last: Decision = decided[-1]
    why = last.why if where else package.get("ApprovalDescription") or last.why
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

    `slipway env` makes everybody the account's root; there it is the name of the login.
    """
    arn: str = client("sts").get_caller_identity()["Arn"]
    if arn.endswith(EVERYBODY) and os.environ.get("AWS_ENDPOINT_URL"):
        import getpass

        return getpass.getuser()
    return name_of(arn)


def name_of(arn: str) -> str:
    """Return the name in an identity's ARN: of a user, of a role's session, or "root"."""
    return arn.rpartition("/")[2].rpartition(":")[2]
