"""A role goes to whom its trust policy names, and to nobody else."""

import json
import uuid

import boto3
import pytest

ACCOUNT = "123456789012"


@pytest.fixture
def role(shared):
    """Make roles; return the ARN of one that trusts a principal."""
    iam = shared.client("iam")

    def make(principal, **more):
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"} | more
        trust = {"Version": "2012-10-17", "Statement": [statement]}
        made = iam.create_role(
            RoleName=f"r-{uuid.uuid4().hex[:8]}", AssumeRolePolicyDocument=json.dumps(trust)
        )
        return made["Role"]["Arn"]

    return make


def assume(client, arn, **more):
    return client.assume_role(RoleArn=arn, RoleSessionName="me", **more)


def refused(client, arn, **more):
    with pytest.raises(client.exceptions.ClientError) as caught:
        assume(client, arn, **more)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert caught.value.response["Error"]["Code"] == "AccessDenied"
    return caught.value.response["Error"]["Message"]


@pytest.mark.parametrize(
    "principal", ["*", {"AWS": ACCOUNT}, {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}]
)
def test_a_trusted_caller_gets_the_role(shared, role, principal):
    arn = role(principal)
    answer = assume(shared.client("sts"), arn)
    assert answer["AssumedRoleUser"]["Arn"].endswith("/me")
    assert answer["Credentials"]["SecretAccessKey"]


@pytest.mark.parametrize("principal", [{"Service": "sagemaker.amazonaws.com"}, {"AWS": "9" * 12}])
def test_another_caller_does_not(shared, role, principal):
    arn = role(principal)
    text = refused(shared.client("sts"), arn)
    assert text.endswith(f"is not authorized to perform: sts:AssumeRole on resource: {arn}")


def test_a_role_that_does_not_exist_trusts_nobody(shared):
    refused(shared.client("sts"), f"arn:aws:iam::{ACCOUNT}:role/none-such")


def test_an_external_id_is_asked_for(shared, role):
    arn = role("*", Condition={"StringEquals": {"sts:ExternalId": "secret"}})
    client = shared.client("sts")
    refused(client, arn)
    refused(client, arn, ExternalId="other")
    assert assume(client, arn, ExternalId="secret")["Credentials"]


def test_a_user_and_the_session_of_a_role_are_known_by_their_keys(shared, role):
    iam = shared.client("iam")
    name = f"u-{uuid.uuid4().hex[:8]}"
    user = iam.create_user(UserName=name)["User"]["Arn"]
    key = iam.create_access_key(UserName=name)["AccessKey"]
    first = role({"AWS": user})
    second = role({"AWS": first})
    refused(shared.client("sts"), first)

    def known(key_id, secret, token=None):
        session = boto3.Session(key_id, secret, token)
        client = session.client("sts", "us-east-1", endpoint_url=shared.cloud.endpoint)
        client.meta.events.register("before-send", shared.send)
        return client

    as_user = known(key["AccessKeyId"], key["SecretAccessKey"])
    refused(as_user, second)
    given = assume(as_user, first)["Credentials"]
    as_role = known(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    assert assume(as_role, second)["Credentials"]
    refused(as_role, first)
