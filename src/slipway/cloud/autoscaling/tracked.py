"""What a target tracking policy looks at: the two alarms of a metric. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slipway.cloud.autoscaling.resources import COPIES, INSTANCES, Resource
from slipway.cloud.autoscaling.tracking import IN, MARGIN, OUT, window

MINUTE = 60
SUMMED = ("Sum", "SampleCount")  # statistics that are the larger, the longer the period


@dataclass(frozen=True)
class Predefined:
    """A metric that has a name of its own in Application Auto Scaling."""

    dimension: str
    metric: str
    statistic: str
    period: int = MINUTE


PREDEFINED = {
    "SageMakerVariantInvocationsPerInstance": Predefined(
        INSTANCES, "InvocationsPerInstance", "Sum"
    ),
    "SageMakerVariantConcurrentRequestsPerModelHighResolution": Predefined(
        INSTANCES, "ConcurrentRequestsPerModel", "Average", 10
    ),
    "SageMakerInferenceComponentInvocationsPerCopy": Predefined(
        COPIES, "InvocationsPerCopy", "Sum"
    ),
    "SageMakerInferenceComponentConcurrentRequestsPerCopyHighResolution": Predefined(
        COPIES, "ConcurrentRequestsPerCopy", "Average", 10
    ),
}


def alarm(of: Resource, config: Mapping[str, Any], high: bool, factor: float) -> dict[str, Any]:
    """Return the members of PutMetricAlarm of a policy's alarm; its threshold fits its period."""
    predefined = config.get("PredefinedMetricSpecification")
    known = PREDEFINED[predefined["PredefinedMetricType"]] if predefined else None
    looks = window(OUT if high else IN, known.period if known else MINUTE, factor)
    counted = known is not None and known.statistic == "Sum"
    threshold = target(config, looks.period, known) * (1 if high else MARGIN)
    return {
        **watched(of, config, known, looks.period),
        "EvaluationPeriods": looks.count,
        "Threshold": threshold,
        "ComparisonOperator": "GreaterThanThreshold" if high else "LessThanThreshold",
        # Where nobody asks there are no points of how many ask. Others' points may just be late.
        "TreatMissingData": "breaching" if counted and not high else "missing",
    }


def watched(
    of: Resource, config: Mapping[str, Any], known: Predefined | None, period: int
) -> dict[str, Any]:
    """Return the members of an alarm that say what it looks at."""
    if known:
        names = [("InferenceComponentName", of.name)]
        if of.variant:
            names = [("EndpointName", of.name), ("VariantName", of.variant)]
        return {
            "Namespace": "AWS/SageMaker",
            "MetricName": known.metric,
            "Dimensions": [{"Name": name, "Value": value} for name, value in names],
            "Statistic": known.statistic,
            "Period": period,
        }
    custom = config["CustomizedMetricSpecification"]
    if "Metrics" in custom:
        return {"Metrics": [timed(query, period) for query in custom["Metrics"]]}
    members = ("Namespace", "MetricName", "Dimensions", "Statistic", "Unit")
    return {name: custom[name] for name in members if name in custom} | {"Period": period}


def timed(query: Mapping[str, Any], period: int) -> dict[str, Any]:
    """Return a query with the period that policies do not name."""
    if "MetricStat" in query:
        return {**query, "MetricStat": {**query["MetricStat"], "Period": period}}
    return {**query, "Period": period}


def target(config: Mapping[str, Any], period: int, known: Predefined | None) -> float:
    """Return the target of a period: what is counted in a minute is less in a shorter one."""
    statistic = (
        known.statistic if known else config["CustomizedMetricSpecification"].get("Statistic")
    )
    share = period / MINUTE if statistic in SUMMED else 1.0
    return float(config["TargetValue"]) * share
