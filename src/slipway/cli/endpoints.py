"""Endpoints: what they serve, how much of it, how they stand, and what they were asked lately."""

import time
from typing import Annotated, Any

import typer

from slipway.cli import endpoint_progress, served
from slipway.cli.aws import client, pages
from slipway.cli.output import Json, emit, moment, note, say, table

NAMESPACE = "AWS/SageMaker"
LATELY = 300  # seconds
SHOWN = (
    ("Invocations", "Sum"),
    ("Invocation4XXErrors", "Sum"),
    ("Invocation5XXErrors", "Sum"),
    ("ModelLatency", "Sum"),
    ("ModelLatency", "SampleCount"),
)


def endpoints(
    name: Annotated[str | None, typer.Argument(help="Only this one, in full.")] = None,
    json: Json = False,
) -> None:
    """List endpoints, or show all about one.

    Of one: variants, configurations, the last failure, and what happens to it now.
    """
    api, cloudwatch = client("sagemaker"), client("cloudwatch")
    names = (
        [name]
        if name
        else [one["EndpointName"] for one in pages(api, "list_endpoints", "Endpoints")]
    )
    found = [endpoint(api, cloudwatch, one) for one in names]
    if json:
        emit(found[0] if name else found)
    elif name:
        show(found[0])
    elif found:
        table(
            ("Endpoint", "Status", "Variants", f"Requests ({LATELY // 60} min)", "Configuration"),
            [row(one) for one in found],
        )
    else:
        note("no endpoints; make one with `slipway deploy MODEL --to ENDPOINT`")


def endpoint(api: Any, cloudwatch: Any, name: str) -> dict[str, Any]:
    """Return what the API knows of an endpoint, with Lately for each variant and ServedBefore."""
    found = endpoint_progress.of(api, name)
    for variant in found.get("ProductionVariants", ()):
        variant["Lately"] = lately(cloudwatch, name, variant["VariantName"])
    found["ServedBefore"] = served.before(api, found["EndpointArn"], found["EndpointConfigName"])
    return found


def lately(cloudwatch: Any, endpoint: str, variant: str) -> dict[str, float]:
    """Return a variant's requests, errors and mean latency (ms) of the last minutes."""
    dimensions = [
        {"Name": "EndpointName", "Value": endpoint},
        {"Name": "VariantName", "Value": variant},
    ]
    now = time.time()
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=[
            {
                "Id": f"m{index}",
                "MetricStat": {
                    "Metric": {
                        "Namespace": NAMESPACE,
                        "MetricName": metric,
                        "Dimensions": dimensions,
                    },
                    "Period": LATELY,
                    "Stat": statistic,
                },
            }
            for index, (metric, statistic) in enumerate(SHOWN)
        ],
        StartTime=now - LATELY,
        EndTime=now,
    )
    sums = {one["Id"]: sum(one["Values"]) for one in answer["MetricDataResults"]}
    *counts, taken, samples = (sums.get(f"m{index}", 0.0) for index in range(len(SHOWN)))
    found = dict(
        zip(("Invocations", "Invocation4XXErrors", "Invocation5XXErrors"), counts, strict=True)
    )
    return found | ({"ModelLatencyMs": taken / samples / 1000} if samples else {})


def row(endpoint: dict[str, Any]) -> tuple[str, ...]:
    """Return an endpoint's line of the table."""
    variants = endpoint.get("ProductionVariants", [])
    asked = sum(variant["Lately"]["Invocations"] for variant in variants)
    return (
        endpoint["EndpointName"],
        endpoint["EndpointStatus"],
        ", ".join(f"{one['VariantName']} {size(one)}" for one in variants),
        f"{asked:.0f}",
        endpoint["EndpointConfigName"],
    )


def show(endpoint: dict[str, Any]) -> None:
    """Print all about one endpoint."""
    changed = moment(endpoint["LastModifiedTime"])
    say(f"{endpoint['EndpointName']}  {endpoint['EndpointStatus']}  since {changed}")
    say(f"  serves  {endpoint['EndpointConfigName']}")
    if pending := endpoint.get("PendingDeploymentSummary"):
        say(f"  next    {pending['EndpointConfigName']}")
    if before := endpoint["ServedBefore"]:
        say(f"  before  {', '.join(before)}")
    if reason := endpoint.get("FailureReason"):
        say(f"  last failure: {reason}")
    say()
    rows = []
    for variant in endpoint.get("ProductionVariants", []):
        asked = variant["Lately"]
        latency = asked.get("ModelLatencyMs")
        rows.append(
            (
                variant["VariantName"],
                f"{variant.get('CurrentWeight', 1):g}",
                size(variant),
                f"{asked['Invocations']:.0f}",
                f"{asked['Invocation4XXErrors']:.0f}",
                f"{asked['Invocation5XXErrors']:.0f}",
                "" if latency is None else f"{latency:.1f} ms",
            )
        )
    minutes = f"({LATELY // 60} min)"
    table(("Variant", "Weight", "Size", f"Requests {minutes}", "4XX", "5XX", "Latency"), rows)
    for line in endpoint_progress.lines(endpoint):
        say(f"  {line}")


def size(variant: dict[str, Any]) -> str:
    """Return how much of a variant there is: instances now, and wanted where that differs."""
    if serverless := variant.get("CurrentServerlessConfig"):
        return f"serverless, {serverless['MaxConcurrency']} at a time"
    now, wanted = variant.get("CurrentInstanceCount", 0), variant.get("DesiredInstanceCount", 0)
    plural = "" if max(now, wanted) == 1 else "s"
    return f"{now} instance{plural}" if now == wanted else f"{now} of {wanted} instances"
