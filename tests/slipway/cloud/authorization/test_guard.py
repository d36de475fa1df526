"""Requests through a cloud that enforces IAM: what passes, what does not, and in which words."""

import json

import boto3
import pytest

from guarding import ACCOUNT, allow, document, new, refused
from slipway.cloud.credentials import Credentials


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
