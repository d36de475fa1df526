"""RegisterModel steps, which create a version of a model package."""

from collections.abc import Iterator, Mapping
from typing import Any

from slipway.engine.attempt import Attempt
from slipway.engine.errors import Refused
from slipway.engine.events import Event, StepExecuting, StepSucceeded
from slipway.engine.names import job_name
from slipway.engine.steps.api import call, describe
from slipway.engine.steps.kind import Kind
from slipway.engine.steps.resources import tags

LONGEST_NAME = 63


def start(attempt: Attempt, arguments: Mapping[str, Any]) -> Iterator[Event]:
    """Create the model package; its group too, where it does not exist yet."""
    group = arguments.get("ModelPackageGroupName")
    source = {"MetadataProperties": {"GeneratedBy": attempt.facts.arn}}
    request = {**source, **arguments, "ClientToken": attempt.run.token}
    if group:
        ensure_group(attempt, group)
        request.pop("Tags", None)  # a version has its group's tags
    else:
        prefix = arguments.get("ModelPackageName")
        request["ModelPackageName"] = job_name(
            attempt.facts.id, attempt.run, prefix=prefix, longest=LONGEST_NAME
        )
        request["Tags"] = [*arguments.get("Tags", []), *tags(attempt)]
    arn = call(attempt, "sagemaker", "CreateModelPackage", request)["ModelPackageArn"]
    yield StepExecuting(attempt.now(), attempt.step.name, arn, {"RegisterModel": {"Arn": arn}})
    yield from look(attempt, arn)


def ensure_group(attempt: Attempt, name: str) -> None:
    """Create the model package group unless it exists."""
    request = {"ModelPackageGroupName": name}
    try:
        call(attempt, "sagemaker", "DescribeModelPackageGroup", request)
    except Refused as refused:
        if refused.fault:
            raise
        call(attempt, "sagemaker", "CreateModelPackageGroup", {**request, "Tags": tags(attempt)})


def check(attempt: Attempt) -> Iterator[Event]:
    """Look whether the package is complete."""
    return look(attempt, attempt.run.job)


def look(attempt: Attempt, arn: str) -> Iterator[Event]:
    """Tell whether the package with this ARN is complete."""
    package = describe(attempt, "DescribeModelPackage", {"ModelPackageName": arn})
    status = package["ModelPackageStatus"]
    if status == "Completed":
        metadata = {"RegisterModel": {"Arn": arn}}
        yield StepSucceeded(attempt.now(), attempt.step.name, metadata, package)
    elif status == "Failed":
        raise Refused(f"ClientError: {package['ModelPackageStatusDetails']}", None)


REGISTER_MODEL = Kind(start, check=check, resume=check)
