"""What the engine adds to the work of the steps."""

import json
import subprocess
import sys
import time

import boto3
import pytest

pytestmark = pytest.mark.bench

ROLE = "arn:aws:iam::123456789012:role/bench"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
BUCKET = "bench"
NUMBER = 200
CHAIN = 8
SCRIPT = "open('/opt/ml/processing/output/x', 'w').write('x')"


@pytest.fixture(scope="module")
def clients(cloud):
    keys = cloud.environ["AWS_ACCESS_KEY_ID"], cloud.environ["AWS_SECRET_ACCESS_KEY"]
    session = boto3.Session(*keys, region_name="us-east-1")
    endpoint = cloud.environ["AWS_ENDPOINT_URL"]
    s3 = session.client("s3", endpoint_url=endpoint)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_object(Bucket=BUCKET, Key="script.py", Body=SCRIPT)
    return session.client("sagemaker", endpoint_url=endpoint)


def nothing(name, *after):
    condition = {"Type": "Equals", "LeftValue": 1, "RightValue": 1}
    branches = {"IfSteps": [], "ElseSteps": []}
    return {
        "Name": name,
        "Type": "Condition",
        "DependsOn": list(after),
        "Arguments": {"Conditions": [condition], **branches},
    }


def job(name, *after):
    local = "/opt/ml/processing"
    source = {
        "S3Uri": f"s3://{BUCKET}/script.py",
        "LocalPath": f"{local}/input/code",
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
    }
    output = {
        "S3Uri": f"s3://{BUCKET}/{name}",
        "LocalPath": f"{local}/output",
        "S3UploadMode": "EndOfJob",
    }
    cluster = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30}
    command = ["python3", f"{local}/input/code/script.py"]
    return {
        "Name": name,
        "Type": "Processing",
        "DependsOn": list(after),
        "CacheConfig": {"Enabled": True, "ExpireAfter": "P1D"},
        "Arguments": {
            "ProcessingResources": {"ClusterConfig": cluster},
            "AppSpecification": {"ImageUri": IMAGE, "ContainerEntrypoint": command},
            "ProcessingInputs": [{"InputName": "code", "S3Input": source}],
            "ProcessingOutputConfig": {"Outputs": [{"OutputName": "out", "S3Output": output}]},
            "RoleArn": ROLE,
        },
    }


def create(sagemaker, name, steps):
    text = json.dumps({"Version": "2020-12-01", "Steps": steps})
    sagemaker.create_pipeline(PipelineName=name, RoleArn=ROLE, PipelineDefinition=text)


def run(sagemaker, name):
    """Return the seconds from the request to start until the execution was seen to have ended."""
    began = time.perf_counter()
    arn = sagemaker.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"]
    while True:
        described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
        if described["PipelineExecutionStatus"] != "Executing":
            assert described["PipelineExecutionStatus"] == "Succeeded", described
            return time.perf_counter() - began
        time.sleep(0.01)


def test_steps_that_run_nothing(clients):
    chain = [nothing(f"S{n}", *[f"S{n - 1}"] * (n > 0)) for n in range(NUMBER)]
    wide = [nothing(f"S{n}") for n in range(NUMBER)]
    for name, steps in (("chain", chain), ("wide", wide)):
        create(clients, f"nothing-{name}", steps)
        for turn in ("first", "second"):
            seconds = run(clients, f"nothing-{name}")
            print(f"\n{NUMBER} steps, {name}, {turn}: {seconds:.2f} s, "
                  f"{1000 * seconds / NUMBER:.1f} ms per step (goal 10)")  # fmt: skip


def test_a_chain_of_jobs_and_then_all_of_it_cached(clients, tmp_path):
    script = tmp_path / "script.py"
    script.write_text("pass")
    began = time.perf_counter()
    for _ in range(CHAIN):
        subprocess.run([sys.executable, script], check=True)
    by_hand = (time.perf_counter() - began) / CHAIN
    create(clients, "jobs", [job(f"J{n}", *[f"J{n - 1}"] * (n > 0)) for n in range(CHAIN)])
    ran, cached = run(clients, "jobs"), run(clients, "jobs")
    print(f"\n{CHAIN} jobs one after another: {ran / CHAIN:.3f} s per step, by hand {by_hand:.3f} s, "
          f"overhead {ran / CHAIN - by_hand:.3f} s (goal 0.15); all cached {cached:.2f} s (goal 2)")  # fmt: skip
