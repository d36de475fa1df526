import pytest

from slipway.cloud.logs.service import merged
from slipway.cloud.logs.streams import Stream
from slipway.jobs.log_file import stamp

GROUP = "/aws/sagemaker/ProcessingJobs"


@pytest.fixture
def logs(cloud):
    return cloud.client("logs")


def stream_of(logs, name: str) -> str:
    found = logs.describe_log_streams(logGroupName=GROUP, logStreamNamePrefix=f"{name}/")
    (stream,) = found["logStreams"]
    assert stream["firstEventTimestamp"] <= stream["lastEventTimestamp"]
    return stream["logStreamName"]


def test_lines_come_while_the_job_runs(jobs, logs):
    script = """
import time
from pathlib import Path
print("first")
while not Path("/opt/ml/processing/output").with_name("go").exists():
    time.sleep(0.02)
"""
    name = jobs.process(script)
    for until in jobs.poll(20):
        found = logs.filter_log_events(logGroupName=GROUP, logStreamNamePrefix=f"{name}/")
        if found["events"]:
            break
        assert until
    assert found["events"][0]["message"] == "first"
    assert jobs.describe(name)["ProcessingJobStatus"] == "InProgress"
    jobs.sm.stop_processing_job(ProcessingJobName=name)
    assert jobs.wait(name)["ProcessingJobStatus"] == "Stopped"


def test_pages_of_events_go_both_ways(jobs, logs):
    name = jobs.process("for n in range(25): print('line', n)")
    jobs.wait(name)
    stream = stream_of(logs, name)
    assert stream.startswith(f"{name}/algo-1-")

    def page(**asked):
        found = logs.get_log_events(logGroupName=GROUP, logStreamName=stream, limit=10, **asked)
        return [int(event["message"].split()[1]) for event in found["events"]], found

    first, found = page(startFromHead=True)
    assert first == list(range(10))
    second, found = page(nextToken=found["nextForwardToken"])
    assert second == list(range(10, 20))
    assert page(nextToken=found["nextBackwardToken"])[0] == first
    third, found = page(nextToken=found["nextForwardToken"])
    assert third == list(range(20, 25))
    end = found["nextForwardToken"]
    nothing, found = page(nextToken=end)
    assert nothing == [] and found["nextForwardToken"] == end
    assert page()[0] == list(range(15, 25))
    late = logs.get_log_events(
        logGroupName=GROUP,
        logStreamName=stream,
        startTime=int(jobs.describe(name)["ProcessingEndTime"].timestamp() * 1000) + 1000,
    )
    assert late["events"] == []


def test_events_are_filtered_over_the_streams_of_several_instances(jobs, logs):
    script = """
import json
host = json.load(open("/opt/ml/config/resourceconfig.json"))["current_host"]
print("INFO", host)
print("ERROR", host)
"""
    name = jobs.process(script, instances=2)
    jobs.wait(name)

    def filtered(pattern):
        found = logs.get_paginator("filter_log_events").paginate(
            logGroupName=GROUP,
            logStreamNamePrefix=f"{name}/",
            filterPattern=pattern,
            PaginationConfig={"PageSize": 1},
        )
        return sorted(event["message"] for page in found for event in page["events"])

    assert filtered("ERROR") == ["ERROR algo-1", "ERROR algo-2"]
    assert filtered('"ERROR algo-2"') == ["ERROR algo-2"]
    assert filtered("?INFO ?ERROR -algo-1") == ["ERROR algo-2", "INFO algo-2"]
    assert filtered("%algo-[2-9]%") == ["ERROR algo-2", "INFO algo-2"]
    assert filtered("[level = E*, host]") == ["ERROR algo-1", "ERROR algo-2"]
    with pytest.raises(logs.exceptions.InvalidParameterException, match="expected && or"):
        filtered("{ $.level = ERROR INFO }")


def test_other_groups_are_the_grounds_and_are_listed_with_ours(jobs, logs):
    jobs.wait(jobs.process(""))
    logs.create_log_group(logGroupName="/aws/lambda/mine")
    logs.create_log_stream(logGroupName="/aws/lambda/mine", logStreamName="one")
    found = logs.describe_log_streams(logGroupName="/aws/lambda/mine")["logStreams"]
    assert [stream["logStreamName"] for stream in found] == ["one"]
    pages = logs.get_paginator("describe_log_groups").paginate(PaginationConfig={"PageSize": 1})
    groups = [group["logGroupName"] for page in pages for group in page["logGroups"]]
    assert {"/aws/lambda/mine", GROUP} <= set(groups) and groups == sorted(groups)
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.get_log_events(logGroupName="/aws/lambda/other", logStreamName="x")
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.get_log_events(logGroupName=GROUP, logStreamName="x/algo-1-1")


def test_a_search_over_many_jobs_opens_few_files_at_once(tmp_path):
    resource = pytest.importorskip("resource")
    found = []
    for n in range(300):
        path = tmp_path / f"{n}.log"
        path.write_text(f"{stamp(1e9 + n)} job {n}\n{stamp(1e9 + n + 1.5)} job {n} ends\n")
        found.append(Stream(f"{n}/algo-1-1", path, 1e9 + n))
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (150, limits[1]))
    try:
        lines = [line for line, _ in merged(found[::-1], {}, 0)]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert len(lines) == 600 and lines == sorted(lines, key=lambda line: line.time)


def test_a_group_of_jobs_is_deleted_and_the_next_job_makes_it_again(jobs, logs):
    def there():
        found = logs.describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"]
        return GROUP in [group["logGroupName"] for group in found]

    jobs.wait(jobs.process("print('one')"))
    assert there()
    logs.delete_log_group(logGroupName=GROUP)
    assert not there()
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.delete_log_group(logGroupName=GROUP)
    name = jobs.process("print('two')", job="-2")
    jobs.wait(name)
    assert there() and stream_of(logs, name)
