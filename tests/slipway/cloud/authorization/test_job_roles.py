"""What SageMaker brings to a job and takes from it, it does as the job's role."""

import time
import uuid

import pytest

from guarding import allow, refused

SKLEARN = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
]}  # fmt: skip


@pytest.fixture(scope="module")
def bucket(guarded):
    name = f"jobs-{uuid.uuid4().hex[:8]}"
    guarded.client("s3").create_bucket(Bucket=name)
    guarded.client("s3").put_object(Bucket=name, Key="raw/a", Body=b"a")
    return name


def run(guarded, bucket, *statements, trust=TRUST):
    """Run a job that copies its input as a role; return its description."""
    sagemaker, name = guarded.client("sagemaker"), f"job-{uuid.uuid4().hex[:8]}"
    into, out = "/opt/ml/processing/input/raw", "/opt/ml/processing/output"
    sagemaker.create_processing_job(
        ProcessingJobName=name,
        RoleArn=guarded.role(*statements, trust=trust),
        AppSpecification={"ImageUri": SKLEARN, "ContainerEntrypoint": ["cp", f"{into}/a", out]},
        ProcessingInputs=[{
            "InputName": "raw",
            "S3Input": {"S3Uri": f"s3://{bucket}/raw", "LocalPath": into,
                        "S3DataType": "S3Prefix", "S3InputMode": "File"},
        }],
        ProcessingOutputConfig={"Outputs": [{
            "OutputName": "out",
            "S3Output": {"S3Uri": f"s3://{bucket}/{name}", "LocalPath": out,
                         "S3UploadMode": "EndOfJob"},
        }]},
        ProcessingResources={"ClusterConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large",
                                               "VolumeSizeInGB": 1}},
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        found = sagemaker.describe_processing_job(ProcessingJobName=name)
        if found["ProcessingJobStatus"] not in ("InProgress", "Stopping"):
            return found
        time.sleep(0.05)
    raise AssertionError(found)


def test_a_role_needs_what_the_job_reads_and_writes(guarded, bucket):
    listing = allow("s3:ListBucket", f"arn:aws:s3:::{bucket}")
    read = allow("s3:GetObject", f"arn:aws:s3:::{bucket}/raw/*")
    reason = run(guarded, bucket, read)["FailureReason"]
    assert reason.startswith(f"ClientError: Data download failed:Unable to list s3://{bucket}/raw ")
    reason = run(guarded, bucket, listing)["FailureReason"]
    assert f"Unable to download object s3://{bucket}/raw/a (AccessDenied: User: " in reason
    assert reason.endswith("because no identity-based policy allows the s3:GetObject action)")
    reason = run(guarded, bucket, listing, read)["FailureReason"]
    assert reason.startswith("ClientError: Artifact upload failed: Unable to upload object s3://")
    write = allow("s3:PutObject", f"arn:aws:s3:::{bucket}/job-*")
    assert run(guarded, bucket, listing, read, write)["ProcessingJobStatus"] == "Completed"


def test_a_role_that_does_not_trust_sagemaker_runs_nothing(guarded, bucket):
    strangers = {**TRUST, "Statement": [
        TRUST["Statement"][0] | {"Principal": {"Service": "lambda.amazonaws.com"}}
    ]}  # fmt: skip
    _, message, _ = refused(run, guarded, bucket, allow("s3:*"), trust=strangers)
    assert message.startswith("Could not assume role arn:aws:iam::")
