"""approve, reject, models PACKAGE: who decided what about which model, on what evidence."""

import io
import json
import tarfile
from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest

ROLE = "arn:aws:iam::123456789012:role/any"
IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-inference:2.19-cpu"


@pytest.fixture(scope="module")
def aws(cloud):
    """Return boto3 clients of the cloud by name."""
    names = {"aws_access_key_id": "AWS_ACCESS_KEY_ID", "region_name": "AWS_DEFAULT_REGION"}
    names |= {"aws_secret_access_key": "AWS_SECRET_ACCESS_KEY", "endpoint_url": "AWS_ENDPOINT_URL"}
    options = {key: cloud.environ[name] for key, name in names.items()}
    return lambda service: boto3.client(service, **options)


@pytest.fixture(scope="module")
def bucket(aws):
    aws("s3").create_bucket(Bucket="registry")
    return "registry"


@pytest.fixture
def register(aws, bucket):
    """Register a version of a group: its artifact is there, its figures are in S3."""
    api, s3 = aws("sagemaker"), aws("s3")

    def one(group, accuracy=0.5, quality=None, artifact=True, image=IMAGE):
        known = api.list_model_package_groups()["ModelPackageGroupSummaryList"]
        if group not in [each["ModelPackageGroupName"] for each in known]:
            api.create_model_package_group(ModelPackageGroupName=group)
        number = len(
            api.list_model_packages(ModelPackageGroupName=group)["ModelPackageSummaryList"]
        )
        place = f"{group}/{number + 1}"

        def source(name, document):
            s3.put_object(Bucket=bucket, Key=f"{place}/{name}", Body=json.dumps(document).encode())
            return {"ContentType": "application/json", "S3Uri": f"s3://{bucket}/{place}/{name}"}

        report = source("evaluation.json", {"metrics": {"accuracy": {"value": accuracy}}})
        metrics = {"ModelQuality": {"Statistics": report}}
        if quality:
            metrics["ModelDataQuality"] = {"Statistics": source("quality.json", quality)}
        if artifact:
            s3.put_object(Bucket=bucket, Key=f"{place}/model.tar.gz", Body=archive())
        url = f"s3://{bucket}/{place}/model.tar.gz"
        arn = api.create_model_package(
            ModelPackageGroupName=group,
            InferenceSpecification={
                "Containers": [{"Image": image, "ModelDataUrl": url}],
                "SupportedContentTypes": ["application/jsonlines"],
                "SupportedResponseMIMETypes": ["application/jsonlines"],
            },
            ModelMetrics=metrics,
        )["ModelPackageArn"]
        return arn.rpartition(":model-package/")[2]

    return one


def archive():
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("nothing"))
    return held.getvalue()


def test_an_approval_says_who_when_and_why_and_so_does_taking_it_back(cloud, aws, register):
    package = register("decided")
    approved = cloud("approve", "decided", "--comment", "beats v0, see (wiki)!", "--json")
    assert approved.code == 0, approved.err
    assert approved.json["ModelApprovalStatus"] == "Approved"
    assert approved.json["Before"] == "PendingManualApproval"
    found = aws("sagemaker").describe_model_package(
        ModelPackageName=approved.json["ModelPackageArn"]
    )
    assert (found["ModelApprovalStatus"], found["ApprovalDescription"]) == (
        "Approved",
        "beats v0, see (wiki)!",
    )
    rejected = cloud("reject", package, "--comment", "late doubts")
    assert rejected.out.startswith("decided/1 is Rejected, by ")
    decisions = cloud("models", package, "--json").json["Decisions"]
    who = approved.json["By"]
    assert [(one["Status"], one["By"], one["Comment"]) for one in decisions] == [
        ("Approved", who, "beats v0 see wiki"),  # the alphabet of a property
        ("Rejected", who, "late doubts"),
    ]
    text = cloud("models", package).out
    assert "decided/1  Rejected" in text and f"by {who}: late doubts" in text


def test_the_same_again_is_refused_with_who_it_was(cloud, register):
    package = register("again")
    assert cloud("approve", package, "--comment", "good, really").code == 0
    again = cloud("approve", package, "--comment", "good")
    assert again.code == 1
    assert "again/1 is Approved already, by " in again.err
    assert again.err.rstrip().endswith(": good, really")


def test_one_whose_artifact_is_gone_cannot_be_approved_and_can_be_rejected(cloud, register):
    package = register("gone", artifact=False)
    refused = cloud("approve", "gone", "--comment", "good")
    assert refused.code == 1
    assert "its artifact s3://registry/gone/1/model.tar.gz is gone" in refused.err
    assert cloud("models", package, "--json").json["ModelApprovalStatus"] == "PendingManualApproval"
    assert cloud("reject", package, "--comment", "the artifact is gone").code == 0


@pytest.mark.parametrize(
    ("package", "words"),
    [
        ("nearly/7", "nearly has no version 7, it has 1"),
        ("nerly/1", "Did you mean nearly?"),
        ("nearly/x", "a number as version, found 'nearly/x'"),
        ("arn:aws:sagemaker:us-east-1:123456789012:model/m", "the ARN of a model package"),
    ],
)
def test_what_is_no_package_is_refused_with_what_was_meant(cloud, register, package, words):
    if cloud("models", "nearly").code != 0:
        register("nearly")
    refused = cloud("approve", package, "--comment", "x")
    assert refused.code == 1 and words in refused.err


def test_a_decision_wants_a_reason(cloud, register):
    register("reasons")
    assert "a reason" in cloud("reject", "reasons", "--comment", "  ").err
    assert "found 2000" in cloud("reject", "reasons", "--comment", "x" * 2000).err
    assert "Missing option '--comment'" in cloud("reject", "reasons").err


def test_of_two_approvals_at_once_one_is_told_that_it_was(cloud, register):
    package = register("raced")
    with ThreadPoolExecutor(2) as both:
        ended = list(
            both.map(lambda said: cloud("approve", package, "--comment", said), ("mine", "yours"))
        )
    assert sorted(each.code for each in ended) == [0, 1]
    (refused,) = [each.err for each in ended if each.code]
    assert "raced/1 is Approved already, by " in refused or "at the same moment" in refused
    found = cloud("models", package, "--json").json
    assert found["ModelApprovalStatus"] == "Approved" and found["Decisions"]
