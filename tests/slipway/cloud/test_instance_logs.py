"""The logs of endpoints and transform jobs, read through the Logs API."""

import pytest
from botocore.exceptions import ClientError

from slipway.jobs.log_file import LogWriter

GROUP = "/aws/sagemaker/Endpoints/shop"


@pytest.fixture(scope="module")
def logs(cloud):
    base = cloud.home / "endpoints" / "us-east-1" / "shop" / "logs"
    write(base / "AllTraffic" / "i-1.log", "one", "Ünï")
    write(base / "AllTraffic" / "i-2.log", "two")
    write(base / "AllTraffic" / "i-1" / "data-log.log", "refused")
    base = cloud.home / "jobs" / "us-east-1" / "TransformJob" / "score" / "logs"
    write(base / "i-9-1700000000.log", "scored")
    write(base / "i-9-1700000000" / "data-log.log", "bad record")
    return cloud.client("logs")


def write(path, *lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    log = LogWriter(path, 1 << 20)
    for line in lines:
        log.say(line)
    log.close()


def names(found):
    return [stream["logStreamName"] for stream in found["logStreams"]]


def test_an_endpoint_is_a_group_and_its_instances_are_streams_below_their_variant(logs):
    found = logs.describe_log_groups(logGroupNamePrefix=GROUP)  # other tests have endpoints, too
    (group,) = found["logGroups"]
    stored = sum(len(text.encode()) + 26 for text in ("one", "Ünï", "two", "refused"))
    assert (group["logGroupName"], group["storedBytes"]) == (GROUP, stored)
    every = ["AllTraffic/i-1", "AllTraffic/i-1/data-log", "AllTraffic/i-2"]
    assert names(logs.describe_log_streams(logGroupName=GROUP)) == every
    found = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix="AllTraffic/i-1")
    assert names(found) == every[:2]
    found = logs.get_log_events(logGroupName=GROUP, logStreamName="AllTraffic/i-1")
    assert [event["message"] for event in found["events"]] == ["one", "Ünï"]
    found = logs.filter_log_events(logGroupName=GROUP, filterPattern="refused")
    (event,) = found["events"]
    assert event["logStreamName"] == "AllTraffic/i-1/data-log"


def test_a_transform_jobs_streams_begin_with_its_name(logs):
    group = "/aws/sagemaker/TransformJobs"
    found = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="score/")
    assert names(found) == ["score/i-9-1700000000", "score/i-9-1700000000/data-log"]
    found = logs.get_log_events(logGroupName=group, logStreamName="score/i-9-1700000000/data-log")
    assert [event["message"] for event in found["events"]] == ["bad record"]
    (group,) = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    assert group["creationTime"] > 1_700_000_000_000


@pytest.mark.parametrize("name", ["nothing", "..", "../us-east-1/shop"])
def test_an_endpoint_without_logs_has_no_group(logs, name):
    with pytest.raises(ClientError) as refused:
        logs.describe_log_streams(logGroupName=f"/aws/sagemaker/Endpoints/{name}")
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
