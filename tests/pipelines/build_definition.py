"""Print definitions of reviews-training, one for each settings, built in a process against an endpoint."""

import importlib
import json
import sys
from pathlib import Path

import boto3
from sagemaker.core.workflow.pipeline_context import PipelineSession

ROLE = "reviews-pipeline"
BUCKET = "reviews-pipeline-tests"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "sagemaker.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ],
}
ALLOW = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}


def role() -> str:
    """Return the ARN of a role that SageMaker may assume and that may do everything."""
    iam = boto3.client("iam")
    try:
        return str(iam.get_role(RoleName=ROLE)["Role"]["Arn"])
    except iam.exceptions.NoSuchEntityException:
        made = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(TRUST))
        iam.put_role_policy(RoleName=ROLE, PolicyName="all", PolicyDocument=json.dumps(ALLOW))
        return str(made["Role"]["Arn"])


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "pipelines"))
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    arn = role()
    pipeline = importlib.import_module("reviews_training")
    session = PipelineSession(default_bucket=BUCKET)
    for settings in sys.argv[1:]:
        print(pipeline.build(session, arn, BUCKET, **json.loads(settings)).definition())
