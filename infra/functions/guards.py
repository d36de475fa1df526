"""The alarms that watch one release to production: errors and latency of the new model alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.functions.hosting import VARIANT

AT_A_TIME = 100  # alarms that one DeleteAlarms takes


@dataclass(frozen=True)
class Guards:
    """What a new model may do, and how its release goes."""

    errors: float  # part of its answers that may be 5XX
    latency: float  # ms that it may take on average
    period: int  # seconds over which both are looked at
    canary: int  # percent of the capacity that is moved first
    bake: int  # seconds for which the canary is watched
    final_bake: int  # seconds for which everything is watched, before the old model ends
    topic: str  # ARN; told when an alarm rings
    runbook: str  # link for the alarms' descriptions

    @staticmethod
    def from_environment(of: Mapping[str, str]) -> "Guards":
        """Return the guards that a function's environment names."""
        return Guards(
            float(of["MAX_ERRORS"]),
            float(of["MAX_LATENCY_MS"]),
            int(of["ALARM_PERIOD"]),
            int(of["CANARY_PERCENT"]),
            int(of["CANARY_SECONDS"]),
            int(of["FINAL_SECONDS"]),
            of["TOPIC_ARN"],
            of["RUNBOOK"],
        )

    def deployment(self, alarms: list[str]) -> dict[str, Any]:
        """Return the DeploymentConfig of UpdateEndpoint: a canary that goes back when an alarm rings."""
        return {
            "BlueGreenUpdatePolicy": {
                "TrafficRoutingConfiguration": {
                    "Type": "CANARY",
                    "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": self.canary},
                    "WaitIntervalInSeconds": self.bake,
                },
                "TerminationWaitInSeconds": self.final_bake,
            },
            "AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]},
        }


def make(cloudwatch: Any, guards: Guards, endpoint: str, config: str) -> list[str]:
    """Make the alarms of a release; return their names.

    They look at the metrics of its configuration, which only the new model's requests have: what the
    old one does neither trips them nor keeps its successor out.
    """
    dimensions = {"EndpointName": endpoint, "VariantName": VARIANT, "EndpointConfigName": config}
    names = []
    for metric, threshold in (
        ("Invocation5XXErrors", guards.errors),
        ("ModelLatency", guards.latency * 1000),  # µs
    ):
        name = f"{config}-{metric}"
        cloudwatch.put_metric_alarm(
            AlarmName=name,
            AlarmDescription=f"Guards the release of {config} on {endpoint}. Runbook: {guards.runbook}",
            AlarmActions=[guards.topic],
            Namespace="AWS/SageMaker",
            MetricName=metric,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            Statistic="Average",
            Period=guards.period,
            EvaluationPeriods=1,
            Threshold=threshold,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="notBreaching",
        )
        names.append(name)
    return names


def forget(cloudwatch: Any, endpoint: str, but: str) -> None:
    """Delete the alarms of an endpoint's releases, but for those of one configuration."""
    gone = []
    for page in cloudwatch.get_paginator("describe_alarms").paginate(
        AlarmNamePrefix=f"{endpoint}-v"
    ):
        names = [alarm["AlarmName"] for alarm in page["MetricAlarms"]]
        gone += [name for name in names if not name.startswith(f"{but}-")]
    for first in range(0, len(gone), AT_A_TIME):
        cloudwatch.delete_alarms(AlarmNames=gone[first : first + AT_A_TIME])
