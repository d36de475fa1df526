"""Requests through a cloud that enforces IAM: what passes, what does not, and in which words."""

import json
import uuid

import boto3
import pytest
from botocore import UNSIGNED

from guarding import ACCOUNT, allow, deny, document, refused
from slipway.cloud.credentials import Credentials

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{uuid.UUID(int=1)}"


def new(prefix="guarded"):
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def bucket(guarded):
    s3 = guarded.client("s3")
    name = new()
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="raw/a.tsv", Body=b"a")
    s3.put_object(Bucket=name, Key="features/a.csv", Body=b"a")
    return name


def test_the_administrator_may_do_everything(guarded):
    assert guarded.client("sts").get_caller_identity()["Arn"].endswith(":root")
    assert guarded.client("sagemaker").list_models()["Models"] == []


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("sagemaker", "list_models", "UnrecognizedClientException", 400),
        ("sts", "get_caller_identity", "InvalidClientTokenId", 403),
        ("s3", "list_buckets", "InvalidAccessKeyId", 403),
        ("ec2", "describe_vpcs", "AuthFailure", 401),
        ("lambda", "list_functions", "UnrecognizedClientException", 403),
    ],
)
def test_a_key_that_nobody_has_is_told_so(guarded, service, operation, code, status):
    client = boto3.client(
        service,
        "us-east-1",
        endpoint_url=guarded.cloud.endpoint,
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="x",
    )
    client.meta.events.register("before-send", guarded.send)
    found, _, answered = refused(getattr(client, operation))
    assert (found, answered) == (code, status)


NONE = "because no identity-based policy allows the {} action"


@pytest.mark.parametrize(
    ("service", "operation", "request_", "code", "action", "resource"),
    [
        ("sagemaker", "create_model", {"ModelName": "m", "ExecutionRoleArn": "ROLE"},
         "AccessDeniedException", "sagemaker:CreateModel",
         f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:model/m"),
        ("sagemaker-runtime", "invoke_endpoint", {"EndpointName": "e", "Body": b"x"},
         "AccessDeniedException", "sagemaker:InvokeEndpoint",
         f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:endpoint/e"),
        ("lambda", "invoke", {"FunctionName": "f"}, "AccessDeniedException",
         "lambda:InvokeFunction", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"),
        ("sns", "publish", {"TopicArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:t", "Message": "m"},
         "AuthorizationError", "SNS:Publish", f"arn:aws:sns:us-east-1:{ACCOUNT}:t"),
        ("sqs", "send_message", {"QueueUrl": f"http://localhost/{ACCOUNT}/q", "MessageBody": "m"},
         "AccessDeniedException", "sqs:SendMessage", f"arn:aws:sqs:us-east-1:{ACCOUNT}:q"),
        ("events", "put_events", {"Entries": [{"Source": "s", "DetailType": "d", "Detail": "{}"}]},
         "AccessDeniedException", "events:PutEvents",
         f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"),
        ("iam", "get_role", {"RoleName": "r"}, "AccessDenied", "iam:GetRole",
         f"arn:aws:iam::{ACCOUNT}:role/r"),
        ("logs", "get_log_events", {"logGroupName": "/g", "logStreamName": "s"},
         "AccessDeniedException", "logs:GetLogEvents",
         f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/g:log-stream:s"),
        ("cloudwatch", "put_metric_data", {"Namespace": "n", "MetricData": [{"MetricName": "m"}]},
         "AccessDenied", "cloudwatch:PutMetricData", ""),
        ("ec2", "describe_vpcs", {}, "UnauthorizedOperation", "ec2:DescribeVpcs", ""),
    ],
)  # fmt: skip
def test_what_nothing_allows_is_denied_in_the_services_words(
    guarded, service, operation, request_, code, action, resource
):
    role = guarded.role()
    client = guarded.as_role(service, role)
    request_ = {name: role if value == "ROLE" else value for name, value in request_.items()}
    found, message, _ = refused(getattr(client, operation), **request_)
    name = role.rpartition("/")[2]
    user = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/{name}/anna"
    on = f" on resource: {resource}" if resource else ""
    assert found.removesuffix("Exception") == code.removesuffix("Exception")
    assert message.endswith(
        f"{user} is not authorized to perform: {action}{on} {NONE.format(action)}"
    )


def test_s3_says_it_with_quotation_marks(guarded, bucket):
    s3 = guarded.allowed("s3", allow("s3:GetObject", f"arn:aws:s3:::{bucket}/features/*"))
    assert s3.get_object(Bucket=bucket, Key="features/a.csv")["Body"].read() == b"a"
    code, message, status = refused(s3.get_object, Bucket=bucket, Key="raw/a.tsv")
    assert (code, status) == ("AccessDenied", 403)
    assert f's3:GetObject on resource: "arn:aws:s3:::{bucket}/raw/a.tsv" because' in message
    assert refused(s3.head_object, Bucket=bucket, Key="raw/a.tsv")[0] == "403"


def test_who_may_not_list_does_not_learn_that_an_object_is_absent(guarded, bucket):
    read = allow("s3:GetObject", f"arn:aws:s3:::{bucket}/*")
    s3 = guarded.allowed("s3", read)
    assert refused(s3.get_object, Bucket=bucket, Key="none")[0] == "AccessDenied"
    s3 = guarded.allowed("s3", read, allow("s3:ListBucket", f"arn:aws:s3:::{bucket}"))
    assert refused(s3.get_object, Bucket=bucket, Key="none")[0] == "NoSuchKey"


def test_listing_is_known_by_its_prefix(guarded, bucket):
    only = {"StringLike": {"s3:prefix": "features/*"}}
    s3 = guarded.allowed("s3", allow("s3:ListBucket", f"arn:aws:s3:::{bucket}", Condition=only))
    assert s3.list_objects_v2(Bucket=bucket, Prefix="features/")["KeyCount"] == 1
    assert refused(s3.list_objects_v2, Bucket=bucket, Prefix="raw/")[0] == "AccessDenied"
    assert refused(s3.list_objects_v2, Bucket=bucket)[0] == "AccessDenied"


def test_a_copy_takes_reading_and_writing_and_a_deletion_every_key(guarded, bucket):
    s3 = guarded.allowed(
        "s3", allow(["s3:PutObject", "s3:DeleteObject"], f"arn:aws:s3:::{bucket}/x/*")
    )
    source = {"Bucket": bucket, "Key": "raw/a.tsv"}
    _, message, _ = refused(s3.copy_object, Bucket=bucket, Key="x/a", CopySource=source)
    assert "s3:GetObject on resource" in message
    s3.put_object(Bucket=bucket, Key="x/a", Body=b"")
    both = {"Objects": [{"Key": "x/a"}, {"Key": "raw/a.tsv"}]}
    assert "raw/a.tsv" in refused(s3.delete_objects, Bucket=bucket, Delete=both)[1]
    s3.delete_objects(Bucket=bucket, Delete={"Objects": both["Objects"][:1]})


def test_a_bucket_speaks_for_itself(guarded):
    own, name, role = guarded.client("s3"), new(), guarded.role()
    own.create_bucket(Bucket=name)
    own.put_object(Bucket=name, Key="k", Body=b"k")
    s3 = guarded.as_role("s3", role)
    assert refused(s3.get_object, Bucket=name, Key="k")[0] == "AccessDenied"
    objects = f"arn:aws:s3:::{name}/*"
    grant = allow("s3:GetObject", objects) | {"Principal": {"AWS": role}}
    own.put_bucket_policy(Bucket=name, Policy=document(grant))
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"k"
    elsewhere = {"StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}
    forbid = deny("s3:*", objects, Condition=elsewhere) | {"Principal": "*"}
    own.put_bucket_policy(Bucket=name, Policy=document(grant, forbid))
    _, message, _ = refused(s3.get_object, Bucket=name, Key="k")
    assert message.endswith("with an explicit deny in a resource-based policy")
    open_to_all = allow("s3:GetObject", objects) | {"Principal": "*"}
    own.put_bucket_policy(Bucket=name, Policy=document(open_to_all))
    anonymous = guarded.client("s3", signature_version=UNSIGNED)
    assert anonymous.get_object(Bucket=name, Key="k")["Body"].read() == b"k"
    assert refused(anonymous.delete_object, Bucket=name, Key="k")[0] == "AccessDenied"


def test_calls_from_a_vpc_go_through_its_endpoint(guarded, bucket):
    ec2, name = guarded.client("ec2"), new()
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    role = guarded.role(allow("s3:*"), allow("sagemaker:ListModels"))
    inside = guarded.as_role("s3", role, subnets=(subnet,))
    guarded.client("s3").create_bucket(Bucket=name)
    only = allow("s3:*", f"arn:aws:s3:::{name}/*") | {"Principal": "*"}
    made = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.amazonaws.us-east-1.s3", PolicyDocument=document(only)
    )["VpcEndpoint"]["VpcEndpointId"]
    forbid = deny("s3:PutObject", f"arn:aws:s3:::{name}/*",
                  Condition={"StringNotEquals": {"aws:SourceVpce": made}})  # fmt: skip
    guarded.client("s3").put_bucket_policy(
        Bucket=name, Policy=document(forbid | {"Principal": {"AWS": role}})
    )
    inside.put_object(Bucket=name, Key="k", Body=b"")
    outside = guarded.as_role("s3", role)
    assert "resource-based policy" in refused(outside.put_object, Bucket=name, Key="k")[1]
    _, message, _ = refused(inside.get_object, Bucket=bucket, Key="raw/a.tsv")
    assert message.endswith("because no VPC endpoint policy allows the s3:GetObject action")
    assert guarded.as_role("sagemaker", role, subnets=(subnet,)).list_models()


def job(name, role, **more):
    return {
        "TrainingJobName": name,
        "RoleArn": role,
        "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://none/out"},
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        **more,
    }


VPC = {"VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}}
GUARDS = {
    "subnets": ({"Null": {"sagemaker:VpcSubnets": "true"}}, {}, VPC),
    "a foreign subnet": (
        {"ForAnyValue:StringNotEquals": {"sagemaker:VpcSubnets": ["subnet-1"]}},
        {"VpcConfig": {"Subnets": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}}, VPC),
    "isolation": ({"BoolIfExists": {"sagemaker:NetworkIsolation": "false"}},
                  {}, {"EnableNetworkIsolation": True}),
    "encryption between instances": (
        {"BoolIfExists": {"sagemaker:InterContainerTrafficEncryption": "false"}},
        {"EnableInterContainerTrafficEncryption": False},
        {"EnableInterContainerTrafficEncryption": True}),
    "instance types": ({"ForAnyValue:StringNotLike": {"sagemaker:InstanceTypes": ["ml.m5.large"]}},
                       {"ResourceConfig": {"InstanceType": "ml.p4d.24xlarge", "InstanceCount": 1,
                                           "VolumeSizeInGB": 1}}, {}),
    "run time": ({"NumericGreaterThan": {"sagemaker:MaxRuntimeInSeconds": "3600"}},
                 {"StoppingCondition": {"MaxRuntimeInSeconds": 7200}}, {}),
    "output key": ({"ArnNotEquals": {"sagemaker:OutputKmsKey": KEY}}, {},
                   {"OutputDataConfig": {"S3OutputPath": "s3://none/out", "KmsKeyId": KEY}}),
    "tags": ({"Null": {"aws:RequestTag/project": "true"}}, {},
             {"Tags": [{"Key": "project", "Value": "reviews"}]}),
}  # fmt: skip


@pytest.mark.parametrize(("condition", "wrong", "right"), GUARDS.values(), ids=GUARDS)
def test_a_guardrail_stops_the_job_that_breaks_it(guarded, condition, wrong, right):
    role = guarded.role(
        allow(["sagemaker:*", "iam:PassRole"]),
        deny("sagemaker:CreateTrainingJob", Condition=condition),
    )
    sagemaker = guarded.as_role("sagemaker", role)
    _, message, _ = refused(sagemaker.create_training_job, **job(new(), role, **wrong))
    assert message.endswith("with an explicit deny in an identity-based policy")
    name = new()
    found = refused(sagemaker.create_training_job, **job(name, role, **right) | NO_IMAGE)
    assert "not authorized" not in found[1]


NO_IMAGE = {"AlgorithmSpecification": {"TrainingImage": "unknown", "TrainingInputMode": "File"}}


def test_a_role_is_passed_only_by_whom_may_and_to_which_service(guarded):
    job_role = guarded.role()
    create = allow("sagemaker:CreateTrainingJob")
    sagemaker = guarded.allowed("sagemaker", create)
    _, message, _ = refused(sagemaker.create_training_job, **job(new(), job_role) | NO_IMAGE)
    assert f"perform: iam:PassRole on resource: {job_role} because no identity" in message
    to = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    sagemaker = guarded.allowed("sagemaker", create, allow("iam:PassRole", job_role, Condition=to))
    assert "iam:PassRole" in refused(sagemaker.create_training_job, **job(new(), job_role))[1]
    to = {"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}}
    sagemaker = guarded.allowed("sagemaker", create, allow("iam:PassRole", job_role, Condition=to))
    found = refused(sagemaker.create_training_job, **job(new(), job_role) | NO_IMAGE)
    assert "not authorized" not in found[1]


@pytest.mark.parametrize(
    ("change", "may"),
    [
        ({"ModelApprovalStatus": "Approved"}, False),
        ({"ModelApprovalStatus": "Rejected"}, True),
        ({"ModelLifeCycle": {"Stage": "Production", "StageStatus": "Approved"}}, False),
        ({"ModelLifeCycle": {"Stage": "Staging", "StageStatus": "Approved"}}, True),
    ],
)
def test_who_may_approve_is_said_by_condition_keys(guarded, change, may):
    own, group = guarded.client("sagemaker"), new()
    own.create_model_package_group(ModelPackageGroupName=group)
    package = own.create_model_package(ModelPackageGroupName=group)["ModelPackageArn"]
    sagemaker = guarded.allowed(
        "sagemaker",
        allow("sagemaker:UpdateModelPackage", package.rpartition("/")[0] + "/*"),
        deny("sagemaker:UpdateModelPackage",
             Condition={"StringEquals": {"sagemaker:ModelApprovalStatus": "Approved"}}),
        deny("sagemaker:UpdateModelPackage",
             Condition={"StringEquals": {"sagemaker:ModelLifeCycle:stage": "Production"}}),
    )  # fmt: skip
    if may:
        assert sagemaker.update_model_package(ModelPackageArn=package, **change)
    else:
        assert (
            "explicit deny"
            in refused(sagemaker.update_model_package, ModelPackageArn=package, **change)[1]
        )


def test_tags_of_the_principal_and_of_the_resource_are_known(guarded):
    own, name = guarded.client("sagemaker"), new()
    own.create_model_package_group(ModelPackageGroupName=name, Tags=[{"Key": "team", "Value": "a"}])
    same = {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}}
    mine = guarded.role(allow("sagemaker:Describe*", Condition=same),
                        Tags=[{"Key": "team", "Value": "a"}])  # fmt: skip
    theirs = guarded.role(allow("sagemaker:Describe*", Condition=same),
                          Tags=[{"Key": "team", "Value": "b"}])  # fmt: skip
    asked = {"ModelPackageGroupName": name}
    assert guarded.as_role("sagemaker", mine).describe_model_package_group(**asked)
    theirs = guarded.as_role("sagemaker", theirs)
    assert "no identity-based" in refused(theirs.describe_model_package_group, **asked)[1]


def test_limits_of_a_session_and_of_a_boundary(guarded):
    sts, role = guarded.client("sts"), guarded.role(allow("sagemaker:*"))
    given = sts.assume_role(
        RoleArn=role, RoleSessionName="anna", Policy=document(allow("sagemaker:ListModels"))
    )["Credentials"]
    own = Credentials(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    sagemaker = guarded.client("sagemaker", own=own)
    assert sagemaker.list_models()
    assert "because no session policy allows" in refused(sagemaker.list_pipelines)[1]
    boundary = guarded.client("iam").create_policy(
        PolicyName=new(), PolicyDocument=document(allow("sagemaker:ListModels"))
    )["Policy"]["Arn"]
    bound = guarded.role(allow("sagemaker:*"), PermissionsBoundary=boundary)
    sagemaker = guarded.as_role("sagemaker", bound)
    assert sagemaker.list_models()
    assert "because no permissions boundary allows" in refused(sagemaker.list_pipelines)[1]


def test_a_key_is_for_whom_its_policy_leaves_it_to(guarded):
    own, role = guarded.client("kms"), guarded.role(allow("kms:*"))
    key = own.create_key()["KeyMetadata"]["Arn"]
    kms = guarded.as_role("kms", role)
    assert kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    admin = allow("kms:*") | {"Principal": {"AWS": guarded.role()}}
    own.put_key_policy(KeyId=key, PolicyName="default", Policy=document(admin))
    _, message, _ = refused(kms.generate_data_key, KeyId=key, KeySpec="AES_256")
    assert "because no resource-based policy allows the kms:GenerateDataKey action" in message


def test_objects_under_a_key_take_the_right_to_use_it(guarded):
    own, name = guarded.client("s3"), new()
    key = guarded.client("kms").create_key()["KeyMetadata"]["Arn"]
    own.create_bucket(Bucket=name)
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
    }
    own.put_bucket_encryption(
        Bucket=name,
        ServerSideEncryptionConfiguration={"Rules": [rule | {"BucketKeyEnabled": True}]},
    )
    may = allow("s3:*", [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"])
    s3 = guarded.allowed("s3", may)
    assert "kms:GenerateDataKey" in refused(s3.put_object, Bucket=name, Key="k", Body=b"")[1]
    own.put_object(Bucket=name, Key="k", Body=b"k")
    assert "kms:Decrypt" in refused(s3.get_object, Bucket=name, Key="k")[1]
    through = {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com",
                                "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{name}"}}  # fmt: skip
    s3 = guarded.allowed(
        "s3", may, allow(["kms:Decrypt", "kms:GenerateDataKey"], key, Condition=through)
    )
    s3.put_object(Bucket=name, Key="k", Body=b"k")
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"k"


def test_a_policy_counts_from_the_moment_it_is_put(guarded):
    role = guarded.role()
    sagemaker = guarded.as_role("sagemaker", role)
    assert refused(sagemaker.list_models)
    guarded.client("iam").put_role_policy(
        RoleName=role.rpartition("/")[2], PolicyName="p",
        PolicyDocument=json.dumps(json.loads(document(allow("sagemaker:ListModels")))),
    )  # fmt: skip
    assert sagemaker.list_models()


@pytest.mark.parametrize(
    ("service", "operation", "action"),
    [
        ("sns", "list_topics", "sns:ListTopics"),
        ("sns", "list_subscriptions", "sns:ListSubscriptions"),
        ("sqs", "list_queues", "sqs:ListQueues"),
        ("secretsmanager", "list_secrets", "secretsmanager:ListSecrets"),
        ("kms", "list_keys", "kms:ListKeys"),
        ("s3", "list_buckets", "s3:ListAllMyBuckets"),
        ("ecr", "describe_repositories", "ecr:DescribeRepositories"),
        ("lambda", "list_functions", "lambda:ListFunctions"),
        ("events", "list_rules", "events:ListRules"),
    ],
)
def test_what_is_about_nothing_in_particular_is_about_everything(
    guarded, service, operation, action
):
    assert getattr(guarded.allowed(service, allow(action)), operation)()
    narrow = guarded.allowed(service, allow(action, "arn:aws:s3:::none"))
    assert "no identity-based policy" in refused(getattr(narrow, operation))[1]


def test_a_bus_and_a_queue_speak_for_themselves(guarded):
    role = guarded.role()
    events, sqs = guarded.client("events"), guarded.client("sqs")
    put = {"Entries": [{"Source": "s", "DetailType": "d", "Detail": "{}"}]}
    assert refused(guarded.as_role("events", role).put_events, **put)
    bus = f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"
    grant = allow("events:PutEvents", bus) | {"Principal": {"AWS": role}, "Sid": "s"}
    events.put_permission(EventBusName="default", Policy=document(grant))
    assert guarded.as_role("events", role).put_events(**put)["FailedEntryCount"] == 0
    url = sqs.create_queue(QueueName=new())["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    mine = guarded.as_role("sqs", role)
    assert refused(mine.send_message, QueueUrl=url, MessageBody="m")
    grant = allow("sqs:SendMessage", arn) | {"Principal": {"AWS": role}}
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(grant)})
    assert mine.send_message(QueueUrl=url, MessageBody="m")
    assert refused(mine.purge_queue, QueueUrl=url)


def test_what_is_about_no_key_yet_asks_no_keys_policy(guarded):
    kms = guarded.allowed("kms", allow("kms:*"))
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    alias = f"alias/{new()}"
    kms.create_alias(AliasName=alias, TargetKeyId=key)
    assert kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"] == key


def test_an_access_point_decides_for_those_who_come_through_it(guarded):
    own, control, name = guarded.client("s3"), guarded.client("s3control"), new()
    own.create_bucket(Bucket=name)
    own.put_object(Bucket=name, Key="team/k", Body=b"k")
    own.put_object(Bucket=name, Key="other/k", Body=b"k")
    point = new("door")
    control.create_access_point(AccountId=ACCOUNT, Name=point, Bucket=name)
    found = control.get_access_point(AccountId=ACCOUNT, Name=point)
    door, alias = f"arn:aws:s3:us-east-1:{ACCOUNT}:accesspoint/{point}", found["Alias"]
    role = guarded.role()
    s3 = guarded.as_role("s3", role)
    assert door in refused(s3.get_object, Bucket=alias, Key="team/k")[1]
    grant = allow("s3:GetObject", f"{door}/object/team/*") | {"Principal": {"AWS": role}}
    control.put_access_point_policy(AccountId=ACCOUNT, Name=point, Policy=document(grant))
    assert s3.get_object(Bucket=alias, Key="team/k")["Body"].read() == b"k"
    assert refused(s3.get_object, Bucket=alias, Key="other/k")[0] == "AccessDenied"
    assert refused(s3.get_object, Bucket=name, Key="team/k")[0] == "AccessDenied"
    forbid = deny("s3:GetObject", f"arn:aws:s3:::{name}/*") | {"Principal": "*"}
    own.put_bucket_policy(Bucket=name, Policy=document(forbid))
    assert "explicit deny" in refused(s3.get_object, Bucket=alias, Key="team/k")[1]


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("sagemaker", "list_models", "ExpiredTokenException", 400),
        ("iam", "list_roles", "ExpiredToken", 403),
        ("s3", "list_buckets", "ExpiredToken", 400),
    ],
)
def test_a_session_that_has_expired_is_told_so(
    guarded, monkeypatch, service, operation, code, status
):
    given = guarded.client("sts").assume_role(
        RoleArn=guarded.role(allow("*")), RoleSessionName="anna", DurationSeconds=900
    )["Credentials"]
    keys = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    client = guarded.client(service, own=Credentials(*keys))
    assert getattr(client, operation)()
    late = given["Expiration"].timestamp() + 1
    monkeypatch.setattr("slipway.cloud.clock.now", lambda: late)
    found, _, answered = refused(getattr(client, operation))
    assert (found, answered) == (code, status)


def test_a_warehouse_is_known_by_its_id_and_a_security_group_too(guarded):
    own, ec2, name = guarded.client("redshift-serverless"), guarded.client("ec2"), new()
    namespace = own.create_namespace(namespaceName=name)["namespace"]["namespaceArn"]
    warehouse = guarded.allowed(
        "redshift-serverless", allow("redshift-serverless:GetNamespace", namespace)
    )
    assert warehouse.get_namespace(namespaceName=name)["namespace"]["namespaceArn"] == namespace
    own.create_namespace(namespaceName=new("other"))
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    made = ec2.create_security_group(GroupName=name, Description="d", VpcId=vpc)["GroupId"]
    group = f"arn:aws:ec2:us-east-1:{ACCOUNT}:security-group/{made}"
    guarded.allowed("ec2", allow("ec2:DeleteSecurityGroup", group)).delete_security_group(
        GroupId=made
    )


def test_every_alarm_that_is_to_be_deleted_counts(guarded):
    own, names = guarded.client("cloudwatch"), [new("mine"), new("others")]
    for name in names:
        own.put_metric_alarm(
            AlarmName=name,
            Namespace="N",
            MetricName="M",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        )
    mine = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:mine-*"
    allowed = guarded.allowed("cloudwatch", allow("cloudwatch:DeleteAlarms", mine))
    assert "no identity-based" in refused(allowed.delete_alarms, AlarmNames=names)[1]
    allowed.delete_alarms(AlarmNames=names[:1])
    left = own.describe_alarms(AlarmNames=names)["MetricAlarms"]
    assert [alarm["AlarmName"] for alarm in left] == names[1:]
