"""Whose access key it is: said alike by STS, by SageMaker's records, and after a restart."""

import json
import uuid

import boto3
import pytest
from botocore.exceptions import ClientError

from slipway.cloud import credentials
from slipway.cloud.api import client
from slipway.cloud.identity import identify, principal_id
from slipway.cloud.sagemaker import containers

ACCOUNT = "123456789012"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
TRUST = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
]}  # fmt: skip


@pytest.fixture
def role(shared):
    name = f"identity-{uuid.uuid4().hex[:8]}"
    made = shared.client("iam").create_role(
        RoleName=name, Path="/team/", AssumeRolePolicyDocument=json.dumps(TRUST)
    )
    return made["Role"]


def known_as(local, given, service="sts"):
    session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    found = session.client(service, "us-east-1", endpoint_url=local.cloud.endpoint)
    found.meta.events.register("before-send", local.send)
    return found


def keys(own):
    return {
        "AccessKeyId": own.access_key,
        "SecretAccessKey": own.secret_key,
        "SessionToken": own.token,
    }


def test_the_key_of_slipway_env_is_the_accounts(shared):
    given = dict.fromkeys(("AccessKeyId", "SecretAccessKey", "SessionToken"), f"slipway-{ACCOUNT}")
    answer = known_as(shared, given).get_caller_identity()
    assert (answer["Arn"], answer["Account"], answer["UserId"]) == (ROOT, ACCOUNT, ACCOUNT)


def test_a_session_is_named_after_its_role_and_itself(shared, role):
    given = shared.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="anna")
    answer = known_as(shared, given["Credentials"]).get_caller_identity()
    assert answer["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{role['RoleName']}/anna"
    assert answer["UserId"] == f"{role['RoleId']}:anna" == given["AssumedRoleUser"]["AssumedRoleId"]


def test_a_session_ends_when_the_clock_says_so(shared, role, monkeypatch):
    given = shared.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="late")
    late = given["Credentials"]["Expiration"].timestamp()
    sts = known_as(shared, given["Credentials"])
    monkeypatch.setattr("slipway.cloud.clock.now", lambda: late - 1)
    assert sts.get_caller_identity()
    monkeypatch.setattr("slipway.cloud.clock.now", lambda: late + 1)
    with pytest.raises(ClientError, match="ExpiredToken"):
        sts.get_caller_identity()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"DurationSeconds": 7200}, "exceeds the MaxSessionDuration set for this role"),
        ({"Policy": '{"Statement": 1}'}, "MalformedPolicyDocument"),
        ({"SourceIdentity": "anna"}, "not authorized to perform: sts:SetSourceIdentity"),
    ],
)
def test_a_session_that_may_not_be_is_refused(shared, role, asked, said):
    with pytest.raises(ClientError, match=said):
        shared.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="me", **asked)


def test_transitive_tags_go_on_to_the_next_session(shared, role):
    tags = [{"Key": "team", "Value": "a"}, {"Key": "mood", "Value": "b"}]
    asked = {"RoleArn": role["Arn"], "Tags": tags, "TransitiveTagKeys": ["team"]}
    first = shared.client("sts").assume_role(RoleSessionName="one", **asked)["Credentials"]
    second = known_as(shared, first).assume_role(RoleArn=role["Arn"], RoleSessionName="two")
    assert identify(shared.cloud, second["Credentials"]["AccessKeyId"]).tags == {"team": "a"}


def test_work_of_a_role_has_the_same_credentials_every_time(shared, role):
    ask = (shared.cloud, "us-east-1", role["Arn"], "SageMaker")
    own = credentials.for_role(*ask)
    assert own == credentials.for_role(*ask)
    assert own != credentials.for_role(*ask, subnets=("subnet-1",))
    who = identify(shared.cloud, own.access_key)
    assert who.arn.endswith(f":assumed-role/{role['RoleName']}/SageMaker")
    assert principal_id(shared.cloud, who) == f"{role['RoleId']}:SageMaker"


def test_a_key_that_is_gone_is_nobodys(shared):
    iam = shared.client("iam")
    name = f"identity-{uuid.uuid4().hex[:8]}"
    user = iam.create_user(UserName=name)["User"]
    key = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
    assert identify(shared.cloud, key).arn == user["Arn"]
    iam.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")
    assert identify(shared.cloud, key) is None
    assert identify(shared.cloud, "AKIAANYBODY") is None


def test_a_package_says_who_made_it_and_who_approved_it(shared, role):
    made, sagemaker = shared.client("sts"), shared.client("sagemaker")
    group = f"identity-{uuid.uuid4().hex[:8]}"
    sagemaker.create_model_package_group(ModelPackageGroupName=group)
    package = sagemaker.create_model_package(ModelPackageGroupName=group)["ModelPackageArn"]
    given = made.assume_role(RoleArn=role["Arn"], RoleSessionName="anna")["Credentials"]
    known_as(shared, given, "sagemaker").update_model_package(
        ModelPackageArn=package, ModelApprovalStatus="Approved"
    )
    described = sagemaker.describe_model_package(ModelPackageName=package)
    assert described["CreatedBy"]["IamIdentity"]["Arn"].endswith(":root")
    by = described["LastModifiedBy"]["IamIdentity"]
    assert by["Arn"].endswith("/anna")
    assert by["PrincipalId"] == f"{role['RoleId']}:anna"


def test_a_killed_cloud_knows_its_sessions_again(own_cloud):
    iam, sts = own_cloud.client("iam"), own_cloud.client("sts")
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
    given = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="anna")["Credentials"]
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    values = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    own_cloud.kill()
    own_cloud.start()
    again = boto3.client(
        "sts", "us-east-1", endpoint_url=own_cloud.endpoint, **dict(zip(names, values, strict=True))
    )
    assert again.get_caller_identity()["UserId"] == f"{role['RoleId']}:anna"


def test_a_service_is_no_role(shared):
    rule = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/r"
    own = credentials.for_service(shared.cloud, "events.amazonaws.com", rule)
    who = identify(shared.cloud, own.access_key)
    assert who.service == "events.amazonaws.com"
    assert who.session.source_arn == rule
    assert client(shared.cloud, "sqs", "us-east-1", own)


def test_a_job_calls_as_its_role_from_its_subnets(shared, role):
    network = {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    given = containers.given(shared.cloud, "us-east-1", role["Arn"], False, network)
    who = identify(shared.cloud, given["AWS_ACCESS_KEY_ID"])
    assert who.policies_of == role["Arn"]
    assert who.session.subnets == ("subnet-1",)
    assert "AWS_ACCESS_KEY_ID" not in containers.given(shared.cloud, "us-east-1", role["Arn"], True)
