"""The model registry: groups, packages, their status and metrics."""

import json as json_
from typing import Annotated, Any

import typer

from slipway.cli.aws import client, pages
from slipway.cli.output import Json, emit, moment, note, table

SHOWN = 4  # metrics in a row of the table; --json has all


def models(
    group: Annotated[
        str | None,
        typer.Argument(
            metavar="GROUP|PACKAGE",
            help="Only this group's, or one package (ARN or GROUP/VERSION) with all that speaks for it.",
        ),
    ] = None,
    json: Json = False,
) -> None:
    """List model packages with their status and metrics.

    One is shown with evidence for its approval.
    """
    api, s3 = client("sagemaker"), client("s3")
    if group and "/" in group:
        from slipway.cli import evidence

        one = evidence.evidence(api, s3, group)
        emit(one) if json else evidence.show(one)
        return
    found = [package(api, s3, arn) for name in groups(api, group) for arn in arns(api, name)]
    if json:
        emit(found)
    elif found:
        rows = [
            (
                one["ModelPackageGroupName"],
                str(one["ModelPackageVersion"]),
                one["ModelPackageStatus"],
                one["ModelApprovalStatus"],
                moment(one["CreationTime"]),
                ", ".join(f"{name} {value:.4g}" for name, value in shown(one["Metrics"])),
            )
            for one in found
        ]
        table(("Group", "Version", "Status", "Approval", "Created", "Metrics"), rows)
    else:
        note(f"no model packages{f' in {group}' if group else ''}; a RegisterModel step makes one")


def groups(api: Any, named: str | None) -> list[str]:
    """Return the names of the groups asked for; the API refuses an unknown one."""
    if named:
        api.describe_model_package_group(ModelPackageGroupName=named)
        return [named]
    found = pages(api, "list_model_package_groups", "ModelPackageGroupSummaryList")
    return [one["ModelPackageGroupName"] for one in found]


def arns(api: Any, group: str) -> list[str]:
    """Return the ARNs of a group's packages, the newest first."""
    found = pages(
        api, "list_model_packages", "ModelPackageSummaryList", ModelPackageGroupName=group
    )
    return [one["ModelPackageArn"] for one in found]


def package(api: Any, s3: Any, arn: str) -> dict[str, Any]:
    """Return what the API knows of a package, with the Metrics that its statistics file holds."""
    described: dict[str, Any] = api.describe_model_package(ModelPackageName=arn)
    described.pop("ResponseMetadata", None)
    statistics = described.get("ModelMetrics", {}).get("ModelQuality", {}).get("Statistics", {})
    described["Metrics"] = metrics(s3, statistics["S3Uri"]) if "S3Uri" in statistics else {}
    return described


def metrics(s3: Any, uri: str) -> dict[str, float]:
    """Return the metrics of a model quality file in S3; empty when it is gone or not JSON."""
    found: dict[str, float] = {}
    for name, value in values(document(s3, uri)):
        found.setdefault(name, value)  # the whole's come first, those of its parts after
    return found


def document(s3: Any, uri: str) -> Any:
    """Return a JSON document in S3; {} when it is gone or not JSON."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    try:
        return json_.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except (s3.exceptions.ClientError, ValueError) as error:
        note(f"{uri} could not be read: {error}")
        return {}


def values(document: Any) -> Any:
    """Yield (name, number) wherever a document has `"name": {"value": number}`, as AWS writes them."""
    if isinstance(document, dict):
        for name, inner in document.items():
            value = inner.get("value") if isinstance(inner, dict) else None
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield name, value
            else:
                yield from values(inner)


def shown(metrics: dict[str, float]) -> list[tuple[str, float]]:
    """Return the metrics that fit into a row."""
    return list(metrics.items())[:SHOWN]
