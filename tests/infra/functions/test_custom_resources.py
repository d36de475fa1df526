import io
import json
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace
from typing import Any, ClassVar

import boto3
import pytest

from infra.functions import custom_resource
from infra.functions.custom_resource import Answer
from infra.functions.empty_bucket import handler as empty_bucket
from infra.functions.leftovers import handler as leftovers
from infra.functions.log_groups import handler as log_groups
from infra.functions.stage_files import handler as stage_files

IDENTITY = {"StackId": "stack", "RequestId": "request", "LogicalResourceId": "Thing"}


@pytest.fixture
def aws(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in cloud.environ.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)


@pytest.fixture
def cloudformation() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An address for answers, and the answers that came."""
    answers: list[dict[str, Any]] = []

    class Server(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            assert self.headers["Content-Type"] == ""  # as the address is signed
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", answers
    server.shutdown()
    server.server_close()


def event(url: str, kind: str, physical: str = "", **properties: Any) -> dict[str, Any]:
    found = {"RequestType": kind, "ResponseURL": url, "ResourceProperties": properties, **IDENTITY}
    return found | ({"PhysicalResourceId": physical} if physical else {})


def test_cloudformation_is_told_what_came_of_it(cloudformation: Any) -> None:
    url, answers = cloudformation
    made = Answer("made", {"Uri": "s3://x/"})
    custom_resource.answering(event(url, "Create"), None, lambda: made)
    custom_resource.answering(event(url, "Create"), None, lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    custom_resource.answering(event(url, "Update", "made"), None, lambda: 1 / 0)  # type: ignore[arg-type, return-value]
    told, failed, kept = answers
    assert told == IDENTITY | {
        "Status": "SUCCESS",
        "PhysicalResourceId": "made",
        "Data": {"Uri": "s3://x/"},
    }
    assert failed["Status"] == "FAILED"
    assert "ZeroDivisionError" in failed["Reason"]
    custom_resource.answering(
        event(url, "Delete", failed["PhysicalResourceId"]),
        None,
        lambda: 1 / 0,  # type: ignore[arg-type, return-value]
    )
    assert answers[-1]["Status"] == "SUCCESS"  # nothing was made, nothing is to be deleted
    assert kept["PhysicalResourceId"] == "made"


def test_a_bucket_is_emptied_when_it_is_deleted_and_not_before(
    aws: None, cloudformation: Any
) -> None:
    url, answers = cloudformation
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="full")
    s3.put_bucket_versioning(Bucket="full", VersioningConfiguration={"Status": "Enabled"})
    for number in range(30):
        s3.put_object(Bucket="full", Key=f"a/{number % 20}", Body=b"x")
    s3.delete_object(Bucket="full", Key="a/1")
    empty_bucket.handle(event(url, "Create", BucketName="full"), None)
    assert len(s3.list_object_versions(Bucket="full")["Versions"]) == 30
    empty_bucket.handle(event(url, "Delete", "empty-full", BucketName="full"), None)
    s3.delete_bucket(Bucket="full")
    empty_bucket.handle(event(url, "Delete", "empty-full", BucketName="full"), None)  # gone
    assert [each["Status"] for each in answers] == ["SUCCESS"] * 3
    assert answers[0]["PhysicalResourceId"] == "empty-full"


def test_an_asset_is_unpacked_once(aws: None, cloudformation: Any) -> None:
    url, answers = cloudformation
    s3 = boto3.client("s3")
    for bucket in ("assets", "artifacts"):
        s3.create_bucket(Bucket=bucket)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("vocab.txt", "a\nb\n" * 1000)
        archive.writestr("deep/model.bin", bytes(range(256)) * 50)
    s3.put_object(Bucket="assets", Key="hash.zip", Body=target.getvalue())
    asked = {
        "SourceBucket": "assets",
        "SourceKey": "hash.zip",
        "BucketName": "artifacts",
        "Prefix": "weights/hash/",
    }
    stage_files.handle(event(url, "Create", **asked), None)
    found = s3.get_object(Bucket="artifacts", Key="weights/hash/deep/model.bin")
    assert found["Body"].read() == bytes(range(256)) * 50
    assert answers[0]["Data"] == {"Uri": "s3://artifacts/weights/hash/"}
    source = ("assets", "hash.zip")
    assert stage_files.stage(s3, source, "artifacts", "weights/hash/") == 0
    s3.delete_object(Bucket="artifacts", Key="weights/hash/vocab.txt")
    assert stage_files.stage(s3, source, "artifacts", "weights/hash/") == 1
    stage_files.handle(event(url, "Delete", answers[0]["PhysicalResourceId"], **asked), None)
    assert s3.list_objects_v2(Bucket="artifacts")["KeyCount"] == 2
    stage_files.handle(event(url, "Create", **asked | {"SourceKey": "gone.zip"}), None)
    assert answers[-1]["Status"] == "FAILED"
    assert "gone.zip could not be unpacked to s3://artifacts/weights/hash/" in answers[-1]["Reason"]


def test_a_large_asset_is_read_in_blocks(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_files.Remote, "BLOCK", 100)
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="large-assets")
    body = bytes(range(256)) * 10
    s3.put_object(Bucket="large-assets", Key="x", Body=body)
    remote = stage_files.Remote(s3, "large-assets", "x")
    remote.seek(-300, 2)
    assert remote.read(250) == body[-300:-50]
    remote.seek(95)
    assert remote.read(10) == body[95:105]
    assert remote.tell() == 105
    assert remote.read() == body[105:]


def test_log_groups_are_kept_and_go_with_their_stack(aws: None, cloudformation: Any) -> None:
    url, answers = cloudformation
    logs = boto3.client("logs")
    key = "arn:aws:kms:us-east-1:123456789012:key/k"
    logs.create_log_group(logGroupName="/aws/sagemaker/TrainingJobs", kmsKeyId=key)
    logs.create_log_group(logGroupName="/aws/sagemaker/Endpoints/slipway-dev-staging")
    logs.create_log_group(logGroupName="/aws/sagemaker/Endpoints/others")
    asked = {
        "Names": ["/aws/sagemaker/TrainingJobs", "/aws/sagemaker/ProcessingJobs"],
        "Days": "30",
        "Key": key,
        "Remove": ["/aws/sagemaker/ProcessingJobs", "/aws/sagemaker/Endpoints/slipway-dev-"],
    }
    log_groups.handle(event(url, "Create", **asked), None)
    log_groups.handle(event(url, "Update", "Thing", **asked), None)
    groups = {g["logGroupName"]: g for g in logs.describe_log_groups()["logGroups"]}
    assert groups["/aws/sagemaker/ProcessingJobs"]["retentionInDays"] == 30
    assert groups["/aws/sagemaker/TrainingJobs"]["kmsKeyId"] == asked["Key"]
    log_groups.handle(event(url, "Delete", "Thing", **asked), None)
    assert {g["logGroupName"] for g in logs.describe_log_groups()["logGroups"]} == {
        "/aws/sagemaker/TrainingJobs",
        "/aws/sagemaker/Endpoints/others",
    }
    assert [each["Status"] for each in answers] == ["SUCCESS"] * 3


def test_a_group_that_has_another_key_gets_ours() -> None:
    class Exists(Exception):
        pass

    class Logs:
        exceptions = SimpleNamespace(ResourceAlreadyExistsException=Exists)
        keys: ClassVar = {"a": "", "ab": "mine"}
        days: ClassVar[dict[str, int]] = {}

        def create_log_group(self, **_: str) -> None:
            raise Exists

        def describe_log_groups(self, logGroupNamePrefix: str) -> Any:
            return {"logGroups": [{"logGroupName": n, "kmsKeyId": k} for n, k in self.keys.items()]}

        def associate_kms_key(self, logGroupName: str, kmsKeyId: str) -> None:
            assert self.keys[logGroupName] != kmsKeyId
            self.keys[logGroupName] = kmsKeyId

        def put_retention_policy(self, logGroupName: str, retentionInDays: int) -> None:
            self.days[logGroupName] = retentionInDays

    logs = Logs()
    log_groups.keep(logs, ["a", "ab"], 30, "mine")
    assert logs.keys == {"a": "mine", "ab": "mine"}
    assert logs.days == {"a": 30, "ab": 30}


def test_a_group_that_is_gone_meanwhile_is_no_fault(aws: None) -> None:
    logs = boto3.client("logs")
    for name in ("/ours/a", "/ours/b"):
        logs.create_log_group(logGroupName=name)

    class Late:
        """Another attempt deletes a group between the look and the deletion."""

        exceptions = logs.exceptions
        get_paginator = staticmethod(logs.get_paginator)

        def delete_log_group(self, logGroupName: str) -> None:
            if logGroupName == "/ours/a":
                logs.delete_log_group(logGroupName=logGroupName)
            logs.delete_log_group(logGroupName=logGroupName)

    assert log_groups.remove(Late(), ["/ours/"]) == ["/ours/b"]


class Leftovers:
    """What was made at run time; each call that ends something takes one wait to do so."""

    def __init__(self) -> None:
        self.running = ["arn:execution/abc", "arn:execution/def"]
        self.endpoint: str | None = "Updating"
        self.gone: list[str] = []

    def wait(self) -> None:
        self.running = []
        self.endpoint = {"Updating": "InService", "Deleting": None}.get(self.endpoint or "")

    def describe_endpoint(self, EndpointName: str) -> Any:
        if self.endpoint is None:
            raise missing(f'Could not find endpoint "{EndpointName}".')
        return {"EndpointStatus": self.endpoint}

    def delete_endpoint(self, EndpointName: str) -> None:
        self.endpoint = "Deleting"

    def stop_pipeline_execution(self, PipelineExecutionArn: str, ClientRequestToken: str) -> None:
        self.gone.append(PipelineExecutionArn)

    def get_paginator(self, operation: str) -> Any:
        names = ["slipway-dev-staging-v1-a", "my-slipway-dev-staging-v1"]
        answers: dict[str, Any] = {
            "list_pipeline_executions": {
                "PipelineExecutionSummaries": [
                    {"PipelineExecutionArn": arn, "PipelineExecutionStatus": "Executing"}
                    for arn in self.running
                ]
            },
            "list_endpoint_configs": {
                "EndpointConfigs": [{"EndpointConfigName": n} for n in names]
            },
            "list_models": {"Models": [{"ModelName": n} for n in names]},
            "describe_alarms": {"MetricAlarms": [{"AlarmName": "slipway-dev-staging-v1-a-x"}]},
            "list_model_packages": {"ModelPackageSummaryList": [{"ModelPackageArn": "p/1"}]},
        }
        from fake_sagemaker import Pages

        return Pages(lambda **_: answers[operation])

    def delete_endpoint_config(self, EndpointConfigName: str) -> None:
        self.gone.append(f"config {EndpointConfigName}")

    def delete_model(self, ModelName: str) -> None:
        raise missing("Could not find model")

    def delete_alarms(self, AlarmNames: list[str]) -> None:
        self.gone += AlarmNames

    def delete_model_package(self, ModelPackageName: str) -> None:
        self.gone.append(ModelPackageName)


def missing(message: str) -> Exception:
    from fake_sagemaker import refused

    return refused("Operation", message)


def test_what_was_made_at_run_time_goes_with_its_stack() -> None:
    left = Leftovers()
    leftovers.stop_executions(left, "reviews", left.wait)
    leftovers.delete_endpoint(left, left, "slipway-dev-staging", left.wait)
    leftovers.delete_versions(left, "reviews-bert")
    assert left.endpoint is None
    assert left.gone == [
        *("arn:execution/abc", "arn:execution/def", "config slipway-dev-staging-v1-a"),
        *("slipway-dev-staging-v1-a-x", "p/1"),
    ]
