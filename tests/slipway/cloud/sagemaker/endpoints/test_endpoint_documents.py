"""An endpoint's document over time, and what the events say of it."""

from datetime import datetime
from pathlib import Path

from slipway.cloud.sagemaker.endpoints import documents
from slipway.cloud.sagemaker.endpoints.events import deployment_detail, state_detail
from slipway.jobs.job import Image

THEN, NOW = "2026-11-21T13:00:00+00:00", "2026-11-21T13:00:01.500000+00:00"
VARIANT = {"VariantName": "v", "ModelName": "m", "InitialVariantWeight": 2.0}
CONFIG = {
    "EndpointConfigName": "c",
    "ProductionVariants": [VARIANT | {"InitialInstanceCount": 3, "InstanceType": "ml.m5.large"}],
    "DataCaptureConfig": {
        "InitialSamplingPercentage": 20,
        "DestinationS3Uri": "s3://b/c",
        "CaptureOptions": [{"CaptureMode": "Input"}],
    },
}
NEXT = {
    "EndpointConfigName": "next",
    "ProductionVariants": [VARIANT | {"ServerlessConfig": {"MaxConcurrency": 5}}],
}
MODELS = {"m": {"ModelName": "m", "Containers": [{"Image": "i:1", "ResolvedImage": "i@sha256:0"}]}}


def new():
    return documents.new("E", "arn", CONFIG, MODELS, THEN, {"AutoRollbackConfiguration": {}})


def test_what_is_created_has_nothing_yet_and_then_all():
    document = new()
    (variant,) = document["ProductionVariants"]
    assert (variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]) == (0, 3)
    (pending,) = document["PendingDeploymentSummary"]["ProductionVariants"]
    assert pending["InstanceType"] == "ml.m5.large"  # which only pending summaries have
    assert "InstanceType" not in variant
    documents.settle(document, NOW)
    assert (variant["CurrentInstanceCount"], variant["CurrentWeight"]) == (3, 2.0)
    assert "VariantStatus" not in variant
    assert "PendingDeploymentSummary" not in document
    shown = documents.shown(document)
    assert shown["LastModifiedTime"] == datetime.fromisoformat(NOW)
    assert shown["LastDeploymentConfig"] == {"AutoRollbackConfiguration": {}}
    assert shown["DataCaptureConfig"] == {
        "EnableCapture": True,
        "CaptureStatus": "Started",
        "CurrentSamplingPercentage": 20,
        "DestinationS3Uri": "s3://b/c",
        "KmsKeyId": "",
    }
    assert not {"Config", "Models"} & set(shown)


def test_a_failed_change_leaves_what_was_and_says_why_until_the_next_one():
    document = new()
    documents.settle(document, THEN)
    (variant,) = document["ProductionVariants"]
    documents.enter(document, "Updating", THEN)
    variant |= {"DesiredInstanceCount": 9, "DesiredWeight": 0.0}
    documents.undo(document, NOW, "x" * 2000)
    assert (variant["DesiredInstanceCount"], variant["DesiredWeight"]) == (3, 2.0)
    assert document["EndpointStatus"] == "InService"
    assert len(document["FailureReason"]) == 1024
    documents.enter(document, "Updating", NOW)
    assert "FailureReason" not in document


def test_another_configuration_takes_the_place_of_the_first():
    document = new()
    documents.settle(document, THEN)
    documents.enter(document, "Updating", THEN)
    document["PendingDeploymentSummary"] = documents.pending(NEXT, MODELS, THEN)
    assert document["EndpointConfigName"] == "c"  # until the update has succeeded
    documents.adopt(document, NEXT, MODELS, NOW)
    documents.settle(document, NOW)
    shown = documents.shown(document)
    assert shown["EndpointConfigName"] == "next"
    assert "DataCaptureConfig" not in shown
    (variant,) = shown["ProductionVariants"]
    assert variant["CurrentServerlessConfig"] == {"MaxConcurrency": 5}
    assert "DesiredServerlessConfig" not in variant


def test_an_images_digest_follows_what_stands_for_it():
    one = documents.digest("r/byo:1", Image("own", Path("/a"), entrypoint=("serve.py",)))
    other = documents.digest("r/byo:1", Image("own", Path("/a"), entrypoint=("other.py",)))
    assert one.startswith("r/byo@sha256:")
    assert one != other
    assert documents.digest("byo", Image("own", Path("/a"))).startswith("byo@sha256:")


def test_events_have_upper_case_and_milliseconds():
    document = new()
    detail = state_detail(document)
    assert detail["EndpointStatus"] == "CREATING"
    assert detail["CreationTime"] == 1795266000000
    documents.settle(document, NOW, "it was late")
    detail = state_detail(document)
    assert detail["EndpointStatus"] == "IN_SERVICE"
    assert detail["LastModifiedTime"] == 1795266001500
    assert detail["FailureReason"] == "it was late"
    document["PendingDeploymentSummary"] = documents.pending(NEXT, MODELS, NOW)
    detail = deployment_detail(document)
    (status,) = detail["PendingDeploymentSummary"]["ProductionVariants"][0]["VariantStatus"]
    assert status["Status"] == "Creating"  # as Describe writes it
    assert status["StartTime"] == 1795266001500
    assert detail["EndpointConfigName"] == "c"
