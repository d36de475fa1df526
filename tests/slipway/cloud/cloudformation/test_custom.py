"""Custom resources, wait conditions and nested stacks, with real functions and real addresses."""

import io
import json
import time
import zipfile

import pytest

CODE = """
import json, urllib.request

def handler(event, context):
    asked = event["ResourceProperties"]
    body = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
    body |= {"Status": "SUCCESS", "PhysicalResourceId": asked["Name"], "Data": {"Verb": event["RequestType"]}}
    if event["RequestType"] == "Create":
        body["Data"]["Flag"] = asked.get("Flag")
    if asked.get("Bad") and event["RequestType"] != "Delete":
        body |= {"Status": "FAILED", "Reason": "it is bad"}
    request = urllib.request.Request(
        event["ResponseURL"], json.dumps(body).encode(), {"Content-Type": ""}, method="PUT"
    )
    urllib.request.urlopen(request).close()
    import boto3
    boto3.client("ssm").put_parameter(
        Name=f"/custom/{event['RequestType']}/{event.get('PhysicalResourceId', 'new')}/{asked['Name']}",
        Value=json.dumps(event.get("OldResourceProperties", {})), Type="String", Overwrite=True,
    )
"""
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


@pytest.fixture(scope="module")
def function(cloud):
    """The ARN of a function that makes custom resources."""
    role = cloud.client("iam").create_role(RoleName="cfn-custom", AssumeRolePolicyDocument=TRUST)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", CODE)
    made = cloud.client("lambda").create_function(
        FunctionName="cfn-custom",
        Role=role["Role"]["Arn"],
        Runtime="python3.12",
        Handler="index.handler",
        Code={"ZipFile": archive.getvalue()},
    )
    return made["FunctionArn"]


def settled(stacks, name):
    while True:
        (found,) = stacks.describe_stacks(StackName=name)["Stacks"]
        if not found["StackStatus"].endswith("_IN_PROGRESS"):
            return found
        time.sleep(0.05)


def noted(cloud, name):
    """Return what the function wrote down of a request, once it has."""
    for _ in range(200):
        found = cloud.client("ssm").get_parameters(Names=[name])["Parameters"]
        if found:
            return json.loads(found[0]["Value"])
        time.sleep(0.05)
    raise AssertionError(f"the function was not asked: {name}")


def custom(function, **properties):
    resources = {
        "It": {"Type": "Custom::It", "Properties": {"ServiceToken": function, **properties}}
    }
    outputs = {"Verb": {"Value": {"Fn::GetAtt": ["It", "Verb"]}}, "Id": {"Value": {"Ref": "It"}}}
    return json.dumps({"Resources": resources, "Outputs": outputs})


def outputs(found):
    return {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]}


def test_a_custom_resource_from_creation_to_deletion(cloud, function):
    stacks = cloud.client("cloudformation")
    body = custom(function, Name="one", Flag=True)
    stacks.create_stack(StackName="cfn-custom", TemplateBody=body)
    found = settled(stacks, "cfn-custom")
    assert found["StackStatus"] == "CREATE_COMPLETE", found
    assert outputs(found) == {"Verb": "Create", "Id": "one"}
    stacks.update_stack(StackName="cfn-custom", TemplateBody=custom(function, Name="two"))
    found = settled(stacks, "cfn-custom")
    assert outputs(found) == {"Verb": "Update", "Id": "two"}
    old = noted(cloud, "/custom/Update/one/two")
    assert old == {"ServiceToken": function, "Name": "one", "Flag": "true"}
    noted(cloud, "/custom/Delete/one/one")  # it was replaced
    bad = custom(function, Name="three", Bad=True)
    stacks.update_stack(StackName="cfn-custom", TemplateBody=bad)
    found = settled(stacks, "cfn-custom")
    assert found["StackStatus"] == "UPDATE_ROLLBACK_COMPLETE"
    assert outputs(found)["Id"] == "two"
    events = stacks.describe_stack_events(StackName="cfn-custom")["StackEvents"]
    reasons = [each.get("ResourceStatusReason", "") for each in events]
    said = "Received response status [FAILED] from custom resource. Message returned: it is bad"
    assert any(reason.startswith(said) for reason in reasons)
    stacks.delete_stack(StackName="cfn-custom")
    noted(cloud, "/custom/Delete/two/two")


def test_who_does_not_answer_in_time(cloud, function):
    stacks = cloud.client("cloudformation")
    topic = cloud.client("sns").create_topic(Name="cfn-nobody")["TopicArn"]
    stacks.create_stack(
        StackName="cfn-silent", TemplateBody=custom(topic, Name="x", ServiceTimeout=1), OnFailure="DO_NOTHING"
    )  # fmt: skip
    assert settled(stacks, "cfn-silent")["StackStatus"] == "CREATE_FAILED"
    found = stacks.describe_stack_resource(StackName="cfn-silent", LogicalResourceId="It")
    said = found["StackResourceDetail"]["ResourceStatusReason"]
    assert said.startswith("CloudFormation did not receive a response from your Custom Resource.")


def test_a_nested_stack_and_a_template_in_s3(cloud):
    stacks, s3 = cloud.client("cloudformation"), cloud.client("s3")
    s3.create_bucket(Bucket="cfn-templates")

    def inner(value, **more):
        own = {"Type": "String", "Value": {"Ref": "Text"}, "Name": "/cfn-nested"}
        resources = {"P": {"Type": "AWS::SSM::Parameter", "Properties": own}, **more}
        parameters = {"Text": {"Type": "String"}}
        found = {"Parameters": parameters, "Resources": resources, "Description": value}
        found["Outputs"] = {"Text": {"Value": {"Fn::GetAtt": ["P", "Value"]}}}
        s3.put_object(Bucket="cfn-templates", Key=f"{value}.json", Body=json.dumps(found))
        return f"{cloud.endpoint}/cfn-templates/{value}.json"

    def outer(url, text):
        nested = {"TemplateURL": url, "Parameters": {"Text": text}}
        return json.dumps(
            {
                "Resources": {"In": {"Type": "AWS::CloudFormation::Stack", "Properties": nested}},
                "Outputs": {"Text": {"Value": {"Fn::GetAtt": ["In", "Outputs.Text"]}}},
            }
        )

    stacks.create_stack(StackName="cfn-outer", TemplateBody=outer(inner("a"), "hello"))
    found = settled(stacks, "cfn-outer")
    assert (found["StackStatus"], outputs(found)) == ("CREATE_COMPLETE", {"Text": "hello"})
    listed = stacks.list_stack_resources(StackName="cfn-outer")["StackResourceSummaries"]
    (child,) = stacks.describe_stacks(StackName=listed[0]["PhysicalResourceId"])["Stacks"]
    assert child["ParentId"] == child["RootId"] == found["StackId"]
    stacks.update_stack(StackName="cfn-outer", TemplateBody=outer(inner("b"), "world"))
    assert outputs(settled(stacks, "cfn-outer")) == {"Text": "world"}
    wrong = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "Wrong", "Value": "x"}}
    stacks.update_stack(StackName="cfn-outer", TemplateBody=outer(inner("c", Q=wrong), "bad"))
    found = settled(stacks, "cfn-outer")
    assert (found["StackStatus"], outputs(found)) == (
        "UPDATE_ROLLBACK_COMPLETE",
        {"Text": "world"},
    )
    stacks.delete_stack(StackName="cfn-outer")
    while stacks.describe_stacks(StackName=found["StackId"])["Stacks"][0]["StackStatus"] != (
        "DELETE_COMPLETE"
    ):
        time.sleep(0.05)
    assert not cloud.client("ssm").get_parameters(Names=["/cfn-nested"])["Parameters"]
