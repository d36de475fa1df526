import pytest


def test_a_script_reads_its_inputs_and_its_output_is_uploaded(jobs):
    jobs.put(data__a_txt="one", data__b__c_txt="two")
    script = """
import shutil
from pathlib import Path
import importlib.util
assert importlib.util.find_spec("sklearn")
data = Path("/opt/ml/processing/input/data")
found = sorted(f"{p.relative_to(data)}={p.read_text()}" for p in data.rglob("*.txt"))
output = Path("/opt/ml/processing/output/found.txt")
output.write_text(",".join(found))
for _ in range(2):  # a copy keeps its mode, so the second one overwrites what the first one made
    shutil.copy(data / "a.txt", output.with_name("copy.txt"))
(data / "a.txt").open("a").write(" changed")
"""
    name = jobs.process(script, inputs=[jobs.input("data", jobs.uri("data"))])
    described = jobs.wait(name)
    assert described["ProcessingJobStatus"] == "Completed", described
    assert jobs.get("data/a.txt") == jobs.get("result/copy.txt") == b"one"
    assert jobs.get("result/found.txt") == b"a.txt=one,b/c.txt=two"
    assert described["ProcessingStartTime"] <= described["ProcessingEndTime"]


def test_the_reason_of_a_failure_is_what_the_job_left(jobs):
    script = """
import sys
open("/opt/ml/output/failure", "w").write("rating 7 is not between 1 and 5")
sys.exit(3)
"""
    described = jobs.wait(jobs.process(script))
    assert described["ProcessingJobStatus"] == "Failed"
    assert (
        described["FailureReason"]
        == "AlgorithmError: rating 7 is not between 1 and 5, exit code: 3"
    )


def test_without_a_reason_the_last_line_of_the_log_is_it(jobs):
    described = jobs.wait(jobs.process("raise ValueError('no reviews')"))
    assert described["FailureReason"] == "AlgorithmError: ValueError: no reviews, exit code: 1"


def test_a_name_is_taken_once(jobs):
    name = jobs.process("")
    with pytest.raises(jobs.sm.exceptions.ResourceInUse, match="must be unique"):
        jobs.process("")
    jobs.wait(name)


def test_an_unknown_image_is_refused_with_the_known_ones_and_the_setting(jobs):
    image = "123456789012.dkr.ecr.us-east-1.amazonaws.com/mine:1"
    with pytest.raises(jobs.sm.exceptions.ClientError) as refused:
        jobs.process("", image=image)
    said = refused.value.response["Error"]
    assert said["Code"] == "ValidationException"
    for word in (image, "sagemaker-scikit-learn", "tensorflow-training", "images.json", '"*mine*"'):
        assert word in said["Message"]


def test_what_the_local_cloud_cannot_do_is_refused_by_name(jobs):
    good = jobs.input("data", jobs.uri("data"))
    for words, inputs in {
        "begins with /opt/ml/processing/, found '/opt/ml/processing/../../etc'": [
            jobs.input("data", jobs.uri("data"), LocalPath="/opt/ml/processing/../../etc")
        ],
        "no Pipe mode": [jobs.input("data", jobs.uri("data"), S3InputMode="Pipe")],
        "names must be unique": [good, good],
        "S3Input is missing": [{"InputName": "data"}],
    }.items():
        with pytest.raises(jobs.sm.exceptions.ClientError, match=words) as refused:
            jobs.process("", inputs=inputs)
        assert refused.value.response["Error"]["Code"] == "ValidationException"
    specification = {"ImageUri": "python:3.11"}
    with pytest.raises(jobs.sm.exceptions.ClientError, match="ContainerEntrypoint is missing"):
        jobs.process("", AppSpecification=specification)


def test_a_message_is_told_and_a_stopped_job_keeps_its_outputs(jobs):
    script = """
import signal, sys, time
from pathlib import Path
def end(*_):
    Path("/opt/ml/output/message").write_text("CompletedWithViolations: 2")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
Path("/opt/ml/processing/output/early.txt").write_text("early")
time.sleep(60)
"""
    name = jobs.process(script, upload="Continuous")
    for until in jobs.poll(30):
        if jobs.keys("result/"):
            break
        assert until
    jobs.sm.stop_processing_job(ProcessingJobName=name)
    described = jobs.wait(name)
    assert described["ProcessingJobStatus"] == "Stopped"
    assert described["ExitMessage"] == "CompletedWithViolations: 2"
    found = jobs.sm.list_processing_jobs(NameContains=name)["ProcessingJobSummaries"]
    assert [each["ExitMessage"] for each in found] == ["CompletedWithViolations: 2"]
    jobs.sm.delete_processing_job(ProcessingJobName=name)
    with pytest.raises(jobs.sm.exceptions.ResourceNotFound):
        jobs.sm.describe_processing_job(ProcessingJobName=name)


def test_a_missing_input_fails_the_job_with_its_uri(jobs):
    name = jobs.process("", inputs=[jobs.input("data", jobs.uri("nothing/"))])
    reason = jobs.wait(name)["FailureReason"]
    assert reason.startswith(
        f'ClientError: No S3 objects found under S3 URL "{jobs.uri("nothing/")}"'
    )


def test_a_job_reaches_the_cloud_as_it_would_reach_aws(jobs):
    jobs.put(data__a_txt="one")
    script = f"""
import os, urllib.request
print(os.environ["AWS_REGION"], os.environ["PROCESSING_JOB_NAME"])
urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL"] + "/jobs/{jobs.name}/data/a.txt").read()
"""
    described = jobs.wait(jobs.process(script))
    assert described["ProcessingJobStatus"] == "Completed", described
