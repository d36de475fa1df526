"""The cloud's process dies while jobs run: none of them is left, and each says what happened."""

import time

import pytest

from sleepers import alive

SCRIPT = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execvp("sleep", ["sleep", "{mark}"])
    os._exit(0)
print("ready", flush=True)
time.sleep(600)
"""


def start_again(cloud, jobs) -> None:
    cloud.port = 0  # the old port's connections are not closed yet
    cloud.start()
    jobs.sm, jobs.s3 = cloud.client("sagemaker"), cloud.client("s3")


@pytest.mark.parametrize("way", ["kill", "stop"])
def test_jobs_end_with_the_cloud_and_are_failed_afterwards(own_cloud, own_jobs, way):
    mark = "88442201" if way == "kill" else "88442202"
    done = own_jobs.process("print('done')", job="done")
    own_jobs.wait(done)
    trains = own_jobs.train(SCRIPT.format(mark=mark), job="trains")
    processes = own_jobs.process(SCRIPT.format(mark=mark), job="processes")
    for until in own_jobs.poll(30):
        logs = [*own_cloud.home.rglob("own*/logs/algo-1.log")]
        if sum("ready" in log.read_text() for log in logs) == 2:
            break
        assert until
    assert alive(mark)
    getattr(own_cloud, way)()
    for until in own_jobs.poll(5):
        if not alive(mark):
            break
        assert until, "a process of a job is left"
    start_again(own_cloud, own_jobs)
    assert own_jobs.describe(done)["ProcessingJobStatus"] == "Completed"
    for name in (trains, processes):
        described = own_jobs.describe(name)
        status = described.get("TrainingJobStatus") or described["ProcessingJobStatus"]
        assert status == "Failed"
        assert "the local cloud was stopped while the job ran" in described["FailureReason"]
        logs = own_cloud.client("logs").filter_log_events(
            logGroupName=f"/aws/sagemaker/{'Training' if name == trains else 'Processing'}Jobs",
            logStreamNamePrefix=f"{name}/",
        )
        assert "ready" in [event["message"] for event in logs["events"]]
    assert not list(own_cloud.home.rglob("jobs/*/*/*/algo-1"))


def test_a_job_that_was_answered_is_known_after_a_kill(own_cloud, own_jobs):
    name = own_jobs.process("import time; time.sleep(100)")
    own_cloud.kill()
    time.sleep(0.1)
    start_again(own_cloud, own_jobs)
    assert own_jobs.describe(name)["ProcessingJobStatus"] == "Failed"
    with pytest.raises(own_jobs.sm.exceptions.ResourceInUse):
        own_jobs.process("")
