"""Models, through boto3."""

from datetime import UTC, datetime

import pytest

ROLE = "arn:aws:iam::123456789012:role/execution"
IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-inference:2.19-cpu"
ARN = "arn:aws:sagemaker:us-east-1:123456789012:model/"


@pytest.fixture
def client(local):
    return local.client("sagemaker")


@pytest.fixture
def data(local):
    s3 = local.client("s3")
    s3.create_bucket(Bucket="models-of-the-test")
    s3.put_object(Bucket="models-of-the-test", Key="a/model.tar.gz", Body=b"x")
    return "s3://models-of-the-test/a/model.tar.gz"


def refusal(client, operation, **request):
    with pytest.raises(client.exceptions.ClientError) as caught:
        getattr(client, operation)(**request)
    assert caught.value.response["Error"]["Code"] == "ValidationException"
    return caught.value.response["Error"]["Message"]


def test_a_model_is_described_as_it_was_created(client, data):
    before = datetime.now(UTC)
    answer = client.create_model(
        ModelName="My-Model",
        PrimaryContainer={"Image": IMAGE, "ModelDataUrl": data, "Environment": {"A": "1"}},
        ExecutionRoleArn=ROLE,
        EnableNetworkIsolation=True,
        Tags=[{"Key": "team", "Value": "reviews"}],
    )
    assert answer["ModelArn"] == ARN + "my-model"  # SageMaker's ARNs are in lower case
    found = client.describe_model(ModelName="My-Model")
    del found["ResponseMetadata"]
    assert before.replace(microsecond=0) <= found.pop("CreationTime") <= datetime.now(UTC)
    assert found == {
        "ModelName": "My-Model",
        "ModelArn": ARN + "my-model",
        "PrimaryContainer": {
            "Image": IMAGE,
            "Mode": "SingleModel",
            "ModelDataUrl": data,
            "Environment": {"A": "1"},
        },
        "ExecutionRoleArn": ROLE,
        "EnableNetworkIsolation": True,
    }
    listed = client.list_tags(ResourceArn=answer["ModelArn"])["Tags"]
    assert listed == [{"Key": "team", "Value": "reviews"}]


def test_a_deleted_model_is_gone_with_its_tags_and_its_name_is_free(client):
    request = {"ModelName": "m", "PrimaryContainer": {"Image": IMAGE}}
    client.create_model(**request, Tags=[{"Key": "a", "Value": "b"}])
    assert (
        refusal(client, "create_model", **request)
        == f'Cannot create already existing model "{ARN}m".'
    )
    client.delete_model(ModelName="m")
    for operation in ("describe_model", "delete_model"):
        text = refusal(client, operation, ModelName="m")
        assert text == f'Could not find model "{ARN}m".'
    client.create_model(**request)
    assert client.list_tags(ResourceArn=ARN + "m")["Tags"] == []


def test_models_are_listed_newest_first_a_page_at_a_time(client):
    for n in range(12):
        client.create_model(ModelName=f"m{n}", PrimaryContainer={"Image": IMAGE})
    pages = list(client.get_paginator("list_models").paginate())
    assert [len(page["Models"]) for page in pages] == [10, 2]
    names = [model["ModelName"] for page in pages for model in page["Models"]]
    assert names == [f"m{n}" for n in reversed(range(12))]
    found = client.list_models(NameContains="1", SortBy="Name", SortOrder="Ascending")["Models"]
    assert [model["ModelName"] for model in found] == ["m1", "m10", "m11"]


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ({}, "exactly one of PrimaryContainer and Containers"),
        (
            {"PrimaryContainer": {"Image": IMAGE}, "Containers": [{"Image": IMAGE}]},
            "exactly one of PrimaryContainer and Containers",
        ),
        ({"PrimaryContainer": {"Mode": "SingleModel"}}, "needs an Image or a ModelPackageName"),
        (
            {"PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": "s3://no-such-bucket/m"}},
            "Could not find model data at s3://no-such-bucket/m.",
        ),
        ({"PrimaryContainer": {"ModelPackageName": "none/1"}}, "none/1 does not exist."),
    ],
)
def test_what_could_not_be_served_is_refused(client, members, text):
    assert text in refusal(client, "create_model", ModelName="m", **members)


def test_data_below_a_prefix_may_come_later(client):
    source = {"S3Uri": "s3://later/x/", "S3DataType": "S3Prefix", "CompressionType": "None"}
    container = {"Image": IMAGE, "ModelDataSource": {"S3DataSource": source}}
    client.create_model(ModelName="m", PrimaryContainer=container)
    many = {"Image": IMAGE, "ModelDataUrl": "s3://later/x/", "Mode": "MultiModel"}
    client.create_model(ModelName="many", PrimaryContainer=many)


def test_a_version_must_be_approved_before_a_model_is_made_of_it(client, data):
    client.create_model_package_group(ModelPackageGroupName="g")
    of = client.create_model_package(
        ModelPackageGroupName="g",
        InferenceSpecification={"Containers": [{"Image": IMAGE, "ModelDataUrl": data}]},
    )["ModelPackageArn"]
    request = {"ModelName": "m", "Containers": [{"ModelPackageName": of}]}
    text = refusal(client, "create_model", **request)
    assert "is PendingManualApproval: it must be Approved" in text
    client.update_model_package(ModelPackageArn=of, ModelApprovalStatus="Approved")
    client.create_model(**request)
    found = client.describe_model(ModelName="m")["Containers"]
    assert found == [{"ModelPackageName": of, "Mode": "SingleModel", "Environment": {}}]


def test_models_come_and_go_with_events(local, client):
    seen = []
    local.cloud.events.subscribe(seen.append)
    client.create_model(
        ModelName="m", PrimaryContainer={"Image": IMAGE}, Tags=[{"Key": "k", "Value": "v"}]
    )
    client.delete_model(ModelName="m")
    assert [event.detail_type for event in seen] == ["SageMaker Model State Change"] * 2
    for event in seen:
        assert event.resources == (ARN + "m",)
        assert event.detail["ModelName"] == "m"
        assert event.detail["Tags"] == {"k": "v"}


def test_models_survive_the_death_of_the_cloud(own_cloud):
    client = own_cloud.client("sagemaker")
    client.create_model(ModelName="m", PrimaryContainer={"Image": IMAGE})
    before = client.describe_model(ModelName="m")
    own_cloud.kill()
    own_cloud.port = 0  # the old one may be held by the system for a while
    own_cloud.start()
    after = own_cloud.client("sagemaker").describe_model(ModelName="m")
    assert before | {"ResponseMetadata": 0} == after | {"ResponseMetadata": 0}
