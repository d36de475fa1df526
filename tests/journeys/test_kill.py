"""The cloud is killed at a random moment of an execution; what was finished stays finished."""

import json
import os
import random
import signal
import time
from contextlib import suppress

import boto3
import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/pipelines"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
BUCKET = "kill"
SCRIPT = """
import pathlib, time
time.sleep(0.15)
pathlib.Path("/opt/ml/processing/output/done").write_text("yes")
"""
STEPS = 5
ENDED = ("Succeeded", "Failed", "Stopped")


def step(name, *after):
    folder = ["s3:/", BUCKET, {"Get": "Execution.PipelineExecutionId"}, name]
    source = {
        "S3Uri": f"s3://{BUCKET}/code/script.py",
        "LocalPath": "/opt/ml/processing/input/code",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    output = {
        "S3Uri": {"Std:Join": {"On": "/", "Values": folder}},
        "LocalPath": "/opt/ml/processing/output",
        "S3UploadMode": "EndOfJob",
    }
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30}
    command = ["python3", "/opt/ml/processing/input/code/script.py"]
    return {
        "Name": name,
        "Type": "Processing",
        "DependsOn": list(after),
        "Arguments": {
            "ProcessingResources": {"ClusterConfig": cluster},
            "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": command},
            "ProcessingInputs": [{"InputName": "code", "S3Input": source}],
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": output}]},
            "RoleArn": ROLE,
        },
    }


def steps_of(sagemaker, arn):
    listed = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)
    return {each["StepName"]: each for each in listed["PipelineExecutionSteps"]}


def wait(sagemaker, arn):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
        if described["PipelineExecutionStatus"] in ENDED:
            return described["PipelineExecutionStatus"]
        time.sleep(0.05)
    raise AssertionError(f"{described['PipelineExecutionStatus']}: {steps_of(sagemaker, arn)}")


def up(shell):
    """Start the cloud and return its clients."""
    started = shell("up")
    assert started.code == 0, started.err
    session = boto3.Session("test", "test", region_name="us-east-1")
    endpoint = (shell.home / "endpoint").read_text()
    return session.client("sagemaker", endpoint_url=endpoint), session.client(
        "s3", endpoint_url=endpoint
    )


def kill(shell):
    """End the cloud's process with no chance to tidy up."""
    pid = int((shell.home / "pid").read_text())
    os.kill(pid, signal.SIGKILL)
    with suppress(ProcessLookupError):
        while True:
            os.kill(pid, 0)
            time.sleep(0.01)


@pytest.mark.slow
def test_finished_steps_stay_finished_whenever_the_cloud_is_killed(shell):
    sagemaker, s3 = up(shell)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="code/script.py", Body=SCRIPT)
    names = [f"Step{number}" for number in range(STEPS)]
    chain = [step(name, *names[max(number - 1, 0) : number]) for number, name in enumerate(names)]
    text = json.dumps({"Version": "2020-12-01", "Steps": [*chain, step("Aside")]})
    sagemaker.create_pipeline(PipelineName="kill", RoleArn=ROLE, PipelineDefinition=text)
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    moments = random.Random(seed)
    arn = sagemaker.start_pipeline_execution(PipelineName="kill")["PipelineExecutionArn"]
    finished = {}
    for _ in range(3):
        time.sleep(moments.uniform(0, 0.8))
        finished |= done(steps_of(sagemaker, arn))
        kill(shell)
        sagemaker, s3 = up(shell)
        for name, before in finished.items():
            assert steps_of(sagemaker, arn)[name] == before
        try:
            sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
        except ClientError as refused:
            # The kill fell between two jobs, so nothing has failed and it goes on by itself,
            # or all is done.
            assert "found Executing" in str(refused) or "found Succeeded" in str(refused)
    while wait(sagemaker, arn) == "Failed":  # a job that the last kill ended
        sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    steps = steps_of(sagemaker, arn)
    assert sorted(steps) == sorted([*names, "Aside"])
    assert all(each["StepStatus"] == "Succeeded" for each in steps.values())
    for name, before in finished.items():
        assert steps[name] == before
    execution_id = arn.rpartition("/")[2]
    for name in steps:
        body = s3.get_object(Bucket=BUCKET, Key=f"{execution_id}/{name}/done")["Body"].read()
        assert body == b"yes"


def done(steps):
    return {name: each for name, each in steps.items() if each["StepStatus"] == "Succeeded"}
