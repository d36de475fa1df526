"""Pipelines and their versions through the API."""

import json

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/pipelines"
TOKEN = "t" * 32


def definition(message="no"):
    step = {"Name": "F", "Type": "Fail", "Arguments": {"ErrorMessage": message}}
    return json.dumps({"Version": "2020-12-01", "Steps": [step]})


@pytest.fixture
def sagemaker(local):
    return local.client("sagemaker")


def create(sagemaker, name="Reviews", **more):
    request = {"RoleArn": ROLE, "PipelineDefinition": definition(), **more}
    return sagemaker.create_pipeline(PipelineName=name, **request)["PipelineArn"]


def code(refused):
    return refused.value.response["Error"]["Code"]


def test_what_was_created_is_described(sagemaker):
    arn = create(sagemaker, PipelineDescription="d", PipelineDisplayName="Shown")
    assert arn == "arn:aws:sagemaker:us-east-1:123456789012:pipeline/Reviews"
    for name in ("Reviews", "reviews", arn, arn.lower()):
        described = sagemaker.describe_pipeline(PipelineName=name)
        assert described["PipelineArn"] == arn
    assert described["PipelineDefinition"] == definition()
    assert described["PipelineStatus"] == "Active"
    assert described["PipelineDisplayName"] == "Shown"
    assert described["RoleArn"] == ROLE
    assert "LastRunTime" not in described


def test_a_name_is_unique_and_the_same_request_may_come_twice(sagemaker):
    first = create(sagemaker, ClientRequestToken=TOKEN)
    assert create(sagemaker, ClientRequestToken=TOKEN) == first
    with pytest.raises(ClientError, match="must be unique within an AWS account") as refused:
        create(sagemaker, "reviews")
    assert code(refused) == "ValidationException"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "Unable to parse pipeline definition"),
        ('{"Steps": [{"Name": "F", "Type": "Fayl"}]}', "Did you mean 'Fail'"),
        (definition({"Get": "Parameters.Nothing"}), "Nothing"),
    ],
)
def test_a_faulty_definition_is_refused_at_create_and_update(sagemaker, text, fault):
    with pytest.raises(ClientError, match=fault) as refused:
        create(sagemaker, PipelineDefinition=text)
    assert code(refused) == "ValidationException"
    create(sagemaker)
    with pytest.raises(ClientError, match=fault):
        sagemaker.update_pipeline(PipelineName="Reviews", PipelineDefinition=text)


def test_arguments_are_checked_when_the_pipeline_is_created(sagemaker):
    step = {"Name": "M", "Type": "Model", "Arguments": {"ExecutionRoleArn": ROLE, "Modell": 1}}
    with pytest.raises(ClientError, match="Unknown Argument member 'Modell'") as refused:
        create(sagemaker, PipelineDefinition=json.dumps({"Steps": [step]}))
    assert code(refused) == "ValidationException"


def test_only_a_new_definition_makes_a_new_version(sagemaker):
    create(sagemaker)
    same = json.dumps(json.loads(definition()), indent=2)
    for change, version in (
        ({"PipelineDescription": "other"}, 1),
        ({"PipelineDefinition": same}, 1),
        ({"PipelineDefinition": definition("new"), "PipelineVersionAliases": ["new"]}, 2),
    ):
        answer = sagemaker.update_pipeline(PipelineName="Reviews", **change)
        assert answer["PipelineVersionId"] == version
    listed = sagemaker.list_pipeline_versions(PipelineName="Reviews")["PipelineVersionSummaries"]
    assert [each["PipelineVersionId"] for each in listed] == [2, 1]
    newest = sagemaker.describe_pipeline(PipelineName="Reviews")
    assert newest["PipelineDefinition"] == definition("new")
    assert newest["PipelineVersionAliases"] == ["new"]
    assert newest["PipelineDescription"] == "other"
    first = sagemaker.describe_pipeline(PipelineName="Reviews", PipelineVersionId=1)
    assert first["PipelineDefinition"] == definition()
    by_alias = sagemaker.describe_pipeline(PipelineName="Reviews", PipelineVersionAlias="new")
    assert by_alias["PipelineDefinition"] == definition("new")
    with pytest.raises(ClientError, match="no version with id 3") as refused:
        sagemaker.describe_pipeline(PipelineName="Reviews", PipelineVersionId=3)
    assert code(refused) == "ResourceNotFound"


def test_aliases_move_only_by_hand(sagemaker):
    arn = create(sagemaker, PipelineVersionAliases=["live"])
    sagemaker.update_pipeline(PipelineName="Reviews", PipelineDefinition=definition("new"))
    version = {"PipelineArn": arn, "PipelineVersionId": 2}
    take = {"PipelineVersionAliasOperations": {"Add": ["live"]}}
    with pytest.raises(ClientError, match="belongs to version 1") as refused:
        sagemaker.update_pipeline_version(**version, **take)
    assert code(refused) == "ConflictException"
    sagemaker.update_pipeline_version(
        PipelineArn=arn,
        PipelineVersionId=1,
        PipelineVersionAliasOperations={"Remove": ["live"]},
    )
    sagemaker.update_pipeline_version(
        **version, **take, PipelineVersionDisplayName="second", PipelineVersionDescription="d"
    )
    described = sagemaker.describe_pipeline(PipelineName="Reviews", PipelineVersionAlias="live")
    assert described["PipelineVersionDisplayName"] == "second"
    with pytest.raises(ClientError, match="only digits"):
        sagemaker.update_pipeline_version(**version, PipelineVersionAliasOperations={"Add": ["12"]})
    with pytest.raises(ClientError, match="has not changed"):
        sagemaker.update_pipeline(PipelineName="Reviews", PipelineVersionAliases=["other"])


def test_pipelines_are_listed_by_prefix_and_page(sagemaker):
    for name in ("b-1", "a-1", "a-2", "a-3"):
        create(sagemaker, name)
    pages = sagemaker.get_paginator("list_pipelines").paginate(
        PipelineNamePrefix="a", SortBy="Name", SortOrder="Ascending", MaxResults=2
    )
    names = [[each["PipelineName"] for each in page["PipelineSummaries"]] for page in pages]
    assert names == [["a-1", "a-2"], ["a-3"]]
    newest = sagemaker.list_pipelines()["PipelineSummaries"]
    assert [each["PipelineName"] for each in newest] == ["a-3", "a-2", "a-1", "b-1"]


def test_a_deleted_pipeline_leaves_its_name_free(sagemaker):
    arn = create(sagemaker, Tags=[{"Key": "team", "Value": "reviews"}])
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "reviews"}]
    assert sagemaker.delete_pipeline(PipelineName="Reviews")["PipelineArn"] == arn
    with pytest.raises(ClientError) as refused:
        sagemaker.describe_pipeline(PipelineName="Reviews")
    assert code(refused) == "ResourceNotFound"
    create(sagemaker)
    listed = sagemaker.list_pipeline_versions(PipelineName="Reviews")
    assert len(listed["PipelineVersionSummaries"]) == 1
    assert sagemaker.list_tags(ResourceArn=arn)["Tags"] == []


def test_the_definition_may_lie_in_s3(cloud):
    s3, sagemaker = cloud.client("s3"), cloud.client("sagemaker")
    s3.create_bucket(Bucket="definitions")
    s3.put_object(Bucket="definitions", Key="a/b.json", Body=definition("from s3"))
    where = {"Bucket": "definitions", "ObjectKey": "a/b.json"}
    sagemaker.create_pipeline(
        PipelineName="from-s3", RoleArn=ROLE, PipelineDefinitionS3Location=where
    )
    described = sagemaker.describe_pipeline(PipelineName="from-s3")
    assert described["PipelineDefinition"] == definition("from s3")
    with pytest.raises(ClientError, match="s3://definitions/nothing") as refused:
        sagemaker.update_pipeline(
            PipelineName="from-s3",
            PipelineDefinitionS3Location={**where, "ObjectKey": "nothing"},
        )
    assert code(refused) == "ValidationException"
    with pytest.raises(ClientError, match="exactly one"):
        sagemaker.create_pipeline(PipelineName="neither", RoleArn=ROLE)
