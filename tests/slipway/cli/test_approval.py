"""approve, reject, models PACKAGE: who decided what about which model, on what evidence."""

import io
import json
import tarfile
from concurrent.futures import ThreadPoolExecutor

import pytest

from slipway.cli import approval

IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/tensorflow-inference:2.19-cpu"


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


def test_an_approval_says_who_when_and_why_and_so_does_taking_it_back(slipway, aws, register):
    package = register("decided")
    approved = slipway("approve", "decided", "--comment", "beats v0, see (wiki)!", "--json")
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
    rejected = slipway("reject", package, "--comment", "late doubts")
    assert rejected.out.startswith("decided/1 is Rejected, by ")
    decisions = slipway("models", package, "--json").json["Steps"]
    who = approved.json["Person"]
    assert [(one["Action"], one["Person"], one["Comment"]) for one in decisions] == [
        ("Approved", who, "beats v0 see wiki"),  # the alphabet of a property
        ("Rejected", who, "late doubts"),
    ]
    text = slipway("models", package).out
    assert "decided/1  Rejected" in text and f"by {who}: late doubts" in text


def test_the_same_again_is_refused_with_who_it_was(slipway, register):
    package = register("again")
    assert slipway("approve", package, "--comment", "good, really").code == 0
    again = slipway("approve", package, "--comment", "good")
    assert again.code == 1
    assert "again/1 is Approved already, by " in again.err
    assert again.err.rstrip().endswith(": good, really")


def test_one_whose_artifact_is_gone_cannot_be_approved_and_can_be_rejected(slipway, register):
    package = register("gone", artifact=False)
    refused = slipway("approve", "gone", "--comment", "good")
    assert refused.code == 1
    assert "its artifact s3://registry/gone/1/model.tar.gz is gone" in refused.err
    assert (
        slipway("models", package, "--json").json["ModelApprovalStatus"] == "PendingManualApproval"
    )
    assert slipway("reject", package, "--comment", "the artifact is gone").code == 0


def test_a_stage_is_decided_when_it_is_reached_and_once(slipway, aws, register):
    package = register("staged")
    early = slipway("approve", package, "--stage", "production", "--comment", "now!")
    assert early.code == 1 and "staged/1 has not reached Production" in early.err
    assert slipway("approve", package, "--comment", "good").code == 0
    arn = slipway("models", package, "--json").json["ModelPackageArn"]
    cycle = {"Stage": "Production", "StageStatus": "PendingApproval", "StageDescription": "tested"}
    aws("sagemaker").update_model_package(ModelPackageArn=arn, ModelLifeCycle=cycle)
    assert "stage Production is PendingApproval: tested" in slipway("models", package).out
    approved = slipway("approve", package, "--stage", "production", "--comment", "go", "--json")
    assert approved.code == 0, approved.err
    assert approved.json["Before"] == "PendingApproval"
    found = slipway("models", package, "--json").json
    assert found["ModelLifeCycle"] == cycle | {"StageStatus": "Approved", "StageDescription": "go"}
    assert (found["ModelApprovalStatus"], found["ApprovalDescription"]) == ("Approved", "good")
    assert [(one["Action"], one["Comment"]) for one in found["Steps"]] == [
        ("Approved", "good"),
        ("Approved for Production", "go"),
    ]
    again = slipway("approve", package, "--stage", "production", "--comment", "go")
    assert "staged/1 is Approved for Production already, by " in again.err
    assert slipway("reject", package, "--stage", "production", "--comment", "no").code == 0
    assert (
        "expected production" in slipway("approve", package, "--stage", "x", "--comment", "y").err
    )


@pytest.mark.parametrize(
    ("package", "words"),
    [
        ("nearly/7", "nearly has no version 7, it has 1"),
        ("nerly/1", "Did you mean nearly?"),
        ("nearly/x", "a number as version, found 'nearly/x'"),
        ("arn:aws:sagemaker:us-east-1:123456789012:model/m", "the ARN of a model package"),
    ],
)
def test_what_is_no_package_is_refused_with_what_was_meant(slipway, register, package, words):
    if slipway("models", "nearly").code != 0:
        register("nearly")
    refused = slipway("approve", package, "--comment", "x")
    assert refused.code == 1 and words in refused.err


def test_a_decision_wants_a_reason(slipway, register):
    register("reasons")
    assert "a reason" in slipway("reject", "reasons", "--comment", "  ").err
    assert "found 2000" in slipway("reject", "reasons", "--comment", "x" * 2000).err
    assert "Missing option '--comment'" in slipway("reject", "reasons").err


@pytest.mark.parametrize(
    ("arn", "name"),
    [
        ("arn:aws:sts::123456789012:assumed-role/Approver/jo@example.com", "jo@example.com"),
        ("arn:aws:iam::123456789012:user/team/jo", "jo"),
        ("arn:aws:iam::123456789012:root", "root"),
    ],
)
def test_who_decides_is_the_user_or_the_session(arn, name):
    assert approval.name_of(arn) == name


def test_of_two_approvals_at_once_one_is_told_that_it_was(cloud, slipway, register):
    package = register("raced")
    with ThreadPoolExecutor(2) as both:
        ended = list(
            both.map(lambda said: cloud("approve", package, "--comment", said), ("mine", "yours"))
        )
    assert sorted(each.code for each in ended) == [0, 1]
    (refused,) = [each.err for each in ended if each.code]
    assert "raced/1 is Approved already, by " in refused or "at the same moment" in refused
    found = slipway("models", package, "--json").json
    assert found["ModelApprovalStatus"] == "Approved" and found["Steps"]


SERVER = """
import os
from http.server import BaseHTTPRequestHandler, HTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.reply(200, b"")

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if b"bad" in body:
            print("a bad one came", flush=True)
            return self.reply(422, b"there is\\na bad word")
        self.reply(200, self.headers["Content-Type"].encode() + b" " + body.upper())

    def reply(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

HTTPServer(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
"""


@pytest.fixture
def production(slipway, aws, register, tmp_path):
    """An endpoint that serves the first version of a group."""
    (tmp_path / "server.py").write_text(SERVER)
    command = ("--command", "python server.py", "--folder", str(tmp_path))
    added = slipway("image", "add", "scorer", *command, "--accept-bind-to-port")
    assert added.code == 0, added.err
    package = register("scored", 0.5, image="scorer:1")
    assert slipway("approve", package, "--comment", "first").code == 0
    api = aws("sagemaker")
    arn = slipway("models", package, "--json").json["ModelPackageArn"]
    role = "arn:aws:iam::123456789012:role/any"
    api.create_model(
        ModelName="scored", ExecutionRoleArn=role, PrimaryContainer={"ModelPackageName": arn}
    )
    variant = {"VariantName": "AllTraffic", "ModelName": "scored", "InitialInstanceCount": 1}
    variant["InstanceType"] = "ml.m5.large"
    api.create_endpoint_config(EndpointConfigName="scored", ProductionVariants=[variant])
    api.create_endpoint(EndpointName="scoring", EndpointConfigName="scored")
    api.get_waiter("endpoint_in_service").wait(
        EndpointName="scoring", WaiterConfig={"Delay": 1, "MaxAttempts": 60}
    )
    return package


def test_a_version_beside_the_one_in_production_which_answers(
    cloud, slipway, register, production, tmp_path
):
    first = slipway("models", production, "--json").json
    assert (first["ServedBy"], first["Production"]) == (["scoring"], None)
    constraints = [
        {"constraint": "complete", "constraint_status": "Success"},
        {"constraint": "unique", "constraint_status": "Failure"},
    ]
    quality = {"check": {"status": "Warning", "constraints": constraints}}
    second = register("scored", 0.75, quality=quality)
    found = slipway("models", second, "--json").json
    assert found["Production"]["Endpoints"] == ["scoring"]
    assert found["Production"]["ModelPackageArn"].endswith("/scored/1")
    assert (found["Metrics"], found["Production"]["Metrics"]) == (
        {"accuracy": 0.75},
        {"accuracy": 0.5},
    )
    shown = slipway("models", second).out
    row = next(line for line in shown.splitlines() if line.startswith("accuracy"))
    assert row.split() == ["accuracy", "0.75", "0.5", "+0.25"]
    assert "scored/1 (in production)" in shown
    assert "1 of 2 constraints hold" in shown and "does not hold: unique" in shown

    asked = cloud("invoke", "scoring", "--text", "grün")
    assert asked.out == 'application/jsonlines {"FEATURES": ["GRüN"]}\n'
    (tmp_path / "rows.csv").write_text("a,b\n")
    rows = cloud(
        "invoke", "scoring", "--file", tmp_path / "rows.csv", "--inference-id", "7", "--json"
    )
    assert rows.json == {
        "InvokedProductionVariant": "AllTraffic",
        "ContentType": "text/plain",
        "Body": "text/csv A,B\n",
    }
    bad = cloud("invoke", "scoring", "--text", "bad", "--content-type", "text/plain")
    assert (bad.code, bad.out) == (1, "")
    assert "the model answered 422: there is\na bad word" in bad.err
    assert "slipway logs scoring" in bad.err
    assert "a bad one came" in slipway("logs", "scoring").out
    for words, told in (
        (("scorin", "--text", "x"), "ValidationError"),
        (("scoring",), "one of --text and --file"),
        (("scoring", "--file", str(tmp_path / "rows")), "found none at"),
        (("scoring", "--text", "x", "--async"), "was refused"),
    ):
        refused = slipway("invoke", *words)
        assert refused.code == 1 and told in refused.err
