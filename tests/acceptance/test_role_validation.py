"""The SageMaker SDK's own check of an execution role, unbypassed, against the local cloud."""

import json
import subprocess
import sys

import boto3
import pytest

from slipway.cloud.serving import ACCOUNT

SCRIPT = """
import sys
from sagemaker.core.helper.iam_role_resolver import RoleValidationError
from sagemaker.train.defaults import TrainDefaults
for name in sys.argv[1:]:
    try:
        print("taken", TrainDefaults.get_role(role=name))
    except RoleValidationError as error:
        print("refused", str(error).replace(chr(10), " "))
"""


def trust(service):
    principal = {"Service": service}
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def roles(cloud):
    """A proper role, one without rights, one that SageMaker may not assume, one half denied."""
    environ = cloud.environ
    session = boto3.Session(environ["AWS_ACCESS_KEY_ID"], environ["AWS_SECRET_ACCESS_KEY"])
    iam = session.client("iam", "us-east-1", endpoint_url=environ["AWS_ENDPOINT_URL"])
    full = "arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
    services = {"denied": "sagemaker.amazonaws.com", "proper": "sagemaker.amazonaws.com"}
    services |= {"powerless": "sagemaker.amazonaws.com", "strange": "lambda.amazonaws.com"}
    for name, service in services.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(service))
        if name != "powerless":
            iam.attach_role_policy(RoleName=name, PolicyArn=full)
    statement = {"Effect": "Deny", "Action": "cloudwatch:PutMetricData", "Resource": "*"}
    denial = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName="denied", PolicyName="no-metrics", PolicyDocument=denial)


@pytest.mark.slow
def test_the_sdk_takes_a_proper_role_and_refuses_others(cloud, roles):
    names = ["proper", "powerless", "strange", "denied"]
    assert "SAGEMAKER_VALIDATE_ROLE" not in cloud.environ
    command = [sys.executable, "-c", SCRIPT, *names]
    ran = subprocess.run(command, env=cloud.environ, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    lines = [line for line in ran.stdout.splitlines() if line.startswith(("taken", "refused"))]
    proper, powerless, strange, denied = lines
    assert proper == f"taken arn:aws:iam::{ACCOUNT}:role/proper"
    assert "Missing permissions: cloudwatch:PutMetricData, ec2:CreateNetworkInterface" in powerless
    assert "trust policy does not allow 'sagemaker.amazonaws.com'" in strange
    assert "Missing permissions: cloudwatch:PutMetricData " in denied
