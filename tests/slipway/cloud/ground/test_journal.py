"""What was answered is there after a kill, with the same ids and times."""

import json

import pytest

from slipway.cloud.ground.journal import changes, entry, operation

TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
TEMPLATE = {
    "Resources": {
        "Bucket": {"Type": "AWS::S3::Bucket"},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {}}},
    }
}


def described(cloud, cipher: bytes) -> dict:
    """Everything that the clients say about what `build` made."""
    s3, iam, ec2 = cloud.client("s3"), cloud.client("iam"), cloud.client("ec2")
    kms, stacks = cloud.client("kms"), cloud.client("cloudformation")
    answers = {
        "buckets": s3.list_buckets(),
        "versioning": s3.get_bucket_versioning(Bucket="kept"),
        "versions": s3.list_object_versions(Bucket="kept"),
        "roles": iam.list_roles(),
        "keys": iam.list_access_keys(UserName="somebody"),
        "policies": iam.list_attached_role_policies(RoleName="runs"),
        "vpcs": ec2.describe_vpcs(),
        "subnets": ec2.describe_subnets(),
        "pairs": ec2.describe_key_pairs(),
        "kms": kms.describe_key(KeyId="alias/a"),
        "plain": kms.decrypt(CiphertextBlob=cipher),
        "secret": cloud.client("secretsmanager").get_secret_value(SecretId="s"),
        "queues": cloud.client("sqs", region="eu-west-1").list_queues(),
        "stack": stacks.describe_stack_resources(StackName="stack"),
    }
    for answer in answers.values():
        del answer["ResponseMetadata"]
    return answers


def build(cloud) -> bytes:
    s3, iam, kms = cloud.client("s3"), cloud.client("iam"), cloud.client("kms")
    s3.create_bucket(Bucket="kept")
    s3.put_bucket_versioning(Bucket="kept", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="kept", Key="a", Body=b"1", Metadata={"x": "y"})
    s3.put_object(Bucket="kept", Key="a", Body=b"2")
    iam.create_role(RoleName="runs", AssumeRolePolicyDocument=TRUST)
    iam.attach_role_policy(
        RoleName="runs", PolicyArn="arn:aws:iam::aws:policy/AmazonSageMakerFullAccess"
    )
    iam.create_user(UserName="somebody")
    iam.create_access_key(UserName="somebody")
    cloud.client("ec2").create_key_pair(KeyName="pair")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/a", TargetKeyId=key)
    cloud.client("secretsmanager").create_secret(Name="s", SecretString="hidden")
    cloud.client("sqs", region="eu-west-1").create_queue(QueueName="q")
    s3.put_object(Bucket="kept", Key="template.json", Body=json.dumps(TEMPLATE))
    stacks = cloud.client("cloudformation")
    stacks.create_stack(
        StackName="stack",
        TemplateURL=f"{cloud.endpoint}/kept/template.json",
        Capabilities=["CAPABILITY_IAM"],
    )
    config = {"Delay": 0.1, "MaxAttempts": 200}
    stacks.get_waiter("stack_create_complete").wait(StackName="stack", WaiterConfig=config)
    s3.delete_object(Bucket="kept", Key="template.json")  # the stack must not need it again
    return kms.encrypt(KeyId=key, Plaintext=b"secret")["CiphertextBlob"]


@pytest.mark.slow
def test_a_kill_right_after_an_answer_loses_nothing(own_cloud):
    cipher = build(own_cloud)
    before = described(own_cloud, cipher)
    assert before["plain"]["Plaintext"] == b"secret"
    own_cloud.kill()
    own_cloud.start()
    assert described(own_cloud, cipher) == before
    assert "hidden" not in (own_cloud.home / "cloud.log").read_text()
    body = own_cloud.client("s3").get_object(Bucket="kept", Key="a")["Body"]
    assert body.read() == b"2"
    # and what is made now does not collide with what was made then
    own_cloud.client("iam").create_role(RoleName="other", AssumeRolePolicyDocument=TRUST)
    roles = own_cloud.client("iam").list_roles()["Roles"]
    assert len({role["RoleId"] for role in roles}) == len(roles) == 3


def request(method="POST", path="/", query="", body=b"", **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return entry(method, path, query, headers, body)


FORM = "application/x-www-form-urlencoded; charset=utf-8"


@pytest.mark.parametrize(
    ("asked", "name", "written"),
    [
        (request(x_amz_target="AWSGlue.GetTables"), "GetTables", False),
        (request(x_amz_target="AWSGlue.CreateTable"), "CreateTable", True),
        (request(x_amz_target="AmazonSQS.ReceiveMessage"), "ReceiveMessage", True),
        (request(content_type=FORM, body=b"Action=ListRoles&Version=1"), "ListRoles", False),
        (request(content_type=FORM, body=b"Version=1&Action=CreateRole"), "CreateRole", True),
        (request(content_type=FORM, body=b"Action=AssumeRole"), "AssumeRole", True),
        (request("GET", query="Action=DeleteRole&RoleName=a"), "DeleteRole", True),
        (request("GET", query="Action=GetRole&RoleName=a"), "GetRole", False),
        (request("GET", "/bucket", "policy"), "", False),
        (request("PUT", "/bucket", "policy"), "", True),
        (request(path="/service/GraniteServiceVersion20100801/operation/PutMetricData"),
         "PutMetricData", True),
        (request(x_amz_target="X.Gettysburg"), "Gettysburg", True),
    ],
)  # fmt: skip
def test_what_may_change_something_is_written_down(asked, name, written):
    assert operation(asked) == name
    assert changes(asked) is written


def test_a_refused_request_leaves_no_entry(local):
    iam = local.client("iam")
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.delete_role(RoleName="nobody")
    with local.cloud.state.reading() as db:
        assert db.execute("SELECT count(*) FROM journal WHERE sequence > 0").fetchone() == (0,)
    iam.create_user(UserName="somebody")
    with local.cloud.state.reading() as db:
        assert db.execute("SELECT count(*) FROM journal WHERE sequence > 0").fetchone() == (1,)
