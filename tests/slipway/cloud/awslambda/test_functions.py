"""Functions as resources: what is made, changed, published, named, shared and refused."""

import json
import time

import pytest
from botocore.exceptions import ClientError

from functions import invoked, made, role, zipped
from slipway.cloud.awslambda import code

ONE = "def handler(event, context):\n    return 1\n"
TWO = "def handler(event, context):\n    return 2\n"


@pytest.fixture
def client(cloud):
    return cloud.client("lambda")


def test_a_function_is_made_and_shown(cloud, client):
    arn = made(cloud, "shown", ONE, Description="d", Tags={"a": "b"}, Timeout=7)
    found = client.get_function(FunctionName=arn)
    config = found["Configuration"]
    assert (config["FunctionName"], config["State"], config["Timeout"]) == ("shown", "Active", 7)
    assert config["LastUpdateStatus"] == "Successful"
    assert config["CodeSize"] == len(zipped(main=ONE))
    assert found["Tags"] == {"a": "b"}
    assert found["Code"]["Location"].startswith("file://")
    client.get_waiter("function_active_v2").wait(FunctionName="shown")
    listed = [each["FunctionName"] for each in client.list_functions()["Functions"]]
    assert "shown" in listed
    client.delete_function(FunctionName="shown")
    with pytest.raises(client.exceptions.ResourceNotFoundException, match=f"not found: {arn}"):
        client.get_function(FunctionName="shown")


def test_code_comes_from_s3_and_from_a_version_there(cloud, client):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="functions-code")
    s3.put_bucket_versioning(Bucket="functions-code", VersioningConfiguration={"Status": "Enabled"})
    put = [s3.put_object(Bucket="functions-code", Key="k", Body=zipped(main=t)) for t in (ONE, TWO)]
    place = {"S3Bucket": "functions-code", "S3Key": "k"}
    made(cloud, "from-s3", "", Code=place | {"S3ObjectVersion": put[0]["VersionId"]})
    assert invoked(cloud, "from-s3")[0] == 1
    before = client.get_function_configuration(FunctionName="from-s3")
    dry = client.update_function_code(FunctionName="from-s3", DryRun=True, **place)
    assert dry["CodeSha256"] != before["CodeSha256"]
    assert invoked(cloud, "from-s3")[0] == 1
    client.update_function_code(FunctionName="from-s3", RevisionId=before["RevisionId"], **place)
    assert invoked(cloud, "from-s3")[0] == 2
    with pytest.raises(client.exceptions.PreconditionFailedException):
        client.update_function_code(
            FunctionName="from-s3", RevisionId=before["RevisionId"], **place
        )
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="NoSuchKey"):
        client.update_function_code(FunctionName="from-s3", S3Bucket="functions-code", S3Key="none")


def test_versions_stay_as_they_are_and_aliases_move(cloud, client):
    made(cloud, "versions", ONE, Publish=True)
    client.create_alias(FunctionName="versions", Name="live", FunctionVersion="1")
    client.update_function_code(FunctionName="versions", ZipFile=zipped(main=TWO))
    second = client.publish_version(FunctionName="versions", Description="two")
    assert (second["Version"], second["Description"]) == ("2", "two")
    assert client.publish_version(FunctionName="versions")["Version"] == "2"  # nothing changed
    said = [invoked(cloud, "versions", Qualifier=q)[0] for q in ("1", "2", "$LATEST", "live")]
    assert said == [1, 2, 2, 1]
    client.update_alias(FunctionName="versions", Name="live", FunctionVersion="2")
    answer = client.invoke(FunctionName="versions:live")
    assert answer["ExecutedVersion"] == "2"
    both = {"AdditionalVersionWeights": {"1": 0.5}}
    client.update_alias(FunctionName="versions", Name="live", RoutingConfig=both)
    assert {invoked(cloud, "versions:live")[0] for _ in range(30)} == {1, 2}
    versions = client.list_versions_by_function(FunctionName="versions")["Versions"]
    assert [each["Version"] for each in versions] == ["$LATEST", "1", "2"]
    with pytest.raises(client.exceptions.ResourceConflictException):
        client.delete_function(FunctionName="versions", Qualifier="2")
    client.delete_alias(FunctionName="versions", Name="live")
    client.delete_function(FunctionName="versions", Qualifier="2")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.invoke(FunctionName="versions", Qualifier="2")


def test_who_may_call_is_a_policy(cloud, client):
    arn = made(cloud, "policy", ONE)
    client.add_permission(
        FunctionName="policy",
        StatementId="rule",
        Action="lambda:InvokeFunction",
        Principal="events.amazonaws.com",
        SourceArn="arn:aws:events:us-east-1:123456789012:rule/r",
    )
    policy = json.loads(client.get_policy(FunctionName="policy")["Policy"])
    assert policy["Statement"] == [
        {
            "Sid": "rule",
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "lambda:InvokeFunction",
            "Resource": arn,
            "Condition": {
                "ArnLike": {"AWS:SourceArn": "arn:aws:events:us-east-1:123456789012:rule/r"}
            },
        }
    ]
    with pytest.raises(client.exceptions.ResourceConflictException):
        client.add_permission(
            FunctionName="policy", StatementId="rule", Action="lambda:*", Principal="*"
        )
    client.remove_permission(FunctionName="policy", StatementId="rule")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_policy(FunctionName="policy")


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"Role": "arn:aws:iam::123456789012:role/nobody"}, "cannot be assumed by Lambda"),
        ({"Code": {"ZipFile": b"no zip"}}, "Could not unzip uploaded file"),
        ({"Code": {"ImageUri": "i"}, "PackageType": "Image"}, "does not support Code.ImageUri"),
        ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "in this request: AWS_REGION"),
        ({"Environment": {"Variables": {"ALL": "x" * 5000}}}, "exceeded the 4KB limit"),
        ({"Timeout": 901}, "at most 900 seconds"),
        ({"FileSystemConfigs": [
            {"Arn": "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-" + "0" * 17,
             "LocalMountPath": "/mnt/x"}]}, "there is no EFS"),
        ({"VpcConfig": {"SubnetIds": ["subnet-none"]}}, "InvalidSubnetID.NotFound"),
    ],
)  # fmt: skip
def test_functions_that_are_refused(cloud, more, text):
    with pytest.raises(ClientError, match=text):
        made(cloud, "refused", ONE, **more)


def test_what_lambda_does_not_have_here_is_refused_by_name(cloud, client):
    made(cloud, "plain", ONE)
    with pytest.raises(ClientError, match="lambda CreateFunctionUrlConfig") as refused:
        client.create_function_url_config(FunctionName="plain", AuthType="NONE")
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    with pytest.raises(ClientError, match="lambda PutProvisionedConcurrencyConfig"):
        client.put_provisioned_concurrency_config(
            FunctionName="plain", Qualifier="1", ProvisionedConcurrentExecutions=1
        )


def test_the_subnets_of_a_function_are_shown(cloud, client):
    ec2 = cloud.client("ec2")
    subnet = ec2.describe_subnets()["Subnets"][0]
    vpc = {"SubnetIds": [subnet["SubnetId"]], "SecurityGroupIds": ["sg-1"]}
    made(cloud, "subnets", ONE, VpcConfig=vpc)
    found = client.get_function_configuration(FunctionName="subnets")["VpcConfig"]
    assert found == vpc | {"VpcId": subnet["VpcId"], "Ipv6AllowedForDualStack": False}


def test_code_that_nobody_has_any_more_is_removed(shared):
    cloud = shared.cloud
    kept, gone = (code.take(cloud, {"ZipFile": zipped(main=text)}) for text in (ONE, TWO))
    code.sweep(cloud, {kept.digest})
    assert code.unpacked(cloud, kept.digest).is_dir() and code.zipped(cloud, kept.digest).is_file()
    assert not code.unpacked(cloud, gone.digest).exists()
    assert not code.zipped(cloud, gone.digest).exists()


def test_a_step_of_a_pipeline_calls_a_function(cloud):
    main = "def handler(event, context):\n    return {'sum': event['a'] + 1, 'name': 'n'}\n"
    function = made(cloud, "step", main)
    outputs = [
        {"OutputName": "sum", "OutputType": "Integer"},
        {"OutputName": "name", "OutputType": "String"},
    ]
    step = {"Name": "Call", "Type": "Lambda", "FunctionArn": function, "Arguments": {"a": 2}}
    text = json.dumps({"Version": "2020-12-01", "Steps": [step | {"OutputParameters": outputs}]})
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_pipeline(
        PipelineName="calls-a-function", RoleArn=role(cloud), PipelineDefinition=text
    )
    execution = sagemaker.start_pipeline_execution(PipelineName="calls-a-function")
    arn, until = execution["PipelineExecutionArn"], time.monotonic() + 20
    while time.monotonic() < until:
        status = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
        if status["PipelineExecutionStatus"] != "Executing":
            break
        time.sleep(0.05)
    (step,) = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)[
        "PipelineExecutionSteps"
    ]
    assert step["StepStatus"] == "Succeeded", step
    listed = step["Metadata"]["Lambda"]["OutputParameters"]
    assert {each["Name"]: each["Value"] for each in listed} == {"sum": "3", "name": "n"}
