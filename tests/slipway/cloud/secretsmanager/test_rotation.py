"""Rotation really happens: the function is invoked for its four steps, and the labels move."""

import json
import time
import urllib.request
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from functions import made

# As AWS's own templates do it; it fails, or waits, in setSecret when its description says so.
CODE = """
    import json, time
    import boto3

    def handler(event, context):
        secrets = boto3.client("secretsmanager")
        secret, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
        about = secrets.describe_secret(SecretId=secret)
        stages = about["VersionIdsToStages"]
        if "AWSPENDING" not in stages[token] or not about["RotationEnabled"]:
            raise ValueError("nothing is pending")
        if step == "createSecret":
            try:
                secrets.get_secret_value(
                    SecretId=secret, VersionId=token, VersionStage="AWSPENDING"
                )
            except secrets.exceptions.ResourceNotFoundException:
                secrets.put_secret_value(
                    SecretId=secret, ClientRequestToken=token, SecretString="new " + token,
                    VersionStages=["AWSPENDING"],
                )
        if step == "setSecret" and about["Description"].startswith("sleep"):
            time.sleep(float(about["Description"][6:]))
        if step == "setSecret" and about["Description"] == "fail":
            raise RuntimeError("the database said no")
        if step == "finishSecret":
            (current,) = [v for v, names in stages.items() if "AWSCURRENT" in names]
            secrets.update_secret_version_stage(
                SecretId=secret, VersionStage="AWSCURRENT",
                MoveToVersionId=token, RemoveFromVersionId=current,
            )
"""
TOKENS = [f"token-{number}-".ljust(36, "0") for number in range(9)]


def function(cloud):
    """Return the ARN of a function that Secrets Manager may invoke."""
    arn = made(cloud, "rotate", CODE, Timeout=30)
    cloud.client("lambda").add_permission(
        FunctionName=arn,
        StatementId="rotation",
        Action="lambda:InvokeFunction",
        Principal="secretsmanager.amazonaws.com",
    )
    return arn


def secret(cloud, name, description="fine"):
    return cloud.client("secretsmanager").create_secret(
        Name=name, SecretString="old", Description=description
    )["ARN"]


def rotated(cloud, name, version):
    """Wait until a version is the current one; return its value."""
    client, end = cloud.client("secretsmanager"), time.monotonic() + 30
    while "AWSCURRENT" not in stages(cloud, name).get(version, []):
        assert time.monotonic() < end, client.describe_secret(SecretId=name)
        time.sleep(0.05)
    while client.describe_secret(SecretId=name).get("LastRotatedDate") is None:
        time.sleep(0.05)
    return client.get_secret_value(SecretId=name)["SecretString"]


def stages(cloud, name):
    found = cloud.client("secretsmanager").describe_secret(SecretId=name)
    return found["VersionIdsToStages"]


def advance(cloud, **span):
    body = json.dumps({"advance": timedelta(**span).total_seconds()}).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{cloud.endpoint}/_slipway/clock", body, headers)
    urllib.request.urlopen(request).close()


@pytest.fixture(scope="module")
def moved(files_cloud):
    """A cloud whose clock these tests move, and the ARN of its function."""
    return files_cloud, function(files_cloud)


def until(happened):
    end = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_secret_rotates_at_once_and_by_its_rules_on_the_clouds_clock(moved):
    cloud, arn = moved
    client = cloud.client("secretsmanager")
    secret(cloud, "daily")
    client.rotate_secret(
        SecretId="daily",
        RotationLambdaARN=arn,
        ClientRequestToken=TOKENS[0],
        RotationRules={"AutomaticallyAfterDays": 1},
    )
    assert rotated(cloud, "daily", TOKENS[0]) == f"new {TOKENS[0]}"
    found = client.describe_secret(SecretId="daily")
    assert found["RotationEnabled"] and found["RotationLambdaARN"] == arn
    assert found["NextRotationDate"] - found["LastRotatedDate"] == timedelta(days=1)
    labels = found["VersionIdsToStages"]
    assert labels.pop(TOKENS[0]) == ["AWSCURRENT"]
    assert list(labels.values()) == [["AWSPREVIOUS"]]
    (listed,) = client.list_secrets(Filters=[{"Key": "name", "Values": ["daily"]}])["SecretList"]
    assert (listed["NextRotationDate"], listed["RotationEnabled"]) == (
        found["NextRotationDate"],
        True,
    )
    old = client.get_secret_value(SecretId="daily", VersionStage="AWSPREVIOUS")
    assert old["SecretString"] == "old"

    advance(cloud, days=1, minutes=1)
    until(lambda: "AWSCURRENT" not in stages(cloud, "daily").get(TOKENS[0], []))
    value = client.get_secret_value(SecretId="daily")["SecretString"]
    assert value.startswith("new ") and TOKENS[0] not in value

    client.put_secret_value(SecretId="daily", SecretString="by hand")  # labels are still right
    assert client.get_secret_value(SecretId="daily")["SecretString"] == "by hand"
    assert sum("AWSCURRENT" in names for names in stages(cloud, "daily").values()) == 1


def test_a_rotation_that_fails_stays_pending_and_is_tried_again_with_the_same_version(moved):
    cloud, arn = moved
    client = cloud.client("secretsmanager")
    secret(cloud, "fails", "fail")
    client.rotate_secret(SecretId="fails", RotationLambdaARN=arn, ClientRequestToken=TOKENS[1])
    pending = {"SecretId": "fails", "VersionId": TOKENS[1]}
    until(lambda: stages(cloud, "fails").get(TOKENS[1]) == ["AWSPENDING"])
    with pytest.raises(ClientError, match="previous rotation isn't complete"):
        client.rotate_secret(SecretId="fails", ClientRequestToken=TOKENS[2])
    client.rotate_secret(SecretId="fails", ClientRequestToken=TOKENS[1])  # the same again
    assert client.get_secret_value(SecretId="fails")["SecretString"] == "old"
    client.update_secret(SecretId="fails", Description="fine")
    advance(cloud, minutes=10)
    assert rotated(cloud, "fails", TOKENS[1]) == f"new {TOKENS[1]}"
    assert client.get_secret_value(**pending)["VersionStages"] == ["AWSCURRENT"]


def test_a_rotation_that_the_clouds_death_interrupts_is_begun_again(moved):
    cloud, arn = moved
    client = cloud.client("secretsmanager")
    secret(cloud, "killed", "sleep 1")
    client.rotate_secret(SecretId="killed", RotationLambdaARN=arn, ClientRequestToken=TOKENS[3])
    time.sleep(0.5)
    cloud.kill()
    cloud.start()
    assert rotated(cloud, "killed", TOKENS[3]) == f"new {TOKENS[3]}"


def test_a_rotation_that_is_cancelled_does_not_come_again(moved):
    cloud, arn = moved
    client = cloud.client("secretsmanager")
    secret(cloud, "cancelled")
    client.rotate_secret(
        SecretId="cancelled",
        RotationLambdaARN=arn,
        ClientRequestToken=TOKENS[5],
        RotationRules={"AutomaticallyAfterDays": 1},
    )
    assert rotated(cloud, "cancelled", TOKENS[5])
    client.cancel_rotate_secret(SecretId="cancelled")
    assert client.describe_secret(SecretId="cancelled")["RotationEnabled"] is False
    before = stages(cloud, "cancelled")
    advance(cloud, days=3)
    assert stages(cloud, "cancelled") == before


def test_a_configuration_can_be_tested_without_a_rotation(cloud):
    arn, client = function(cloud), cloud.client("secretsmanager")
    secret(cloud, "rotation-tested")
    client.rotate_secret(
        SecretId="rotation-tested",
        RotationLambdaARN=arn,
        RotationRules={"ScheduleExpression": "rate(30 days)"},
        RotateImmediately=False,
        ClientRequestToken=TOKENS[4],
    )
    end = time.monotonic() + 30
    while stages(cloud, "rotation-tested").get(TOKENS[4]) != []:
        assert time.monotonic() < end, stages(cloud, "rotation-tested")
        time.sleep(0.05)
    found = client.describe_secret(SecretId="rotation-tested")
    assert found["NextRotationDate"] and "LastRotatedDate" not in found
    assert client.get_secret_value(SecretId="rotation-tested")["SecretString"] == "old"


def test_a_function_that_is_not_there_or_may_not_be_invoked_is_refused(cloud):
    client = cloud.client("secretsmanager")
    secret(cloud, "rotation-refused")
    with pytest.raises(client.exceptions.InvalidRequestException, match="No Lambda"):
        client.rotate_secret(SecretId="rotation-refused")
    nowhere = "arn:aws:lambda:us-east-1:123456789012:function:rotation-nowhere"
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.rotate_secret(SecretId="rotation-refused", RotationLambdaARN=nowhere)
    closed = made(cloud, "rotation-closed", "def handler(event, context): pass", Timeout=3)
    with pytest.raises(ClientError, match=r"AccessDenied.*secretsmanager\.amazonaws\.com"):
        client.rotate_secret(SecretId="rotation-refused", RotationLambdaARN=closed)
    assert "RotationEnabled" not in client.describe_secret(SecretId="rotation-refused")
