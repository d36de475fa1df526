"""A cloud that is killed in the middle of a stack's operation goes on with it, and makes nothing twice."""

import json
import random
import threading
import time
import urllib.request

import pytest
from botocore.exceptions import BotoCoreError, ClientError


def settled(stacks, name):
    while True:
        (found,) = stacks.describe_stacks(StackName=name)["Stacks"]
        if not found["StackStatus"].endswith("_IN_PROGRESS"):
            return found
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
def test_killed_during_a_creation_and_during_the_deletion(own_cloud, seed):
    names = [f"Key{number}" for number in range(8)]
    resources = {name: {"Type": "AWS::KMS::Key", "Properties": {}} for name in names}
    for number, name in enumerate(names):
        resources[f"Note{number}"] = {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Type": "String", "Value": {"Ref": name}},
        }
    resources["Handle"] = {"Type": "AWS::CloudFormation::WaitConditionHandle"}
    resources["Wait"] = {
        "Type": "AWS::CloudFormation::WaitCondition",
        "Properties": {"Handle": {"Ref": "Handle"}, "Timeout": "60"},
    }
    body = json.dumps({"Resources": resources, "Outputs": {"Url": {"Value": {"Ref": "Handle"}}}})
    own_cloud.client("kms").list_keys()  # the ground is there
    stacks = own_cloud.client("cloudformation")

    def create():
        try:
            stacks.create_stack(StackName="killed", TemplateBody=body)
        except (BotoCoreError, ClientError):
            return

    creating = threading.Thread(target=create)
    creating.start()
    while True:
        try:
            stack_id = stacks.describe_stacks(StackName="killed")["Stacks"][0]["StackId"]
            break
        except ClientError:
            time.sleep(0.005)
    time.sleep(random.Random(seed).uniform(0.0, 0.15))
    own_cloud.kill()
    creating.join()
    own_cloud.start()
    stacks = own_cloud.client("cloudformation")
    while not (url := handle(stacks)):
        time.sleep(0.05)
    signal = json.dumps({"Status": "SUCCESS", "UniqueId": "1", "Data": "x", "Reason": ""})
    request = urllib.request.Request(url, signal.encode(), {"Content-Type": ""}, method="PUT")
    with urllib.request.urlopen(request) as answered:
        assert answered.status == 200
    found = settled(stacks, "killed")
    assert found["StackStatus"] == "CREATE_COMPLETE", found
    kms, ssm = own_cloud.client("kms"), own_cloud.client("ssm")
    keys = {each["KeyId"] for each in kms.list_keys()["Keys"]}
    listed = stacks.list_stack_resources(StackName="killed")["StackResourceSummaries"]
    physical = {
        each["PhysicalResourceId"] for each in listed if each["ResourceType"].endswith("Key")
    }
    assert keys == physical and len(keys) == len(names)
    assert len(ssm.describe_parameters()["Parameters"]) == len(names)

    def delete():
        try:
            stacks.delete_stack(StackName="killed")
        except (BotoCoreError, ClientError):
            return

    deleting = threading.Thread(target=delete)
    deleting.start()
    time.sleep(random.Random(seed).uniform(0.0, 0.1))
    own_cloud.kill()
    deleting.join()
    own_cloud.start()
    stacks = own_cloud.client("cloudformation")
    found = settled(stacks, stack_id)
    if found["StackStatus"] == "CREATE_COMPLETE":  # it was killed before it heard of the deletion
        stacks.delete_stack(StackName="killed")
        found = settled(stacks, stack_id)
    assert found["StackStatus"] == "DELETE_COMPLETE"
    assert not own_cloud.client("ssm").describe_parameters()["Parameters"]


def handle(stacks):
    """Return the address at which the stack waits, once it does."""
    try:
        found = stacks.describe_stack_resource(StackName="killed", LogicalResourceId="Handle")
    except ClientError:
        return ""
    return found["StackResourceDetail"].get("PhysicalResourceId", "")
