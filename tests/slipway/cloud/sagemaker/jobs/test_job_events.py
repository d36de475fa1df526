"""What a job publishes, seen by a subscriber in the cloud's own process."""

import threading
import time
from datetime import datetime

import pytest

from slipway.cloud.sagemaker import service
from slipway.cloud.sagemaker.jobs import runs


def start(sm, name: str, script: str, **more) -> None:
    sm.create_training_job(
        TrainingJobName=name,
        RoleArn="arn:aws:iam::123456789012:role/SageMaker",
        AlgorithmSpecification={
            "TrainingImage": "python:3.11",
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["python3", "-c", script],
        },
        OutputDataConfig={"S3OutputPath": "s3://events/models"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        **more,
    )


def test_a_stop_that_comes_before_anything_runs_is_heeded(local):
    s3, sm = local.client("s3"), local.client("sagemaker")
    s3.create_bucket(Bucket="events")
    over = threading.Event()

    def subscriber(event):
        if event.detail.get("SecondaryStatus") == "Starting":
            known = dict(runs._runs)
            runs._runs.clear()  # as it is for a moment in a create that has not returned
            sm.stop_training_job(TrainingJobName="two")
            runs._runs.update(known)
        if event.detail.get("SecondaryStatus") == "Stopped":
            over.set()

    local.cloud.events.subscribe(subscriber)
    start(sm, "two", "import time; time.sleep(60)")
    assert over.wait(20)
    assert sm.describe_training_job(TrainingJobName="two")["TrainingJobStatus"] == "Stopped"


def test_every_state_is_published_after_it_was_written(local):
    seen = []

    def subscriber(event):
        name = event.detail.get("TrainingJobName")
        if name:
            document = local.cloud.state.documents(event.region, "TrainingJob").get(name)
            written = document["Phase"]
            seen.append(
                (event.detail["TrainingJobStatus"], event.detail["SecondaryStatus"], written)
            )
            events.append(event)

    events = []
    local.cloud.events.subscribe(subscriber)
    s3, sm = local.client("s3"), local.client("sagemaker")
    s3.create_bucket(Bucket="events")
    start(sm, "one", "print(1)", Tags=[{"Key": "team", "Value": "reviews"}])
    end = time.monotonic() + 20
    while not seen or seen[-1][0] == "InProgress":
        assert time.monotonic() < end, seen
        time.sleep(0.02)
    service.stop(local.cloud)
    running = [("InProgress", phase, phase) for phase in ("Downloading", "Training", "Uploading")]
    assert seen == [("InProgress", "Starting", "Starting"), *running, ("Completed",) * 3]
    last = events[-1]
    assert last.detail_type == "SageMaker Training Job State Change"
    assert last.resources == (last.detail["TrainingJobArn"],)
    assert last.detail["Tags"] == {"team": "reviews"}
    assert last.detail["TrainingEndTime"].isdigit() and len(last.detail["TrainingEndTime"]) == 13
    transitions = [each["Status"] for each in last.detail["SecondaryStatusTransitions"]]
    assert transitions == ["Starting", "Downloading", "Training", "Uploading", "Completed"]


def test_an_image_that_is_not_installed_and_a_broken_setting_are_told(local, monkeypatch, tmp_path):
    sm = local.client("sagemaker")

    def refused() -> str:
        with pytest.raises(sm.exceptions.ClientError) as error:
            sm.create_processing_job(
                ProcessingJobName="x",
                RoleArn="arn:aws:iam::123456789012:role/SageMaker",
                AppSpecification={"ImageUri": "python:3.11", "ContainerEntrypoint": ["true"]},
                ProcessingResources={
                    "ClusterConfig": {
                        "InstanceCount": 1,
                        "InstanceType": "ml.m5.large",
                        "VolumeSizeInGB": 1,
                    }
                },
            )
        return error.value.response["Error"]["Message"]

    monkeypatch.setenv("SLIPWAY_JOB_GRACE", "soon")
    assert refused() == "SLIPWAY_JOB_GRACE: expected a number of at least 0, found 'soon'"
    monkeypatch.setenv("SLIPWAY_CACHE", str(tmp_path / "empty"))
    assert refused().endswith("run `make setup`")


def test_a_transform_job_publishes_its_status_times_as_text_and_its_tags_as_a_map(local):
    seen, over = [], threading.Event()

    def subscriber(event):
        if event.detail_type == "SageMaker Transform Job State Change":
            seen.append(event)
            if event.detail["TransformJobStatus"] == "Failed":
                over.set()

    local.cloud.events.subscribe(subscriber)
    sm = local.client("sagemaker")
    sm.create_model(ModelName="m", PrimaryContainer={"Image": "python:3.11"})
    where = {"S3DataType": "S3Prefix", "S3Uri": "s3://nothing/here"}
    arn = sm.create_transform_job(
        TransformJobName="nightly",
        ModelName="m",
        TransformInput={"DataSource": {"S3DataSource": where}},
        TransformOutput={"S3OutputPath": "s3://nothing/out"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        Tags=[{"Key": "team", "Value": "reviews"}],
    )["TransformJobArn"]
    assert over.wait(20)
    first, last = seen[0], seen[-1]
    assert first.resources == last.resources == (arn,)
    assert first.detail["TransformJobStatus"] == "InProgress"
    assert last.detail["FailureReason"].startswith("ClientError: No S3 objects found")
    assert last.detail["Tags"] == {"team": "reviews"}
    assert datetime.fromisoformat(last.detail["CreationTime"]).tzinfo
    service.stop(local.cloud)
