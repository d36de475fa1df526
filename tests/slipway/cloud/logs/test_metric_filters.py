"""Lines of logs that count: of a group that others write, and of a function."""

import time
from datetime import UTC, datetime

import pytest

from functions import invoked, made

FAILS = """
    def handler(event, context):
        print("refused", event["why"])
"""


@pytest.fixture
def events(cloud):
    """Put events into a stream of a group of their own."""
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName="counted")
    logs.create_log_stream(logGroupName="counted", logStreamName="one")

    def put(*messages):
        now = int(1000 * time.time())
        listed = [{"timestamp": now, "message": message} for message in messages]
        logs.put_log_events(logGroupName="counted", logStreamName="one", logEvents=listed)

    yield put
    logs.delete_log_group(logGroupName="counted")


def transform(name, value="1", **more):
    more = {"metricNamespace": "Counted", "metricName": name, "metricValue": value} | more
    return {"metricTransformations": [more]}


def found(cloud, name, statistic="Sum", **dimensions):
    """Return a statistic of the last hour."""
    now = time.time()
    answer = cloud.client("cloudwatch").get_metric_statistics(
        Namespace="Counted",
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=datetime.fromtimestamp(now - 3540, UTC),
        EndTime=datetime.fromtimestamp(now + 60, UTC),
        Period=3600,
        Statistics=[statistic],
    )
    return sum(each[statistic] for each in answer["Datapoints"])


def test_lines_that_others_write_are_counted_once(cloud, events):
    logs = cloud.client("logs")
    events('{"level": "ERROR", "ms": 1}')  # before there is a filter
    errors = {"logGroupName": "counted", "filterName": "errors"}
    pattern = "{ $.level = ERROR && $.ms >= 0 }"
    logs.put_metric_filter(**errors, filterPattern=pattern, **transform("errors"))
    slow = {"logGroupName": "counted", "filterName": "slow", "filterPattern": "{ $.ms > 0 }"}
    by = {"dimensions": {"Level": "$.level"}, "unit": "Milliseconds"}
    logs.put_metric_filter(**slow, **transform("ms", "$.ms", **by))
    quiet = {"logGroupName": "counted", "filterName": "quiet", "filterPattern": "never"}
    logs.put_metric_filter(**quiet, **transform("never", defaultValue=7))
    events('{"level": "ERROR", "ms": 20}', '{"level": "INFO", "ms": 30}', "no JSON")
    for _ in range(2):
        assert found(cloud, "errors") == 1
    events('{"level": "ERROR", "ms": 50}')
    assert found(cloud, "errors") == 2
    assert found(cloud, "ms", Level="ERROR") == 70
    assert found(cloud, "ms", Level="INFO") == 30
    assert found(cloud, "never", "Maximum") == 7
    assert found(cloud, "never", "SampleCount") <= 2, "one for each minute in which lines came"
    asked = {"logGroupName": "counted", "filterPattern": "{ $.ms = 20 }"}
    (event,) = logs.filter_log_events(**asked)["events"]
    assert event["message"] == '{"level": "ERROR", "ms": 20}'
    listed = logs.describe_metric_filters(logGroupName="counted")["metricFilters"]
    assert [each["filterName"] for each in listed] == ["errors", "slow", "quiet"]

    events('{"level": "ERROR", "ms": 1}')
    logs.delete_metric_filter(**errors)
    events('{"level": "ERROR", "ms": 1}')
    assert found(cloud, "errors") == 3


def test_a_functions_lines_are_counted(cloud):
    made(cloud, "counted", FAILS)
    invoked(cloud, "counted", {"why": "before"})
    logs = cloud.client("logs")
    of = {"logGroupName": "/aws/lambda/counted", "filterName": "refused"}
    pattern = "[word = refused, why]"
    by = {"dimensions": {"Why": "$why"}}
    logs.put_metric_filter(**of, filterPattern=pattern, **transform("refused", **by))
    for why in ("late", "wrong", "late"):
        invoked(cloud, "counted", {"why": why})
    end = time.monotonic() + 10
    while found(cloud, "refused", Why="late") < 2:
        assert time.monotonic() < end
        time.sleep(0.05)
    assert found(cloud, "refused", Why="late") == 2
    assert found(cloud, "refused", Why="wrong") == 1
    assert found(cloud, "refused", Why="before") == 0


@pytest.mark.parametrize(
    ("pattern", "more"),
    [
        ("{ $.a", {}),
        ("ERROR", {"value": "$ms"}),
        ("[a, b]", {"dimensions": {"C": "$c"}}),
    ],
)
def test_a_filter_that_could_not_count_is_refused(cloud, pattern, more):
    logs = cloud.client("logs")
    with pytest.raises(logs.exceptions.InvalidParameterException):
        logs.put_metric_filter(
            logGroupName="a", filterName="f", filterPattern=pattern, **transform("m", **more)
        )


def test_a_subscription_of_a_function_is_refused_by_name(cloud):
    logs, arn = cloud.client("logs"), "arn:aws:lambda:us-east-1:123456789012:function:f"
    with pytest.raises(logs.exceptions.InvalidParameterException, match="no lines of logs"):
        logs.put_subscription_filter(
            logGroupName="a", filterName="f", filterPattern="", destinationArn=arn
        )
