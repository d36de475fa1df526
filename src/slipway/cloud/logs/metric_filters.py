"""Metric filters: lines of logs become points of metrics, when somebody reads metrics of their namespace.

A filter's document says up to where each stream of its group was read. It begins where they ended when the
filter was made, and is written after the points: a kill in between counts some lines twice.
"""

import threading
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from slipway.cloud import inside
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch import metrics
from slipway.cloud.cloudwatch.aggregate import of
from slipway.cloud.cloudwatch.series import Dimensions, Metric, Series
from slipway.cloud.coverage import Coverage
from slipway.cloud.logs.comparisons import Look, number, text
from slipway.cloud.logs.patterns import Pattern, compile_pattern
from slipway.cloud.logs.unread import Event, ends, unread
from slipway.cloud.service import Call, Operation, ServiceError
from slipway.cloud.state import Documents

MINUTE = 60
FOLLOWING = threading.RLock()  # no line is counted twice

Document = dict[str, Any]  # the request, `read`: up to where, `minute`: the last one with a point


def put(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make a filter, or put another in its place (PutMetricFilter)."""
    pattern = compile_pattern(request["filterPattern"])
    for each in request["metricTransformations"]:
        check(pattern, each)
    with FOLLOWING:
        follow_all(call.cloud, call.region)
        answer = inside.pass_on(call, request)
        filters = kept(call.cloud, call.region)
        if found := filters.get(key(request)):
            filters.replace(key(request), {**request, "read": found["read"], "minute": 0})
        else:
            read = ends(call, request["logGroupName"])
            filters.create(key(request), {**request, "read": read, "minute": 0})
    return answer


def check(pattern: Pattern, transformation: dict[str, Any]) -> None:
    """Refuse a value or a dimension that no event can have."""
    value = transformation["metricValue"]
    sources = [*transformation.get("dimensions", {}).values()]
    for source in sources if number(value) is not None else [value, *sources]:
        if not source.startswith("$.") and source not in pattern.selectors:
            known = ", ".join(pattern.selectors) or "none"
            raise ServiceError(
                "InvalidParameterException",
                f"Invalid metric transformation: expected a number, $.NAME or a column of the pattern "
                f"({known}), found {source!r}",
            )


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a filter; what has come until then counts (DeleteMetricFilter)."""
    with FOLLOWING:
        follow_all(call.cloud, call.region)
        answer = inside.pass_on(call, request)
        kept(call.cloud, call.region).delete(key(request))
    return answer


def test(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return which messages match a pattern, and what it sees in them (TestMetricFilter)."""
    pattern, found = compile_pattern(request["filterPattern"]), []
    for count, message in enumerate(request["logEventMessages"], 1):
        if look := pattern.match(message):
            seen = {name: text(look(name)[0]) for name in pattern.selectors if look(name)}
            found.append({"eventNumber": count, "eventMessage": message, "extractedValues": seen})
    return {"matches": found}


def forget(call: Call, group: str) -> None:
    """Forget the filters of a group that is deleted."""
    with FOLLOWING:
        for name, found in kept(call.cloud, call.region).all():
            if found["logGroupName"] == group:
                kept(call.cloud, call.region).delete(name)


def follow_all(cloud: Cloud, region: str, namespace: str | None = None) -> None:
    """Read on where the filters stopped that make metrics of a namespace, or all of them."""
    if not kept(cloud, region).all():
        return
    with FOLLOWING:
        for name, found in kept(cloud, region).all():
            spaces = [each["metricNamespace"] for each in found["metricTransformations"]]
            if namespace is None or namespace in spaces:
                follow(Call(cloud, "logs", "", region, ""), name, found)


def follow(call: Call, name: str, found: Document) -> None:
    """Count the lines that have come since the last time, and write down up to where."""
    pattern = compile_pattern(found["filterPattern"])
    for stream, events, end in unread(call, found["logGroupName"], found["read"]):
        grouped: dict[tuple[Series, int], dict[float, float]] = defaultdict(dict)
        for series, minute, value in points(call.region, found, pattern, events):
            counts = grouped[series, minute]
            counts[value] = counts.get(value, 0) + 1
        if grouped:
            metrics.put(call.cloud, {at: of(counts) for at, counts in grouped.items()})
        last = max(found["minute"], int(events[-1][0]) // MINUTE * MINUTE)
        found = {**found, "read": {**found["read"], stream: end}, "minute": last}
        kept(call.cloud, call.region).replace(name, found)


def points(
    region: str, found: Document, pattern: Pattern, events: list[Event]
) -> Iterator[tuple[Series, int, float]]:
    """Yield the points that events make, the default value for new minutes without a match. Pure."""
    seen = [(int(time) // MINUTE * MINUTE, pattern.match(message)) for time, message in events]
    matched = {minute for minute, look in seen if look}
    silent = {minute for minute, _ in seen if minute > found["minute"]} - matched
    for each in found["metricTransformations"]:
        for minute, look in seen:
            if look and (value := valued(each["metricValue"], look)) is not None:
                yield series(region, each, dimensions(each, look)), minute, value
        if "defaultValue" in each:
            for minute in silent:
                yield series(region, each, ()), minute, each["defaultValue"]


def series(region: str, transformation: dict[str, Any], own: Dimensions) -> Series:
    """Return the series of a transformation."""
    space, name = transformation["metricNamespace"], transformation["metricName"]
    return Series(Metric(region, space, name, own), transformation.get("unit", "None"))


def valued(source: str, look: Look) -> float | None:
    """Return the value that an event counts as; None where it has none."""
    found = [source] if number(source) is not None else look(source)
    return next((known for each in found if (known := number(each)) is not None), None)


def dimensions(transformation: dict[str, Any], look: Look) -> Dimensions:
    """Return an event's dimensions, none unless it has all of them."""
    asked = transformation.get("dimensions", {})
    own = {name: text(look(source)[0]) for name, source in asked.items() if look(source)}
    return tuple(sorted(own.items())) if own.keys() == asked.keys() else ()


def key(request: dict[str, Any]) -> str:
    """Return the name of a filter's document."""
    return f"{request['logGroupName']}:{request['filterName']}"


def kept(cloud: Cloud, region: str) -> Documents:
    """Return the filters of a region."""
    return cloud.state.documents(region, "logs MetricFilter")


def start(cloud: Cloud) -> None:
    """Count lines from now on, whenever metrics are read."""
    metrics.before_reading(cloud, lambda region, namespace: follow_all(cloud, region, namespace))


OPERATIONS: dict[str, Operation] = {
    "DeleteMetricFilter": delete,
    "PutMetricFilter": put,
    "TestMetricFilter": test,
}
LATER = "lines of logs are not transformed"
COVERAGE = {
    "PutMetricFilter": Coverage(
        refused=dict.fromkeys(
            ("applyOnTransformedLogs", "fieldSelectionCriteria", "emitSystemFieldDimensions"), LATER
        )
    )
}
