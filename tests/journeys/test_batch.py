"""Scoring a prefix of reviews: `slipway run pipelines/reviews_batch.py`, with a stand-in for our model."""

import io
import json
import sys
import time
from pathlib import Path

import boto3
import pytest
from pyarrow import parquet

from reviews.schema import NAMES
from slipway.images import catalog
from transforms import IMAGE, SERVER

PIPELINE = Path(__file__).parents[2] / "pipelines" / "reviews_batch.py"
BUCKET, ROLE, GROUP = "journey-batch", "journey-batch", "reviews-bert"
TRUST = {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


def row(number: int, body: str, stars: str = "5", category: str = "Gift Card") -> str:
    values = {
        "marketplace": "US",
        "customer_id": "1",
        "review_id": f"R{number}",
        "product_id": "B1",
        "product_parent": "1",
        "product_title": "A title",
        "product_category": category,
        "star_rating": stars,
        "helpful_votes": "0",
        "total_votes": "0",
        "vine": "N",
        "verified_purchase": "Y",
        "review_headline": "Nice",
        "review_body": body,
        "review_date": "2015-08-31",
    }
    return "\t".join(values[name] for name in NAMES)


@pytest.fixture(scope="module")
def aws(cloud):
    environ = cloud.environ

    def client(service):
        return boto3.client(
            service,
            endpoint_url=environ["AWS_ENDPOINT_URL"],
            region_name=environ["AWS_REGION"],
            aws_access_key_id=environ["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=environ["AWS_SECRET_ACCESS_KEY"],
        )

    return client


@pytest.fixture(scope="module")
def scored(cloud, aws, tmp_path_factory):
    """The executions of a pipeline: one before a version was approved, gone on with when one was."""
    asked = tmp_path_factory.mktemp("batch") / "asked"
    entry = {
        "command": [str(Path(sys.executable).resolve()), "-S", str(SERVER)],
        "folder": str(SERVER.parent),
        "binds_port": True,
    }
    catalog.write(cloud.home / "images.json", IMAGE, entry)
    s3, sm = aws("s3"), aws("sagemaker")
    trust = {"Version": "2012-10-17", "Statement": [TRUST | {"Action": "sts:AssumeRole"}]}
    made = aws("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(trust))
    s3.create_bucket(Bucket=BUCKET)
    rows = [
        row(n, "good" * (n % 7)) if n % 7 else row(n, "café", category="Music") for n in range(40)
    ]
    rows += [row(40, "???"), row(41, "broken", stars="9")]
    content = "\n".join(["\t".join(NAMES), *rows]) + "\n"
    s3.put_object(Bucket=BUCKET, Key="reviews/tsv/a.tsv", Body=content.encode())
    sm.create_model_package_group(ModelPackageGroupName=GROUP)
    versions = [
        sm.create_model_package(
            ModelPackageGroupName=GROUP,
            ModelApprovalStatus="PendingManualApproval",
            InferenceSpecification={
                "Containers": [
                    {"Image": IMAGE, "Environment": {"MODE": "stars", "ASKED": str(asked)}}
                ],
                "SupportedContentTypes": ["application/jsonlines"],
                "SupportedResponseMIMETypes": ["application/jsonlines"],
            },
        )["ModelPackageArn"]
        for _ in range(3)
    ]
    given = ["-p", "MaximumRejectShare=0.05", "-p", "ReviewsPerFile=15"]
    words = ["--role", made["Role"]["Arn"], "--bucket", BUCKET, "--wait", "--json"]
    first = cloud("run", PIPELINE, *given, *words)
    for version in versions[:2]:
        sm.update_model_package(ModelPackageArn=version, ModelApprovalStatus="Approved")
    execution = first.json["PipelineExecutionArn"]
    assert cloud("retry", execution).code == 0
    while (then := sm.describe_pipeline_execution(PipelineExecutionArn=execution))[
        "PipelineExecutionStatus"
    ] == "Executing":
        time.sleep(0.1)
    return first, then, versions[1], execution.rpartition("/")[2]


def test_without_an_approved_version_the_pipeline_says_what_to_do(scored):
    first = scored[0]
    assert first.code == 1
    assert "expected an approved version in the model package group 'reviews-bert'" in first.out


def test_each_review_has_the_latest_approved_models_prediction_beside_it(scored, aws):
    _, then, version, execution = scored
    assert then["PipelineExecutionStatus"] == "Succeeded", then
    s3 = aws("s3")
    prefix = f"reviews/predictions/execution={execution}/"
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]]
    assert {key.removeprefix(prefix).partition("/")[0] for key in keys} == {
        "product_category=Gift%20Card",
        "product_category=Music",
    }
    rows = [
        found
        for key in keys
        for found in parquet.read_table(
            io.BytesIO(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
        ).to_pylist()
    ]
    by_id = {each["review_id"]: each for each in rows}
    assert sorted(by_id) == sorted(f"R{n}" for n in range(41))
    for number in range(40):
        found = by_id[f"R{number}"]
        assert found["predicted_label"] == 1 + len(found["review_body"]) % 5
        assert (found["score"], found["error"]) == (0.5, None)
    assert by_id["R0"]["review_body"] == "café"
    bad = by_id["R40"]
    assert (bad["predicted_label"], bad["score"], bad["error"]) == (None, None, "expected words")
    assert {each["model_package_arn"] for each in rows} == {version}
    assert len({each["predicted_at"] for each in rows}) == 1


def test_bad_rows_are_set_aside(scored, aws):
    s3 = aws("s3")
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"reviews-batch/{scored[3]}/PrepareBatch/")
    (key,) = [each["Key"] for each in found["Contents"] if "rejects" in each["Key"]]
    (reject,) = map(json.loads, s3.get_object(Bucket=BUCKET, Key=key)["Body"].read().splitlines())
    assert (reject["file"], reject["line"], reject["column"]) == ("a.tsv", 43, "star_rating")


def test_the_definition_has_no_faults(scored, cloud):
    said = cloud("lint", "reviews-batch")
    assert said.code == 0
    assert "no errors, no warnings" in said.out
