"""The alarms that `slipway deploy` makes where none are given: errors and latency of the new model."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from slipway.cli.errors import Refused

NAMESPACE = "AWS/SageMaker"
PREFIX = "slipway"
AT_A_TIME = 100  # alarms that one DeleteAlarms takes
ERRORS, PERIOD = 0.01, 60  # what is accepted, and over how many seconds, where nothing is said
HISTORY = 3600  # seconds of traffic from which the usual latency is taken
SLOWER = 3.0  # times the usual latency
FASTEST, UNKNOWN = 100.0, 1000.0  # ms: the least limit, and the limit without any history


@dataclass(frozen=True)
class Limits:
    """What a new model may do."""

    errors: float  # part of its answers that may be 5XX
    latency: float | None  # ms that it may take on average; None: from what is usual
    period: int  # seconds over which both are looked at


def check(cloudwatch: Any, names: Sequence[str]) -> None:
    """Refuse alarms that do not exist."""
    found = cloudwatch.describe_alarms(
        AlarmNames=list(names), AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    known = {
        one["AlarmName"] for kind in ("MetricAlarms", "CompositeAlarms") for one in found[kind]
    }
    missing = [name for name in names if name not in known]
    if missing:
        raise Refused(f"--alarm: there is no alarm named {', '.join(missing)}")


def make(
    cloudwatch: Any, endpoint: str, variants: Sequence[str], config: str, limits: Limits
) -> list[str]:
    """Create an alarm on 5XX answers and one on latency for each variant; return their names.

    They look at the new configuration's own metrics, so what the old model does trips none.
    """
    names = []
    for variant in variants:
        dimensions = [
            {"Name": "EndpointName", "Value": endpoint},
            {"Name": "VariantName", "Value": variant},
        ]
        latency = limits.latency or usual_limit(cloudwatch, dimensions)
        for metric, threshold in (
            ("Invocation5XXErrors", limits.errors),
            ("ModelLatency", latency * 1000),  # µs
        ):
            name = f"{PREFIX}-{config}-{variant}-{metric}"
            cloudwatch.put_metric_alarm(
                AlarmName=name,
                AlarmDescription=f"Guards the release of {config} on endpoint {endpoint}.",
                Namespace=NAMESPACE,
                MetricName=metric,
                Dimensions=[*dimensions, {"Name": "EndpointConfigName", "Value": config}],
                Statistic="Average",
                Period=limits.period,
                EvaluationPeriods=1,
                Threshold=threshold,
                ComparisonOperator="GreaterThanThreshold",
                TreatMissingData="notBreaching",
            )
            names.append(name)
    return names


def of(cloudwatch: Any, endpoint: str) -> dict[str, str]:
    """Return the alarms that were made for an endpoint: by name, the configuration they look at."""
    found: dict[str, str] = {}
    for page in cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=f"{PREFIX}-"):
        for alarm in page["MetricAlarms"]:
            dimensions = {one["Name"]: one["Value"] for one in alarm.get("Dimensions", ())}
            if dimensions.get("EndpointName") == endpoint and "EndpointConfigName" in dimensions:
                found[alarm["AlarmName"]] = dimensions["EndpointConfigName"]
    return found


def forget(cloudwatch: Any, endpoint: str, config: str) -> None:
    """Delete the alarms that were made for an endpoint, but for those of one configuration."""
    gone = [name for name, of_config in of(cloudwatch, endpoint).items() if of_config != config]
    for first in range(0, len(gone), AT_A_TIME):
        cloudwatch.delete_alarms(AlarmNames=gone[first : first + AT_A_TIME])


def usual_limit(cloudwatch: Any, dimensions: list[dict[str, str]]) -> float:
    """Return the latency in ms that a new model may take, from what the old one took lately."""
    now = time.time()
    points = cloudwatch.get_metric_statistics(
        Namespace=NAMESPACE,
        MetricName="ModelLatency",
        Dimensions=dimensions,
        StartTime=now - HISTORY,
        EndTime=now,
        Period=HISTORY,
        Statistics=["Sum", "SampleCount"],
    )["Datapoints"]
    requests = sum(float(point["SampleCount"]) for point in points)
    taken = sum(float(point["Sum"]) for point in points)  # µs
    return max(FASTEST, SLOWER * taken / requests / 1000) if requests else UNKNOWN
