"""Transform jobs by the clients that people have: the SDK's transformer, the AWS CLI, a pipeline's step."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from transforms import BUCKET, ROLE, Transforms

AWS = Path(sys.executable).parent / "aws"


@pytest.fixture(scope="module")
def jobs(cloud, tmp_path_factory):
    made = Transforms(cloud, tmp_path_factory.mktemp("asked"))
    made.model("clients", "upper")
    made.put("clients", one_csv=b"a\nb\n")
    return made


def test_the_aws_cli_starts_a_job_and_waits_for_it(cloud, jobs):
    def aws(*words):
        command = [AWS, "sagemaker", *words]
        done = subprocess.run(command, env=cloud.environment(), capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout

    request = jobs.request("clients", TransformJobName="by-cli")
    aws("create-transform-job", "--cli-input-json", json.dumps(request))
    jobs.ended("by-cli")  # the waiter looks once a minute, so it is asked when there is no need to
    aws("wait", "transform-job-completed-or-stopped", "--transform-job-name", "by-cli")
    found = json.loads(aws("describe-transform-job", "--transform-job-name", "by-cli"))
    assert found["TransformJobStatus"] == "Completed"


def test_the_sdks_transformer_runs_a_job_and_follows_its_logs(cloud, jobs, monkeypatch):
    for name, value in cloud.environment().items():
        monkeypatch.setenv(name, value)
    from sagemaker.core.helper.session_helper import Session
    from sagemaker.core.transformer import Transformer

    transformer = Transformer(
        model_name="clients",
        instance_count=1,
        instance_type="ml.m5.large",
        strategy="MultiRecord",
        assemble_with="Line",
        accept="text/csv",
        output_path=f"s3://{BUCKET}/sdk",
        sagemaker_session=Session(default_bucket=BUCKET),
    )
    transformer.transform(
        f"s3://{BUCKET}/clients/in", content_type="text/csv", split_type="Line", wait=False
    )
    job = transformer.latest_transform_job
    job.wait(poll=1, timeout=60, logs=True)
    job.refresh()
    assert job.transform_job_status == "Completed"
    assert jobs.s3.get_object(Bucket=BUCKET, Key="sdk/one.csv.out")["Body"].read() == b"A\nB\n\n"


def test_a_pipeline_transforms_and_hands_on_where_the_output_is(jobs):
    request = jobs.request("clients", output={"S3OutputPath": f"s3://{BUCKET}/step"})
    del request["TransformJobName"]
    where = {"Get": "Steps.Transform.TransformOutput.S3OutputPath"}
    definition = {
        "Version": "2020-12-01",
        "Steps": [
            {"Name": "Transform", "Type": "Transform", "Arguments": request},
            {"Name": "Tell", "Type": "Fail", "Arguments": {"ErrorMessage": where}},
        ],
    }
    sm = jobs.sm
    sm.create_pipeline(
        PipelineName="transforms",
        PipelineDefinition=json.dumps(definition),
        RoleArn=ROLE,
        ClientRequestToken="t" * 32,
    )
    started = sm.start_pipeline_execution(PipelineName="transforms")["PipelineExecutionArn"]
    end = time.monotonic() + 60
    while True:
        found = sm.describe_pipeline_execution(PipelineExecutionArn=started)
        if found["PipelineExecutionStatus"] != "Executing":
            break
        assert time.monotonic() < end
        time.sleep(0.05)
    steps = sm.list_pipeline_execution_steps(PipelineExecutionArn=started)["PipelineExecutionSteps"]
    by_name = {step["StepName"]: step for step in steps}
    assert by_name["Transform"]["StepStatus"] == "Succeeded", by_name
    assert ":transform-job/" in by_name["Transform"]["Metadata"]["TransformJob"]["Arn"]
    assert by_name["Tell"]["FailureReason"].endswith(f"s3://{BUCKET}/step")
    assert jobs.s3.get_object(Bucket=BUCKET, Key="step/one.csv.out")["Body"].read() == b"A\nB\n"
