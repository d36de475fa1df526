"""What speaks for a model package: its figures beside those in production, its data, who decided what."""

from dataclasses import dataclass
from typing import Any

from slipway.cli import decisions, models, package_reference
from slipway.cli.aws import pages
from slipway.cli.output import moment, note, say, table


@dataclass(frozen=True)
class Serving:
    """A version of a group behind an endpoint."""

    endpoint: str
    package: str  # its ARN


def evidence(api: Any, s3: Any, named: str) -> dict[str, Any]:
    """Return all that bears on the decision about a package."""
    package = package_reference.find_package(api, named)
    arn = package["ModelPackageArn"]
    serving = in_service(api, package["ModelPackageGroupName"])
    others = [each.package for each in serving if each.package != arn]
    found: dict[str, Any] = {**package, "Metrics": figures(s3, package, "ModelQuality")}
    found["DataQuality"] = data_quality(s3, package)
    found["Steps"] = [
        {"Time": one.when, "Person": one.who, "Action": one.action, "Comment": one.why}
        for one in decisions.trail(package.get("CustomerMetadataProperties", {}))
    ]
    found["ServedBy"] = [each.endpoint for each in serving if each.package == arn]
    found["Production"] = None
    if others:
        found["Production"] = {
            "ModelPackageArn": others[0],
            "Endpoints": [each.endpoint for each in serving if each.package == others[0]],
            "Metrics": figures(s3, described(api, others[0]), "ModelQuality"),
        }
    return found


def described(api: Any, arn: str) -> dict[str, Any]:
    """Return a package as the API describes it; {} for one that serves on after it was deleted."""
    try:
        found: dict[str, Any] = api.describe_model_package(ModelPackageName=arn)
    except api.exceptions.ClientError as error:
        note(f"{arn} could not be described: {error}")
        return {}
    return found


def in_service(api: Any, group: str) -> list[Serving]:
    """Return the group's versions behind endpoints that are in service."""
    found = []
    prefix = f":model-package/{group.lower()}/"
    for endpoint in pages(api, "list_endpoints", "Endpoints", StatusEquals="InService"):
        name = endpoint["EndpointName"]
        described = api.describe_endpoint(EndpointName=name)
        config = api.describe_endpoint_config(EndpointConfigName=described["EndpointConfigName"])
        for variant in config["ProductionVariants"]:
            if "ModelName" not in variant:
                continue  # its models are inference components
            for arn in packages_of(api, variant["ModelName"]):
                if prefix in arn.lower():
                    found.append(Serving(name, arn))
    return found


def packages_of(api: Any, model: str) -> list[str]:
    """Return the ARNs of the packages that a model is made of; none for a model that is gone."""
    try:
        described = api.describe_model(ModelName=model)
    except api.exceptions.ClientError:
        return []  # an endpoint goes on serving a model that was deleted
    containers = [described.get("PrimaryContainer", {}), *described.get("Containers", [])]
    return [one["ModelPackageName"] for one in containers if "ModelPackageName" in one]


def figures(s3: Any, package: dict[str, Any], kind: str) -> dict[str, float]:
    """Return the numbers of a package's statistics file of one kind."""
    statistics = package.get("ModelMetrics", {}).get(kind, {}).get("Statistics", {})
    return models.metrics(s3, statistics["S3Uri"]) if "S3Uri" in statistics else {}


def data_quality(s3: Any, package: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the data quality file says: whether its constraints hold, and its plain numbers."""
    statistics = package.get("ModelMetrics", {}).get("ModelDataQuality", {}).get("Statistics", {})
    if "S3Uri" not in statistics:
        return None
    document = models.document(s3, statistics["S3Uri"])
    found: dict[str, Any] = {"S3Uri": statistics["S3Uri"]}
    check = document.get("check") if isinstance(document, dict) else None
    if isinstance(check, dict):  # as Deequ writes it
        constraints = check.get("constraints") or []
        holds = [one for one in constraints if one.get("constraint_status") == "Success"]
        found |= {"Status": check.get("status")}
        found |= {"Constraints": len(constraints), "ConstraintsThatHold": len(holds)}
        found["Broken"] = [one.get("constraint") for one in constraints if one not in holds]
    violations = document.get("violations") if isinstance(document, dict) else None
    if isinstance(violations, list):  # as Model Monitor writes it
        found["Broken"] = [one.get("description") for one in violations]
        found["Status"] = "Failure" if violations else "Success"
    return found | {name: number for name, number in models.values(document)}


def show(found: dict[str, Any]) -> None:
    """Print the evidence."""
    title = package_reference.title(found)
    say(f"{title}  {found['ModelApprovalStatus']}  registered {moment(found['CreationTime'])}")
    if said := found.get("ModelPackageDescription"):
        say(f"  {said}")
    if found["ServedBy"]:
        say(f"  serves {', '.join(found['ServedBy'])}")
    say()
    show_figures(title, found["Metrics"], found["Production"])
    if (quality := found["DataQuality"]) is not None:
        say()
        show_quality(quality)
    say()
    if cycle := found.get("ModelLifeCycle"):
        said = f": {cycle['StageDescription']}" if cycle.get("StageDescription") else ""
        say(f"stage {cycle['Stage']} is {cycle['StageStatus']}{said}")
    if not found["Steps"]:
        said = found.get("ApprovalDescription")
        say(f"decisions: none is written down{f' ({said})' if said else ''}")
    for one in found["Steps"]:
        say(f"{one['Action'].lower()} {moment(one['Time'])} by {one['Person']}: {one['Comment']}")


def show_figures(title: str, mine: dict[str, float], production: dict[str, Any] | None) -> None:
    """Print the metrics, beside those of the version in production."""
    if production is None:
        table(("Metric", title), [(name, f"{value:.4g}") for name, value in mine.items()])
        say("no other version of the group is in production")
        return
    theirs = production["Metrics"]
    names = [*mine, *(name for name in theirs if name not in mine)]
    rows = [(name, number(mine.get(name)), *beside(mine, theirs, name)) for name in names]
    other = f"{package_reference.title(production)} (in production)"
    table(("Metric", title, other, "Difference"), rows)
    say(f"in production behind {', '.join(production['Endpoints'])}")


def beside(mine: dict[str, float], theirs: dict[str, float], name: str) -> tuple[str, str]:
    """Return the other version's number, and how far this one is from it."""
    if name in mine and name in theirs:
        return number(theirs[name]), f"{mine[name] - theirs[name]:+.4g}"
    return number(theirs.get(name)), ""


def number(value: float | None) -> str:
    """Return a figure, or a dash where there is none."""
    return "–" if value is None else f"{value:.4g}"


def show_quality(quality: dict[str, Any]) -> None:
    """Print what is known of the data."""
    if "Constraints" in quality:
        say(
            f"data quality: {quality['Status']}, {quality['ConstraintsThatHold']} of "
            f"{quality['Constraints']} constraints hold ({quality['S3Uri']})"
        )
    else:
        say(f"data quality: {quality.get('Status') or 'see'} {quality['S3Uri']}")
    for broken in quality.get("Broken", []):
        say(f"  does not hold: {broken}")
