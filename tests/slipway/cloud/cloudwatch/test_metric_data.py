"""Metrics as boto3 sends and reads them."""

from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

NOW = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(minutes=10)
DIMENSIONS = [{"Name": "Stage", "Value": "test"}]


def at(minutes=0, seconds=0):
    return NOW + timedelta(minutes=minutes, seconds=seconds)


def datum(name, time, **more):
    return {"MetricName": name, "Dimensions": DIMENSIONS, "Timestamp": time, **more}


@pytest.fixture(scope="module")
def cloudwatch(shared):
    client = shared.client("cloudwatch")
    data = [datum("Latency", at(m, 1), Value=10.0 * m, Unit="Milliseconds") for m in range(5)]
    data += [datum("Latency", at(5), Values=[1.0, 2.0, 4.0], Counts=[1.0, 2.0, 1.0],
                   Unit="Milliseconds")]  # fmt: skip
    data += [datum("Errors", at(m), Value=float(m % 2)) for m in range(5) if m != 3]
    data += [datum("Fast", at(0, s), Value=float(s), StorageResolution=1) for s in range(60)]
    data += [datum("Set", at(), StatisticValues={"SampleCount": 4, "Sum": 10, "Minimum": 1,
                                                 "Maximum": 4})]  # fmt: skip
    client.put_metric_data(Namespace="Test", MetricData=data)
    return client


def query(name, id="m", period=60, stat="Average", **more):
    metric = {"Namespace": "Test", "MetricName": name, "Dimensions": DIMENSIONS}
    return {"Id": id, "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}, **more}


def values(client, *queries, start=0, end=10, order="TimestampAscending"):
    found = client.get_metric_data(
        MetricDataQueries=queries, StartTime=at(start), EndTime=at(end), ScanBy=order
    )
    return {result["Id"]: result["Values"] for result in found["MetricDataResults"]}


def test_statistics_of_every_kind(cloudwatch):
    found = cloudwatch.get_metric_statistics(
        Namespace="Test", MetricName="Latency", Dimensions=DIMENSIONS, StartTime=at(5),
        EndTime=at(6), Period=60, Statistics=["Average", "Sum", "SampleCount", "Maximum", "Minimum"],
        ExtendedStatistics=["p50", "p99"],
    )  # fmt: skip
    (point,) = found["Datapoints"]
    assert point == {
        "Timestamp": at(5), "Unit": "Milliseconds", "Average": 2.25, "Sum": 9.0, "SampleCount": 4.0,
        "Maximum": 4.0, "Minimum": 1.0, "ExtendedStatistics": {"p50": 2.0, "p99": 4.0},
    }  # fmt: skip
    assert values(cloudwatch, query("Set")) == {"m": [2.5]}
    assert values(cloudwatch, query("Set", stat="p90")) == {"m": []}


@pytest.mark.parametrize("period", [1, 5, 10, 30, 60, 300])
def test_points_are_gathered_by_the_period(cloudwatch, period):
    found = values(cloudwatch, query("Fast", period=period, stat="Maximum"), end=1)["m"]
    assert found == [min(59.0, n + period - 1.0) for n in range(0, 60, period)]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("m / 10", [0, 1, 2, 3, 4, 0.225]),
        ("-m ^ 2 + 1", [1, -99, -399, -899, -1599, -4.0625]),
        ("m * 0 + AVG(m)", [pytest.approx(102.25 / 6)] * 6),
        ("SUM([m, e])", [0, 11, 20, 30, 40, 2.25]),
        ("e + m", [0, 11, 20, 40]),
        ("FILL(e, 7)", [0, 1, 0, 7, 0, 7, 7, 7, 7, 7]),
        ("FILL(e, REPEAT)", [0, 1, 0, 0, 0, 0, 0, 0, 0, 0]),
        ("RATE(m)", [pytest.approx(x / 60) for x in (10, 10, 10, 10, -37.75)]),
        ("DIFF(m)", [10, 10, 10, 10, -37.75]),
        ("RUNNING_SUM(m)", [0, 10, 30, 60, 100, 102.25]),
        ("IF(m > 15 AND m < 35, m, 0)", [0, 0, 20, 30, 0, 0]),
        ("IF(e, m, -1)", [-1, 10, -1, -1]),
        ("m / e", [10]),
        ("PERIOD(m) + 0 * m", [60] * 6),
        ("100 * SUM(METRICS(\"e\")) / METRIC_COUNT(METRICS())", [0, 50, 0, 0]),
        ("MAX(METRICS())", [0, 10, 20, 30, 40, 2.25]),
        ("CEIL(m / 7)", [0, 2, 3, 5, 6, 1]),
    ],
)  # fmt: skip
def test_metric_math(cloudwatch, expression, expected):
    wanted = {"Id": "x", "Expression": expression}
    hidden = [query("Latency"), query("Errors", id="e", stat="Sum")]
    for each in hidden:
        each["ReturnData"] = False
    assert values(cloudwatch, wanted, *hidden) == {"x": expected}


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("SEARCH('{Test}', 'Sum')", "SEARCH"),
        ("m +", "the end"),
        ("unknown + 1", "'unknown'"),
        ("AVG(m)", "number"),
        ("x + 1", "itself"),
        ("WHAT(m)", "WHAT"),
        ("(" * 60 + "m" + ")" * 60, "within one another"),
        ("-" * 2000 + "m", "within one another"),
        ("m" + "^m" * 1000, "within one another"),
        ("m" + "+m" * 1000, "within one another"),
        ("__import__('os')", "no value"),
    ],
)
def test_an_expression_without_a_value_is_refused_with_the_reason(cloudwatch, expression, says):
    with pytest.raises(ClientError, match="ValidationError") as refused:
        values(cloudwatch, query("Latency"), {"Id": "x", "Expression": expression})
    assert says in str(refused.value)


def test_pages_hold_every_datapoint_once(cloudwatch):
    queries = [query("Latency"), query("Errors", id="e"), query("None", id="n")]
    asked = {"MetricDataQueries": queries, "StartTime": at(), "EndTime": at(10)}
    whole = values(cloudwatch, *queries, order="TimestampDescending")
    assert [len(whole[name]) for name in "men"] == [6, 4, 0]
    gathered = {}
    pages = cloudwatch.get_paginator("get_metric_data").paginate(**asked, MaxDatapoints=4)
    for page in pages:
        assert sum(len(result["Values"]) for result in page["MetricDataResults"]) <= 4
        for result in page["MetricDataResults"]:
            gathered.setdefault(result["Id"], []).extend(result["Values"])
    assert gathered == whole


def test_metrics_are_listed_by_what_they_have(cloudwatch):
    def listed(**filters):
        found = cloudwatch.list_metrics(Namespace="Test", **filters)["Metrics"]
        return [metric["MetricName"] for metric in found]

    assert listed() == ["Errors", "Fast", "Latency", "Set"]
    assert listed(MetricName="Set", RecentlyActive="PT3H") == ["Set"]
    assert listed(Dimensions=[{"Name": "Stage"}]) == listed(Dimensions=DIMENSIONS) == listed()
    assert listed(Dimensions=[{"Name": "Stage", "Value": "other"}]) == []


def test_many_metrics_in_one_compressed_request(cloudwatch):
    data = [datum(f"Many{n}", at(), Value=float(n)) for n in range(1000)]
    cloudwatch.put_metric_data(Namespace="Many", MetricData=data)  # botocore compresses it
    found = cloudwatch.get_paginator("list_metrics").paginate(Namespace="Many")
    assert sum(len(page["Metrics"]) for page in found) == 1000


@pytest.mark.parametrize(
    ("more", "code", "says"),
    [
        ({}, "MissingParameter", "Value"),
        ({"Value": 2.0**361}, "InvalidParameterValue", "MetricData.member.1.Value"),
        ({"Value": 1.0, "Values": [1.0]}, "InvalidParameterCombination", "mutually exclusive"),
        ({"Values": [1.0], "Counts": [1.0, 2.0]}, "InvalidParameterValue", "same size"),
        ({"Value": 1.0, "StorageResolution": 30}, "InvalidParameterValue", "StorageResolution"),
        ({"Value": 1.0, "Timestamp": at(-22000)}, "InvalidParameterValue", "two weeks"),
        ({"Value": 1.0, "Timestamp": at(200)}, "InvalidParameterValue", "two hours"),
        ({"Value": 1.0, "Unit": "Parsec"}, "ValidationError", "enum value set"),
    ],
)
def test_points_that_cannot_be_are_refused(cloudwatch, more, code, says):
    with pytest.raises(ClientError) as refused:
        cloudwatch.put_metric_data(Namespace="Bad", MetricData=[{"MetricName": "m", **more}])
    assert refused.value.response["Error"]["Code"] == code
    assert says in str(refused.value)
    assert cloudwatch.list_metrics(Namespace="Bad")["Metrics"] == []
