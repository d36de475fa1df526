"""Model package groups, their versions, and packages without a group, through boto3."""

import json
from datetime import UTC, datetime

import pytest

IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-inference:2.19-cpu"
PREFIX = "arn:aws:sagemaker:us-east-1:123456789012:"
SPECIFICATION = {
    "Containers": [{"Image": IMAGE, "ModelDataUrl": "s3://bucket/model.tar.gz"}],
    "SupportedContentTypes": ["application/jsonlines"],
    "SupportedResponseMIMETypes": ["application/jsonlines"],
}


@pytest.fixture
def client(local):
    client = local.client("sagemaker")
    client.create_model_package_group(
        ModelPackageGroupName="BERT-reviews",
        ModelPackageGroupDescription="Stars from text",
        Tags=[{"Key": "team", "Value": "reviews"}],
    )
    return client


def register(client, **members):
    request = {"ModelPackageGroupName": "BERT-reviews", "InferenceSpecification": SPECIFICATION}
    return client.create_model_package(**request | members)["ModelPackageArn"]


def refusal(client, operation, code="ValidationException", **request):
    with pytest.raises(client.exceptions.ClientError) as caught:
        getattr(client, operation)(**request)
    assert caught.value.response["Error"]["Code"] == code
    return caught.value.response["Error"]["Message"]


def numbers(client, **filters):
    pages = client.get_paginator("list_model_packages").paginate(**filters)
    return [
        package.get("ModelPackageVersion", package.get("ModelPackageName"))
        for page in pages
        for package in page["ModelPackageSummaryList"]
    ]


def test_a_group_is_described_by_name_and_by_arn(client):
    of = PREFIX + "model-package-group/bert-reviews"
    for name in ("BERT-reviews", of):
        found = client.describe_model_package_group(ModelPackageGroupName=name)
        assert found["ModelPackageGroupName"] == "BERT-reviews"
        assert found["ModelPackageGroupArn"] == of
        assert found["ModelPackageGroupDescription"] == "Stars from text"
        assert found["ModelPackageGroupStatus"] == "Completed"
    assert client.list_tags(ResourceArn=of)["Tags"] == [{"Key": "team", "Value": "reviews"}]


def test_a_groups_name_is_given_once(client):
    text = refusal(
        client, "create_model_package_group", ModelPackageGroupName="bert-Reviews"
    )  # one ARN for both spellings
    assert text.startswith("Model Package Group already exists: " + PREFIX)


def test_a_group_with_versions_is_not_deleted(client):
    of = register(client)
    text = refusal(
        client,
        "delete_model_package_group",
        "ConflictException",
        ModelPackageGroupName="BERT-reviews",
    )
    assert "cannot be deleted because it still contains Model Packages" in text
    client.delete_model_package(ModelPackageName=of)
    client.delete_model_package_group(ModelPackageGroupName="BERT-reviews")
    text = refusal(client, "describe_model_package_group", ModelPackageGroupName="BERT-reviews")
    arn = PREFIX + "model-package-group/bert-reviews"
    assert text == f"ModelPackageGroup {arn} does not exist."


def test_a_groups_policy_comes_and_goes(client):
    name = {"ModelPackageGroupName": "BERT-reviews"}
    assert "Cannot find resource policy" in refusal(
        client, "get_model_package_group_policy", **name
    )
    statement = {"Effect": "Allow", "Principal": {"AWS": "999999999999"}, "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement | {"Action": "sagemaker:*"}]}
    client.put_model_package_group_policy(**name, ResourcePolicy=json.dumps(policy))
    found = client.get_model_package_group_policy(**name)["ResourcePolicy"]
    assert json.loads(found) == policy
    client.delete_model_package_group_policy(**name)
    assert "Cannot find" in refusal(client, "get_model_package_group_policy", **name)
    broken = {"Version": "2012-10-17", "Statement": [statement]}
    text = refusal(
        client, "put_model_package_group_policy", **name, ResourcePolicy=json.dumps(broken)
    )
    assert "needs Action" in text


def test_versions_count_from_one_and_no_number_comes_twice(client):
    assert register(client) == PREFIX + "model-package/bert-reviews/1"
    second = register(client)
    client.delete_model_package(ModelPackageName=second)
    assert register(client) == PREFIX + "model-package/bert-reviews/3"
    assert numbers(client, ModelPackageGroupName="BERT-reviews") == [1, 3]


def test_a_version_is_described_as_it_was_registered(client):
    members = {
        "ModelPackageDescription": "after 3 epochs",
        "ModelMetrics": {
            "ModelQuality": {
                "Statistics": {"ContentType": "application/json", "S3Uri": "s3://b/evaluation.json"}
            }
        },
        "MetadataProperties": {"GeneratedBy": "arn:…/execution/abc", "CommitId": "f00"},
        "CustomerMetadataProperties": {"accuracy": "0.61"},
        "ModelLifeCycle": {"Stage": "Development", "StageStatus": "InProgress"},
        "Domain": "NATURAL_LANGUAGE_PROCESSING",
        "Task": "TEXT_CLASSIFICATION",
    }
    of = register(client, **members)
    found = client.describe_model_package(ModelPackageName=of)
    assert {member: found[member] for member in members} == members
    assert found["InferenceSpecification"] == SPECIFICATION
    assert found["ModelPackageGroupName"] == "BERT-reviews"
    assert "ModelPackageName" not in found
    assert found["ModelPackageVersion"] == 1
    assert found["ModelPackageStatus"] == "Completed"
    assert found["ModelPackageStatusDetails"]["ValidationStatuses"] == []
    assert found["ModelApprovalStatus"] == "PendingManualApproval"
    assert found["CertifyForMarketplace"] is False
    assert "LastModifiedTime" not in found
    shorter = client.describe_model_package(ModelPackageName="bert-reviews/1")
    assert shorter["ModelPackageArn"] == of


def test_approval_is_given_with_a_reason_and_taken_back(client):
    of = register(client)
    for status in ("Approved", "Rejected", "Approved"):
        client.update_model_package(
            ModelPackageArn=of, ModelApprovalStatus=status, ApprovalDescription=f"is {status}"
        )
        found = client.describe_model_package(ModelPackageName=of)
        assert found["ModelApprovalStatus"] == status
        assert found["ApprovalDescription"] == f"is {status}"
        assert found["LastModifiedTime"] >= found["CreationTime"]
    register(client)
    filters = {"ModelPackageGroupName": "BERT-reviews"}
    assert numbers(client, ModelApprovalStatus="Approved", **filters) == [1]
    assert numbers(client, ModelApprovalStatus="PendingManualApproval", **filters) == [2]


def test_every_change_sends_an_event_that_names_what_changed(local, client):
    seen = []
    local.cloud.events.subscribe(seen.append)
    of = register(client)
    client.update_model_package(
        ModelPackageArn=of, ModelApprovalStatus="Approved", ApprovalDescription="good"
    )
    made, approved = seen
    for event in seen:
        assert event.detail_type == "SageMaker Model Package State Change"
        assert event.source == "aws.sagemaker"
        assert event.resources == (of,)
        assert event.detail["ModelPackageVersion"] == 1
        assert event.detail["InferenceSpecification"] == SPECIFICATION
        datetime.fromisoformat(event.detail["CreationTime"])
        json.dumps(event.detail)
    assert made.detail["ModelApprovalStatus"] == "PendingManualApproval"
    assert "UpdatedModelPackageFields" not in made.detail
    assert approved.detail["ModelApprovalStatus"] == "Approved"
    assert approved.detail["UpdatedModelPackageFields"] == [
        "ModelApprovalStatus",
        "ApprovalDescription",
    ]


def test_customer_metadata_is_added_and_removed(client):
    of = register(client, CustomerMetadataProperties={"a": "1", "b": "2"})
    client.update_model_package(
        ModelPackageArn=of,
        CustomerMetadataProperties={"b": "3", "c": "4"},
        CustomerMetadataPropertiesToRemove=["a"],
    )
    found = client.describe_model_package(ModelPackageName=of)
    assert found["CustomerMetadataProperties"] == {"b": "3", "c": "4"}
    client.update_model_package(ModelPackageArn=of, CustomerMetadataPropertiesToRemove=["b", "c"])
    found = client.describe_model_package(ModelPackageName=of)
    assert "CustomerMetadataProperties" not in found
    many = {f"k{n}": "v" for n in range(50)}
    client.update_model_package(ModelPackageArn=of, CustomerMetadataProperties=many)
    text = refusal(
        client,
        "update_model_package",
        ModelPackageArn=of,
        CustomerMetadataProperties={"one": "more"},
    )
    assert "At most 50" in text


def test_additional_inference_specifications_have_names_of_their_own(client):
    def named(*names):
        return [{"Name": name, "Containers": [{"Image": IMAGE}]} for name in names]

    of = register(client, AdditionalInferenceSpecifications=named("cpu"))
    add = {"ModelPackageArn": of}
    client.update_model_package(**add, AdditionalInferenceSpecificationsToAdd=named("gpu"))
    found = client.describe_model_package(ModelPackageName=of)
    assert [s["Name"] for s in found["AdditionalInferenceSpecifications"]] == ["cpu", "gpu"]
    for names in (["cpu"], [f"n{n}" for n in range(14)]):
        text = refusal(
            client,
            "update_model_package",
            **add,
            AdditionalInferenceSpecificationsToAdd=named(*names),
        )
        assert "At most 15 AdditionalInferenceSpecifications" in text


def test_an_archived_card_is_frozen_and_hidden_on_request(client):
    content = json.dumps({"model_overview": {"model_creator": "ann"}})
    of = register(client, ModelCard={"ModelCardContent": content, "ModelCardStatus": "Draft"})
    found = client.describe_model_package(ModelPackageName=of)["ModelCard"]
    assert found == {"ModelCardContent": content, "ModelCardStatus": "Draft"}
    hidden = client.describe_model_package(ModelPackageName=of, IncludedData="MetadataOnly")
    assert hidden["ModelCard"] == {"ModelCardStatus": "Draft"}
    client.update_model_package(ModelPackageArn=of, ModelCard={"ModelCardStatus": "Archived"})
    change = {"ModelCard": {"ModelCardContent": "{}"}}
    text = refusal(client, "update_model_package", ModelPackageArn=of, **change)
    assert "Archived" in text
    broken = {"ModelPackageArn": register(client), "ModelCard": {"ModelCardContent": "{"}}
    assert "must be JSON" in refusal(client, "update_model_package", **broken)


def test_a_package_without_a_group_is_listed_apart(client):
    register(client)
    request = {"ModelPackageName": "alone", "InferenceSpecification": SPECIFICATION}
    client.create_model_package(**request, Tags=[{"Key": "a", "Value": "b"}])
    found = client.describe_model_package(ModelPackageName="alone")
    assert found["ModelPackageArn"] == PREFIX + "model-package/alone"
    assert "ModelApprovalStatus" not in found
    assert numbers(client) == ["alone"]
    assert numbers(client, ModelPackageType="Versioned") == [1]
    assert sorted(map(str, numbers(client, ModelPackageType="Both"))) == ["1", "alone"]
    assert client.list_tags(ResourceArn=found["ModelPackageArn"])["Tags"]
    text = refusal(client, "create_model_package", **request)
    assert text == f"ModelPackage already exists: {found['ModelPackageArn']}"


def test_versions_are_listed_oldest_first_in_pages(client):
    for _ in range(12):
        register(client)
    group = {"ModelPackageGroupName": "BERT-reviews"}
    assert numbers(client, **group) == list(range(1, 13))
    assert numbers(client, **group, SortOrder="Descending")[0] == 12
    by_name = numbers(client, **group, SortBy="Name", PaginationConfig={"PageSize": 5})
    assert sorted(by_name) == list(range(1, 13))
    future = datetime(2100, 1, 1, tzinfo=UTC)
    assert numbers(client, **group, CreationTimeAfter=future) == []
    assert numbers(client, **group, NameContains="BERT") == list(range(1, 13))


def test_many_versions_are_described_at_once(client):
    first, none = register(client), PREFIX + "model-package/bert-reviews/7"
    answer = client.batch_describe_model_package(ModelPackageArnList=[first, none])
    assert list(answer["ModelPackageSummaries"]) == [first]
    assert answer["ModelPackageSummaries"][first]["InferenceSpecification"] == SPECIFICATION
    error = answer["BatchDescribeModelPackageErrorMap"][none]
    assert error == {
        "ErrorCode": "ValidationException",
        "ErrorResponse": f"ModelPackage {none} does not exist.",
    }


def test_a_clients_token_makes_one_version(client):
    first = register(client, ClientToken="t")
    assert register(client, ClientToken="t") == first
    assert register(client, ClientToken="u") != first


def test_a_package_is_made_of_another_or_of_a_model(client):
    first = register(client)
    copy = client.create_model_package(ModelPackageGroupName="BERT-reviews", SourceUri=first)
    found = client.describe_model_package(ModelPackageName=copy["ModelPackageArn"])
    assert found["InferenceSpecification"] == SPECIFICATION
    assert found["SourceUri"] == first
    container = {"Image": IMAGE, "Environment": {"A": "1"}}
    model = client.create_model(ModelName="m", PrimaryContainer=container)["ModelArn"]
    made = client.create_model_package(ModelPackageGroupName="BERT-reviews", SourceUri=model)
    found = client.describe_model_package(ModelPackageName=made["ModelPackageArn"])
    assert found["InferenceSpecification"]["Containers"] == [container]


@pytest.mark.parametrize(
    ("members", "text"),
    [
        (
            {"ModelPackageName": "m"},
            "Both ModelPackageName and ModelPackageGroupName are provided in the input. "
            "Cannot determine which one to use.",
        ),
        ({"ModelPackageGroupName": None}, "Missing ARN."),
        (
            {"ModelPackageGroupName": "none"},
            f"ModelPackageGroup {PREFIX}model-package-group/none does not exist.",
        ),
        ({"Tags": [{"Key": "a", "Value": "b"}]}, "Tags does not apply to a version"),
        ({"CertifyForMarketplace": True}, "CertifyForMarketplace does not apply to a version"),
        ({"SourceUri": PREFIX + "endpoint/x", "InferenceSpecification": None}, "SourceUri must"),
        (
            {
                "ValidationSpecification": {
                    "ValidationRole": "arn:aws:iam::123456789012:role/r",
                    "ValidationProfiles": [],
                }
            },
            "The local cloud does not support ValidationSpecification",
        ),
    ],
)
def test_what_cannot_be_registered_is_refused(local, client, members, text):
    client = local.client("sagemaker", parameter_validation=False)
    request = {"ModelPackageGroupName": "BERT-reviews", "InferenceSpecification": SPECIFICATION}
    request = {k: v for k, v in (request | members).items() if v is not None}
    assert text in refusal(client, "create_model_package", **request)
    assert numbers(client, ModelPackageGroupName="BERT-reviews") == []


def test_another_regions_registry_is_its_own(local, client):
    of = register(client)
    elsewhere = local.client("sagemaker", region="eu-west-1")
    assert elsewhere.list_model_package_groups()["ModelPackageGroupSummaryList"] == []
    assert "does not exist" in refusal(elsewhere, "describe_model_package", ModelPackageName=of)
