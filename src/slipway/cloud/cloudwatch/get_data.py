"""GetMetricData, GetMetricStatistics and ListMetrics."""

import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from slipway.cloud.clock import now
from slipway.cloud.cloudwatch import metrics, queries, statistics
from slipway.cloud.cloudwatch.aggregate import Aggregate
from slipway.cloud.cloudwatch.expressions import BadExpression
from slipway.cloud.cloudwatch.metric_math import Value
from slipway.cloud.cloudwatch.pages import offset, token
from slipway.cloud.cloudwatch.series import Metric
from slipway.cloud.cloudwatch.store import DAY, HOUR
from slipway.cloud.cloudwatch.timeseries import Series
from slipway.cloud.service import Call, ServiceError

MOST_QUERIES = 500
MOST_DATAPOINTS = 100_800  # in one answer
MOST_STATISTICS = 1440  # datapoints of GetMetricStatistics
PAGE = 500  # metrics of ListMetrics
LISTED = 14 * DAY  # a metric without a point for so long is not listed
ACTIVE = 3 * HOUR


def get_metric_data(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Evaluate queries in a range of time, and return a page of their datapoints."""
    asked = queries.check(request["MetricDataQueries"], "MetricDataQueries")
    if len(asked.queries) > MOST_QUERIES:
        raise queries.invalid(
            f"The collection MetricDataQueries has more than {MOST_QUERIES} members."
        )
    start, end = ends(request, min(asked.periods.values(), default=60), "ValidationError")
    values = queries.evaluated(asked, start, end, queries.reader(call.cloud, call.region))
    results = [
        (query["Id"], series, backwards(request, series))
        for query in asked.queries
        if query.get("ReturnData", True)
        for series in shown(query, values[query["Id"]])
    ]
    size = request.get("MaxDatapoints", MOST_DATAPOINTS)
    if not 1 <= size <= MOST_DATAPOINTS:
        raise queries.invalid(f"The value for MaxDatapoints must be from 1 to {MOST_DATAPOINTS}.")
    skip, total = offset(request), sum(len(times) for _, _, times in results)
    answer: dict[str, Any] = {"MetricDataResults": paged(results, skip, size), "Messages": []}
    if skip + size < total:
        answer["NextToken"] = token(skip + size, request)
    return answer


def shown(query: Mapping[str, Any], value: Value) -> Iterator[Series]:
    """Yield the series of a query's answer, labeled; ServiceError when it is a number."""
    if isinstance(value, float):
        text = "its value is a number, and only time series can be returned"
        raise queries.wrong(query["Id"], BadExpression(text))
    own = query.get("Label") or (query["Id"] if "Expression" in query else "")
    if isinstance(value, Series):
        yield Series(value.points, value.period, own or value.label)
        return
    for series in value:
        yield Series(series.points, series.period, f"{own} {series.label}".strip())


def backwards(request: Mapping[str, Any], series: Series) -> list[int]:
    """Return the times of a series in the order that the request wants."""
    order = request.get("ScanBy", "TimestampDescending")
    return sorted(series.points, reverse=order == "TimestampDescending")


def paged(
    results: list[tuple[str, Series, list[int]]], skip: int, size: int
) -> list[dict[str, Any]]:
    """Return `size` datapoints after the first `skip`; a series without any comes on the first page."""
    answer, first, left = [], skip == 0, size
    for name, series, times in results:
        part = times[skip : skip + left]
        begun, skip = skip, max(0, skip - len(times))
        left -= len(part)
        if part or (not times and first):
            answer.append(
                {
                    "Id": name,
                    "Label": series.label,
                    "Timestamps": [datetime.fromtimestamp(time, UTC) for time in part],
                    "Values": [float(series.points[time]) for time in part],
                    "StatusCode": "Complete" if begun + len(part) >= len(times) else "PartialData",
                }
            )
    return answer


def ends(request: Mapping[str, Any], period: int, code: str) -> tuple[int, int]:
    """Return a range of time; its start is rounded down to the minute, or to a shorter period."""
    start, end = request["StartTime"].timestamp(), request["EndTime"].timestamp()
    if start >= end:
        text = "The parameter StartTime must be less than the parameter EndTime."
        raise ServiceError(code, text)
    step = min(period, 60)
    return int(start // step * step), math.ceil(end)


def get_metric_statistics(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return the statistics of one metric in a range of time."""
    check_statistics(request)
    period = request["Period"]
    start, end = ends(request, period, "InvalidParameterValue")
    count = (end - start) // period
    if count > MOST_STATISTICS:
        raise ServiceError(
            "InvalidParameterCombination",
            f"You have requested up to {count:,} datapoints, which exceeds the limit of "
            f"{MOST_STATISTICS:,}. You may reduce the datapoints requested by increasing Period, or "
            "decreasing the time range.",
        )
    by_unit = metrics.read(call.cloud, queries.metric_of(call.region, request), start, end, period)
    points = [
        {"Timestamp": datetime.fromtimestamp(time, UTC), "Unit": unit, **shown_of(each, request)}
        for unit, found in by_unit.items()
        if request.get("Unit", unit) == unit
        for time, each in found.items()
    ]
    return {"Label": request["MetricName"], "Datapoints": points}


def check_statistics(request: Mapping[str, Any]) -> None:
    """Refuse statistics or a period that there are not; ServiceError."""
    if not request.get("Statistics") and not request.get("ExtendedStatistics"):
        text = "Must specify either Statistics or ExtendedStatistics"
        raise ServiceError("InvalidParameterCombination", text)
    period = request["Period"]
    if period not in queries.PERIODS and (period < 60 or period % 60):
        text = f"must be 1, 5, 10, 20, 30 or a multiple of 60, found {period}."
        raise ServiceError("InvalidParameterValue", f"The parameter Period {text}")
    for name in request.get("ExtendedStatistics", []):
        try:
            statistics.parse(name)
        except statistics.UnknownStatistic:
            text = f"The value {name} for parameter ExtendedStatistics is not supported."
            raise ServiceError("InvalidParameterValue", text) from None


def shown_of(found: Aggregate, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the statistics of a period that a request asks for."""
    shown: dict[str, Any] = {
        name: statistics.SIMPLE[name](found) for name in request.get("Statistics", [])
    }
    asked = request.get("ExtendedStatistics", [])
    extended = {name: statistics.value(statistics.parse(name), found) for name in asked}
    if known := {name: value for name, value in extended.items() if value is not None}:
        shown["ExtendedStatistics"] = known
    return shown


def list_metrics(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """List the metrics that had points in the last two weeks, or the last three hours."""
    since = now() - (ACTIVE if "RecentlyActive" in request else LISTED)
    own = request.get("OwningAccount") in (None, call.cloud.account)
    found = [
        metric
        for metric in (metrics.known(call.cloud, call.region, since) if own else [])
        if listed(metric, request)
    ]
    skip = offset(request, "InvalidParameterValue")
    answer: dict[str, Any] = {
        "Metrics": [
            {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [{"Name": n, "Value": v} for n, v in metric.dimensions],
            }
            for metric in found[skip : skip + PAGE]
        ]
    }
    if request.get("IncludeLinkedAccounts"):
        answer["OwningAccounts"] = [call.cloud.account] * len(answer["Metrics"])
    if skip + PAGE < len(found):
        answer["NextToken"] = token(skip + PAGE, request)
    return answer


def listed(metric: Metric, request: Mapping[str, Any]) -> bool:
    """Tell whether a metric passes the request's filters."""
    has = dict(metric.dimensions)
    return (
        request.get("Namespace", metric.namespace) == metric.namespace
        and request.get("MetricName", metric.name) == metric.name
        and all(
            each["Name"] in has and each.get("Value", has[each["Name"]]) == has[each["Name"]]
            for each in request.get("Dimensions", [])
        )
    )
