"""The journeys of the platform, by the AWS CLI, boto3 and the CDK CLI, with IAM enforced.

Files land and start the pipeline; its model waits; two people approve it into production; a rejected
one stops; a bad one is rolled back. Each test goes on where the one before has ended.
"""

import gzip
import io
import json
import subprocess
import sys
import tarfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError

from callers import Callers
from deployed import ROOT, Platform, approved, lines, production, wait_for
from infra.settings.load import load
from slipway.images import environment
from synthesis import synthesize
from tests.conftest import Shell

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

DEV = load("dev")
REVIEWS = 420
# As in dev, with fewer reviews and less patience.
SETTINGS = replace(
    DEV,
    ml=replace(DEV.ml, parameters=DEV.ml.parameters | {"MinimumReviewCount": 300}),
    triggers=replace(DEV.triggers, quiet_seconds=5),
    delivery=replace(DEV.delivery, load_seconds=3, canary_seconds=15),
)
STEPS = {
    "CheckQuality",
    "PrepareFeatures",
    "Train",
    "Evaluate",
    "AccuracyCondition",
    "RegisterModel",
}
RUNNING = ("Executing", "Stopping")
STRICT = "0.999"  # the accuracy that a scientist asks for
# What a bad model does not bear, and no test in staging asks.
BAD = "unreadable"
BAD_HANDLER = f"""

def input_handler(data, context, real=input_handler):
    import io

    body = data.read()
    if b"{BAD}" in body:
        raise ValueError("this review cannot be read")
    return real(io.BytesIO(body), context)
"""


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    if not (environment.cache() / "assets" / "weights").is_dir():
        pytest.skip("the assets are not set up")
    folder = tmp_path_factory.mktemp("platform")
    shell = Shell(folder / "home")
    assembly = synthesize(SETTINGS, folder / "assembly").folder
    started = shell("up", "--enforce-iam")
    assert started.code == 0, started.err
    made = Platform(shell.pointed_at_the_cloud(), folder, assembly)
    made.deploy()
    yield made
    shell("down", timeout=180)


@pytest.fixture(scope="module")
def reviews(tmp_path_factory):
    """Return the lines of sample reviews, without the header, and the header."""
    folder = tmp_path_factory.mktemp("reviews")
    script = ROOT / "scripts" / "generate_reviews.py"
    subprocess.run([sys.executable, script, folder, "--rows", str(REVIEWS)], check=True)
    header, rows = "", []
    for file in sorted(folder.glob("*.tsv.gz")):
        header, *found = gzip.decompress(file.read_bytes()).decode().splitlines()
        rows += found
    return header, rows


@pytest.fixture(scope="module")
def packages(platform):
    """Return the packages of the pipeline's executions, the oldest first, each after its end."""

    def of(number):
        def ended_execution():
            found = started_by_files(platform)[number:][:1]
            return [one for one in found if one["PipelineExecutionStatus"] not in RUNNING]

        (ended,) = wait_for(f"the end of execution {number + 1}", ended_execution, 300)
        steps = platform.steps(ended)
        failures = {name: step.get("FailureReason") for name, step in steps.items()}
        assert ended["PipelineExecutionStatus"] == "Succeeded", failures
        assert steps.keys() == STEPS
        return steps["RegisterModel"]["Metadata"]["RegisterModel"]["Arn"]

    return of


def test_every_resource_of_every_stack_is_there(platform):
    cloudformation = platform.client("cloudformation")
    stacks = [
        stack
        for stack in cloudformation.describe_stacks()["Stacks"]
        if stack["StackName"].startswith("slipway-dev-")
    ]
    assert len(stacks) == 8 and {stack["StackStatus"] for stack in stacks} == {"CREATE_COMPLETE"}
    for name in (stack["StackName"] for stack in stacks):
        template = cloudformation.get_template(StackName=name)["TemplateBody"]
        template = json.loads(template) if isinstance(template, str) else template
        pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
        there = {
            one["LogicalResourceId"]: one
            for page in pages
            for one in page["StackResourceSummaries"]
        }
        wanted = {
            logical_id
            for logical_id, resource in template.get("Resources", {}).items()
            if resource["Type"] != "AWS::CDK::Metadata" and "Condition" not in resource
        }
        assert wanted <= there.keys()
        assert all(one["PhysicalResourceId"] for one in there.values())


def test_a_file_starts_one_execution_and_many_that_land_meanwhile_one_more(
    platform, reviews, tmp_path
):
    header, rows = reviews
    names = platform.outputs
    bucket, prefix = names["RawBucketName"], names["RawPrefix"]
    window = float(names["DebounceWindowSeconds"])
    (tmp_path / "one.tsv").write_text("\n".join([header, *rows]) + "\n")
    target = f"s3://{bucket}/{prefix}2026/11/20/one.tsv"
    copied = platform.aws("ProducerRoleArn", "shop", "s3", "cp", tmp_path / "one.tsv", target)
    assert copied.returncode == 0, copied.stderr
    wait_for("an execution", platform.executions, window + 60)

    s3 = platform.client("s3", "ProducerRoleArn", "shop")

    def put(number):
        body = "\n".join([header, *rows[number::1000]]) + "\n"
        key = f"{prefix}2026/11/21/{number % 10}/part-{number}.tsv"
        s3.put_object(Bucket=bucket, Key=key, Body=body.encode())

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(put, range(1000)))
    (first,) = platform.executions()
    assert first["PipelineExecutionStatus"] == "Executing"
    found = platform.parameters(first)
    assert found["InputData"] == f"s3://{bucket}/"
    assert found["InputPrefix"] == f"{prefix}2026/11/20/"


def test_its_model_waits_for_somebody(platform, packages):
    package = platform.package(packages(0))
    assert package["ModelApprovalStatus"] == "PendingManualApproval"
    assert package["ModelPackageGroupName"] == platform.outputs["ModelPackageGroupName"]
    assert platform.endpoint("StagingEndpointName") is None
    metrics = package["ModelMetrics"]
    figures = document(platform, metrics["ModelQuality"]["Statistics"]["S3Uri"])
    shown = platform.shell("models", packages(0).rpartition(":model-package/")[2], "--json").json
    assert shown["Metrics"]["accuracy"] == figures["metrics"]["accuracy"]["value"]
    quality = document(platform, metrics["ModelDataQuality"]["Statistics"]["S3Uri"])
    assert quality["check"]["status"] == "Success"


def test_a_scientist_starts_executions_and_approves_nothing(platform, packages):
    package = packages(0)
    sagemaker = platform.client("sagemaker", "ScientistRoleArn", "sam")
    with pytest.raises(ClientError, match="not authorized to perform: sagemaker:UpdateModelPac"):
        sagemaker.update_model_package(ModelPackageArn=package, **approved("sam"))
    # The same input: all but the condition comes from the cache.
    first = platform.parameters(platform.executions()[0])
    parameters = first | {"AccuracyThreshold": STRICT}
    arn = sagemaker.start_pipeline_execution(
        PipelineName=platform.outputs["PipelineName"],
        PipelineParameters=[{"Name": n, "Value": v} for n, v in parameters.items()],
    )["PipelineExecutionArn"]

    def ended():
        found = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
        return found["PipelineExecutionStatus"] != "Executing" and found

    strict = wait_for("the scientist's execution", ended, 120)
    steps = platform.steps(strict)
    assert strict["PipelineExecutionStatus"] == "Failed"
    assert f"(AccuracyThreshold) is {STRICT}" in steps["AccuracyTooLow"]["FailureReason"]
    assert [name for name, step in steps.items() if "CacheHitResult" in step]


def test_an_approved_model_is_tested_in_staging_and_another_person_releases_it(platform, packages):
    package = packages(0)
    with pytest.raises(ClientError, match="not authorized to perform: s3:GetObject"):
        platform.client("s3", "OpsRoleArn", "ana").get_object(
            Bucket=platform.outputs["RawBucketName"],
            Key=f"{platform.outputs['RawPrefix']}2026/11/20/one.tsv",
        )
    platform.decide("ana", package, **approved("ana"))
    pending = ("Production", "PendingApproval")
    wait_for("the test in staging", lambda: platform.stage(package) == pending, 120)
    assert platform.serves("StagingEndpointName", package)

    platform.decide("ana", package, **production("Approved", "ana"))
    refused = wait_for(
        "the refusal",
        lambda: [said for said in platform.trail(package) if said.startswith("Refused")],
        60,
    )
    assert "ana" in refused[0]
    wait_for("the stage as before", lambda: platform.stage(package) == pending, 30)
    assert platform.endpoint("ProductionEndpointName") is None

    platform.decide("ben", package, **production("Approved", "ben"))
    wait_for("production", lambda: platform.serves("ProductionEndpointName", package), 120)
    answer = platform.client("sagemaker-runtime").invoke_endpoint(
        EndpointName=platform.outputs["ProductionEndpointName"],
        ContentType="application/jsonlines",
        Body=lines("Loved it"),
    )
    assert b"predicted_label" in answer["Body"].read()
    shown = platform.shell("models", package, "--json").json["Steps"]
    assert {"ana", "ben"} <= {step["Person"] for step in shown}
    assert all(step.keys() == {"Time", "Person", "Action", "Comment"} for step in shown)


def test_the_files_that_landed_meanwhile_started_one_more(platform, packages):
    arn = packages(1)
    _, second = started_by_files(platform)
    prefix = platform.outputs["RawPrefix"]
    assert platform.parameters(second)["InputPrefix"] == f"{prefix}2026/11/21/"
    assert platform.package(arn)["ModelApprovalStatus"] == "PendingManualApproval"


def test_the_next_model_takes_over_under_load_and_a_bad_one_is_rolled_back(platform, packages):
    first = packages(0)
    second = packages(1)
    release(platform, second)
    with callers(platform, "Loved it") as calls:
        platform.decide("ben", second, **production("Approved", "ben"))
        wait_for("the next", lambda: platform.serves("ProductionEndpointName", second), 180)
    assert not calls.errors() and len(calls.got) > 100
    bad = platform.register_like(first, spoiled(platform, first))
    release(platform, bad)
    with callers(platform, BAD, "Loved it") as calls:
        platform.decide("ben", bad, **production("Approved", "ben"))

        def rolled_back():
            found = platform.endpoint("ProductionEndpointName")
            return (
                found["EndpointStatus"] == "InService"
                and "Alarm" in found.get("FailureReason", "")
                and found
            )

        found = wait_for("the rollback", rolled_back, 180)
        back = time.monotonic()
        time.sleep(1)
    assert found["Packages"] == [second]
    assert calls.errors() == {"ModelError 500"}
    assert not [got for got in calls.got if got.error and got.at > back + 1]
    wait_for(
        "the rollback in the trail",
        lambda: [said for said in platform.trail(bad) if said.startswith("RolledBack")],
        30,
    )


def test_a_rejected_model_goes_nowhere(platform, packages):
    before = platform.endpoint("StagingEndpointName")
    url = platform.package(packages(0))["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    package = platform.register_like(packages(0), url)
    platform.decide(
        "ana", package, ModelApprovalStatus="Rejected", ApprovalDescription="not good enough"
    )
    wait_for(
        "the rejection in the trail",
        lambda: [said for said in platform.trail(package) if said.startswith("Rejected by ana")],
        30,
    )
    after = platform.endpoint("StagingEndpointName")
    assert after["EndpointConfigName"] == before["EndpointConfigName"]
    assert platform.stage(package) == (None, None)


def started_by_files(platform):
    """Return the executions that nobody has started by hand, the oldest first."""
    return [
        execution
        for execution in platform.executions()
        if platform.parameters(execution)["AccuracyThreshold"] != STRICT
    ]


def document(platform, uri):
    """Return a JSON document in S3."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return json.loads(platform.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read())


def release(platform, package):
    """Approve a package and wait until it has passed its test in staging."""
    platform.decide("ana", package, **approved("ana"))
    pending = ("Production", "PendingApproval")
    wait_for("the test in staging", lambda: platform.stage(package) == pending, 120)


def callers(platform, *texts):
    name = platform.outputs["ProductionEndpointName"]
    request = {"Body": lines(*texts), "ContentType": "application/jsonlines"}
    return Callers(platform.shell.environ, name, rate=10, **request)


def spoiled(platform, package):
    """Put a copy of a package's artifact into S3 whose handler fails; return its URI."""
    s3 = platform.client("s3")
    url = platform.package(package)["InferenceSpecification"]["Containers"][0]["ModelDataUrl"]
    bucket, _, key = url.removeprefix("s3://").partition("/")
    before = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    target = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(before)) as source,
        tarfile.open(fileobj=target, mode="w:gz", compresslevel=1) as copy,
    ):
        for member in source:
            content = source.extractfile(member).read() if member.isfile() else b""
            if member.name.removeprefix("./") == "code/inference.py":
                content += BAD_HANDLER.encode()
                member.size = len(content)
            copy.addfile(member, io.BytesIO(content))
    spoiled_key = key.replace("model.tar.gz", "spoiled.tar.gz")
    s3.put_object(Bucket=bucket, Key=spoiled_key, Body=target.getvalue())
    return f"s3://{bucket}/{spoiled_key}"
