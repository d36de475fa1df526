"""Tags of Slipway's resources, and of those that the ground has."""

import pytest

from slipway.cloud.sagemaker import tags
from slipway.cloud.service import Call

ARN = "arn:aws:sagemaker:us-east-1:123456789012:training-job/t"


@pytest.fixture
def client(local):
    call = Call(local.cloud, "sagemaker", "CreateTrainingJob", "us-east-1", "test")
    tags.put(call, ARN, [{"Key": "a", "Value": "1"}])
    return local.client("sagemaker")


def shown(client, arn=ARN):
    pages = client.get_paginator("list_tags").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def test_tags_are_added_overwritten_and_removed(client):
    added = [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": ""}]
    answer = client.add_tags(ResourceArn=ARN, Tags=added)
    assert answer["Tags"] == added
    assert shown(client) == {"a": "2", "b": ""}
    client.delete_tags(ResourceArn=ARN, TagKeys=["a", "not there"])
    assert shown(client) == {"b": ""}


def test_more_tags_than_a_page_are_all_listed(client):
    client.add_tags(ResourceArn=ARN, Tags=[{"Key": f"k{n}", "Value": "v"} for n in range(49)])
    first = client.list_tags(ResourceArn=ARN, MaxResults=50)
    assert len(first["Tags"]) == 50
    assert "NextToken" not in first
    page = client.list_tags(ResourceArn=ARN)  # the model wants at least 50 a page
    assert len(page["Tags"]) == 50


@pytest.mark.parametrize(
    ("new", "text"),
    [
        ([{"Key": "x", "Value": "1"}, {"Key": "x", "Value": "2"}], "Duplicate tag key: x"),
        ([{"Key": "aws:x", "Value": "1"}], "not allowed for external use"),
        ([{"Key": f"k{n}", "Value": "v"} for n in range(50)], "at most 50 tags; this would be 51"),
    ],
)
def test_tags_that_no_resource_can_have_are_refused(client, new, text):
    with pytest.raises(client.exceptions.ClientError, match=text):
        client.add_tags(ResourceArn=ARN, Tags=new)
    assert shown(client) == {"a": "1"}


def test_the_grounds_resources_keep_their_tags_there(client):
    answer = client.create_experiment(ExperimentName="tags-of-the-ground")
    client.add_tags(ResourceArn=answer["ExperimentArn"], Tags=[{"Key": "k", "Value": "v"}])
    assert shown(client, answer["ExperimentArn"]) == {"k": "v"}


def test_a_resource_that_nobody_has_is_told(client):
    with pytest.raises(client.exceptions.ClientError, match="Could not find") as caught:
        client.list_tags(ResourceArn=ARN + "x")
    assert caught.value.response["Error"]["Code"] == "ValidationException"
