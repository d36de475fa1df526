"""PutMetricData: users' points."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from slipway.cloud.clock import now
from slipway.cloud.cloudwatch import metrics
from slipway.cloud.cloudwatch.aggregate import Aggregate, merged, of
from slipway.cloud.cloudwatch.queries import metric_of
from slipway.cloud.cloudwatch.series import Series
from slipway.cloud.cloudwatch.store import DAY, HOUR
from slipway.cloud.service import Call, ServiceError

MOST_METRICS = 1000
MOST_VALUES = 150
LARGEST = 2.0**360  # the API's: values outside of ±2^360 are refused
PAST, FUTURE = 14 * DAY, 2 * HOUR

Datum = Mapping[str, Any]


def put_metric_data(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Keep points; they are in the file, and can be read, when this is answered."""
    namespace = request["Namespace"]
    if namespace.startswith("AWS/"):
        raise refused(f"The value {namespace} for parameter Namespace is invalid.")
    grouped: dict[tuple[Series, int], list[Aggregate]] = defaultdict(list)
    count = 0
    for at, datum in data(request):
        count += 1
        checked(datum, at)
        time = datum["Timestamp"].timestamp() if "Timestamp" in datum else now()
        second = (
            int(time) // datum.get("StorageResolution", 60) * datum.get("StorageResolution", 60)
        )
        metric = metric_of(call.region, {"Namespace": namespace, **datum})
        series = Series(metric, datum.get("Unit", "None"))
        grouped[series, second].append(aggregate(datum))
    if count > MOST_METRICS:
        raise refused(
            f"The collection MetricData must not have a size greater than {MOST_METRICS}."
        )
    if not count:
        raise ServiceError("MissingParameter", "The parameter MetricData is required.")
    metrics.put(call.cloud, {key: merged(parts) for key, parts in grouped.items()})
    return {}


def data(request: Mapping[str, Any]) -> Iterator[tuple[str, Datum]]:
    """Yield all points of a request, each with where it stands."""
    for number, datum in enumerate(request.get("MetricData", []), 1):
        yield f"MetricData.member.{number}", datum
    for place, entity in enumerate(request.get("EntityMetricData", []), 1):
        for number, datum in enumerate(entity.get("MetricData", []), 1):
            yield f"EntityMetricData.member.{place}.MetricData.member.{number}", datum


def checked(datum: Datum, at: str) -> None:
    """Refuse a point that says too much, too little, or what cannot be."""
    ways = [way for way in ("Value", "Values", "StatisticValues") if way in datum]
    if len(ways) > 1:
        raise ServiceError(
            "InvalidParameterCombination",
            f"The parameters {at}.{ways[0]} and {at}.{ways[1]} are mutually exclusive and you have "
            "specified both.",
        )
    if not ways:
        raise ServiceError(
            "MissingParameter",
            f"At least one of the parameters {at}.Value, {at}.Values and {at}.StatisticValues must be "
            "specified.",
        )
    for name, value in numbers(datum):
        if not math.isfinite(value) or abs(value) > LARGEST:
            raise refused(f"The value {value} for parameter {at}.{name} is invalid.")
    check_counts(datum, at)
    if datum.get("StorageResolution", 60) not in (1, 60):
        raise refused(f"The value for parameter {at}.StorageResolution must be 1 or 60.")
    if "Timestamp" in datum:
        age = now() - datum["Timestamp"].timestamp()
        if age > PAST:
            text = "must specify a time within the past two weeks."
            raise refused(f"The parameter {at}.Timestamp {text}")
        if age < -FUTURE:
            text = "must specify a time no more than two hours in the future."
            raise refused(f"The parameter {at}.Timestamp {text}")


def numbers(datum: Datum) -> Iterator[tuple[str, float]]:
    """Yield the numbers of a point, each with its member."""
    if "Value" in datum:
        yield "Value", datum["Value"]
    for name, value in datum.get("StatisticValues", {}).items():
        yield f"StatisticValues.{name}", value
    for name in ("Values", "Counts"):
        yield from ((f"{name}.member.{n}", v) for n, v in enumerate(datum.get(name, []), 1))


def check_counts(datum: Datum, at: str) -> None:
    """Refuse counts that do not fit their values, or a statistic set of nothing."""
    values, counts = datum.get("Values"), datum.get("Counts")
    if counts is not None and (values is None or len(counts) != len(values)):
        text = "must be of the same size."
        raise refused(f"The parameters {at}.Values and {at}.Counts {text}")
    if values is not None and not 0 < len(values) <= MOST_VALUES:
        text = f"must have a size between 1 and {MOST_VALUES}."
        raise refused(f"The collection {at}.Values {text}")
    if any(count <= 0 for count in counts or []):
        raise refused(f"The parameter {at}.Counts must have values greater than 0.")
    if found := datum.get("StatisticValues"):
        if found["SampleCount"] <= 0:
            raise refused(f"The value for {at}.StatisticValues.SampleCount must be greater than 0.")
        if found["Minimum"] > found["Maximum"]:
            text = "must not be greater than its Maximum."
            raise refused(f"The Minimum of {at}.StatisticValues {text}")


def aggregate(datum: Datum) -> Aggregate:
    """Return what a point says."""
    if "Value" in datum:
        return of({datum["Value"]: 1.0})
    if found := datum.get("StatisticValues"):
        return Aggregate(
            found["SampleCount"], found["Sum"], found["Minimum"], found["Maximum"], None
        )
    counts: dict[float, float] = {}
    values = datum["Values"]
    for value, count in zip(values, datum.get("Counts", [1.0] * len(values)), strict=True):
        counts[value] = counts.get(value, 0) + count
    return of(counts)


def refused(message: str) -> ServiceError:
    """Return the refusal of a value."""
    return ServiceError("InvalidParameterValue", message)
