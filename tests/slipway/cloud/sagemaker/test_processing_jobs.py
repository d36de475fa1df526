import pytest


def test_a_script_reads_its_inputs_and_its_output_is_uploaded(jobs):
    jobs.put(data__a_txt="one", data__b__c_txt="two")
    script = """
from pathlib import Path
import sklearn
data = Path("/opt/ml/processing/input/data")
found = sorted(f"{p.relative_to(data)}={p.read_text()}" for p in data.rglob("*.txt"))
Path("/opt/ml/processing/output/found.txt").write_text(",".join(found))
"""
    name = jobs.process(script, inputs=[jobs.input("data", jobs.uri("data"))])
    described = jobs.wait(name)
    assert described["ProcessingJobStatus"] == "Completed", described
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
