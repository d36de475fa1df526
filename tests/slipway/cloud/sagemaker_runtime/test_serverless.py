"""A serverless endpoint on a cloud in a process of its own: cold starts, and no more than its concurrency."""

import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from botocore.exceptions import ClientError

from endpoints import Endpoints


@pytest.fixture(scope="module")
def live(cloud):
    endpoints = Endpoints(cloud)
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 1}
    of = {"VariantName": "v", "ModelName": endpoints.model("now-and-then")}
    endpoints.create("Now-and-then", of | {"ServerlessConfig": serverless})
    assert endpoints.settled("Now-and-then")["EndpointStatus"] == "InService"
    yield "Now-and-then"
    endpoints.sm.delete_endpoint(EndpointName="Now-and-then")


def ask(cloud, name, body):
    runtime = cloud.client("sagemaker-runtime")
    return runtime.invoke_endpoint(EndpointName=name, Body=body)["Body"].read()


def setups(cloud, name):
    """Return how many requests waited for a start, and for how many microseconds."""
    now = datetime.now(UTC)
    found = cloud.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/SageMaker", MetricName="ModelSetupTime", Period=300,
        StartTime=now - timedelta(minutes=10), EndTime=now + timedelta(minutes=5),
        Dimensions=[{"Name": "EndpointName", "Value": name}, {"Name": "VariantName", "Value": "v"}],
        Statistics=["Sum", "SampleCount"],
    )["Datapoints"]  # fmt: skip
    return sum(p["SampleCount"] for p in found), sum(p["Sum"] for p in found)


def messages(cloud, group):
    logs = cloud.client("logs")
    return [e["message"] for e in logs.filter_log_events(logGroupName=group)["events"]]


def test_a_cold_start_is_in_the_metrics_and_in_the_log(cloud, live):
    assert [ask(cloud, live, b"x") for _ in range(3)] == [b"echo"] * 3
    count, microseconds = setups(cloud, live)
    assert count == 1
    assert microseconds > 10_000
    group = f"/aws/sagemaker/Endpoints/{live}"
    assert sum(":[sagemaker logs] Cold start: " in each for each in messages(cloud, group)) == 1


def test_more_requests_than_its_concurrency_are_throttled_at_once(cloud, live):
    answers = []

    def hold():
        while not answers:
            with suppress(ClientError):  # the other one was first
                answers.append(ask(cloud, live, b"sleep 0.5"))

    busy = threading.Thread(target=hold)
    busy.start()
    with pytest.raises(ClientError) as caught:
        while not answers:
            ask(cloud, live, b"x")
    assert not answers
    error = caught.value.response
    assert error["Error"]["Code"] == "ThrottlingException"
    assert error["Error"]["Message"] is None
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 400
    busy.join()
    assert answers == [b"slept"]
