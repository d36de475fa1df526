"""logs, stop, retry: a pipeline whose steps are real jobs."""

import json
import subprocess
import sys

import pytest

ROLE = "arn:aws:iam::123456789012:role/cli"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
SCRIPT = """
import pathlib, sys, time
name, wait = sys.argv[1:]
print("hello from", name, flush=True)
gate = pathlib.Path("/opt/ml/processing/input/gate")
time.sleep(float(wait))
print(name, "is done", flush=True)
sys.exit(3 if (gate / "closed").exists() else 0)
"""


def step(name, wait, **more):
    where = "/opt/ml/processing/input"
    arguments = {
        "AppSpecification": {
            "ImageUri": IMAGE,
            "ContainerEntrypoint": ["python3", f"{where}/code/script.py"],
            "ContainerArguments": [name, wait],
        },
        "ProcessingResources": {
            "ClusterConfig": {
                "InstanceCount": 1,
                "InstanceType": "ml.m5.large",
                "VolumeSizeInGB": 10,
            }
        },
        "ProcessingInputs": [
            {
                "InputName": input,
                "S3Input": {
                    "S3Uri": f"s3://cli-logs/{input}/",
                    "LocalPath": f"{where}/{input}",
                    "S3DataType": "S3Prefix",
                    "S3InputMode": "File",
                },
            }
            for input in ("code", "gate")
        ],
        "RoleArn": ROLE,
    }
    return {"Name": name, "Type": "Processing", "Arguments": arguments, **more}


@pytest.fixture(scope="module")
def s3(aws):
    s3 = aws("s3")
    s3.create_bucket(Bucket="cli-logs")
    s3.put_object(Bucket="cli-logs", Key="code/script.py", Body=SCRIPT.encode())
    s3.put_object(Bucket="cli-logs", Key="gate/there", Body=b"")
    return s3


def put(tmp_path, name, *steps):
    path = tmp_path / f"{name}.json"
    path.write_text(json.dumps({"Version": "2020-12-01", "Steps": steps}))
    return path


def test_a_failed_step_leads_to_its_log_and_the_retry_goes_on_from_there(slipway, s3, tmp_path):
    path = put(tmp_path, "gated", step("First", "0"), step("Second", "0", DependsOn=["First"]))
    assert slipway("run", path, "--role", ROLE, "--wait").code == 0

    s3.put_object(Bucket="cli-logs", Key="gate/closed", Body=b"")
    failed = slipway("run", "gated", "--wait")
    s3.delete_object(Bucket="cli-logs", Key="gate/closed")
    assert failed.code == 1
    (hint,) = [line for line in failed.out.splitlines() if "its log:" in line]
    log = slipway(*hint.split()[3:])
    assert log.code == 0, log.err
    assert log.out.splitlines() == ["hello from First", "First is done"]

    execution = hint.split()[-1].partition("/")[0]
    assert f"go on from there:  slipway retry {execution}\n" in failed.out
    assert slipway("retry", execution).code == 0
    both = slipway("logs", "-f", execution)
    assert "Second: Second is done" in both.out.splitlines()
    assert slipway("show", execution, "--json").json["PipelineExecutionStatus"] == "Succeeded"

    job = slipway("show", execution, "--json").json["Steps"][0]["Metadata"]["ProcessingJob"]["Arn"]
    by_arn, by_name = slipway("logs", job), slipway("logs", job.rpartition("/")[2])
    assert by_arn.out == by_name.out == log.out
    event = json.loads(slipway("logs", job, "--json").out.splitlines()[0])
    assert event["message"] == "hello from First"


def test_a_log_is_followed_while_it_is_written_and_the_run_can_be_stopped(
    cloud, slipway, s3, tmp_path
):
    path = put(tmp_path, "long", step("Sleep", "600"))
    assert slipway("run", path, "--role", ROLE).code == 0
    command = [sys.executable, "-c", "from slipway.cli.main import main; main()"]
    follower = subprocess.Popen(
        [*command, "logs", "-f", "long/Sleep"], env=cloud.environ, stdout=subprocess.PIPE, text=True
    )
    assert follower.stdout.readline() == "hello from Sleep\n"
    assert slipway("stop", "long").code == 0
    assert "is done" not in follower.stdout.read()
    assert follower.wait(60) == 0
    assert slipway("show", "long", "--json").json["PipelineExecutionStatus"] == "Stopped"


def test_an_input_that_is_not_there_is_the_reason_in_plain_words(slipway, s3, tmp_path):
    broken = step("Read", "0")
    broken["Arguments"]["ProcessingInputs"][1]["S3Input"]["S3Uri"] = "s3://cli-logs/nothing/"
    ended = slipway("run", put(tmp_path, "missing", broken), "--role", ROLE, "--wait")
    assert ended.code == 1
    (reason,) = [line for line in ended.out.splitlines() if line.startswith("Read: ")]
    assert "s3://cli-logs/nothing/" in reason
    assert "Traceback" not in ended.out + ended.err
