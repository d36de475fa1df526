"""What a request means for its containers: pure, so tested without running anything."""

import json
from pathlib import Path

import pytest

from slipway.jobs import processing, training
from slipway.jobs.job import Image, Input, Metric, Upload

IMAGE = Image("sklearn", Path("/images/sklearn"))
GIVEN = {"AWS_REGION": "eu-west-1"}
CODE = "/opt/ml/processing/input/code"


def train(**changes):
    request = {
        "TrainingJobName": "t",
        "AlgorithmSpecification": {"TrainingImage": "i", "TrainingInputMode": "File"},
        "OutputDataConfig": {"S3OutputPath": "s3://b/models/"},
        "ResourceConfig": {"InstanceCount": 2, "InstanceType": "ml.m5.large"},
    } | changes
    return training.plan(request, IMAGE, "arn:t", GIVEN)


def channel(**changes):
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://b/data"}
    return {"ChannelName": "train", "DataSource": {"S3DataSource": source}} | changes


def config(job, index, name):
    return json.loads(job.instances[index].files[f"/opt/ml/input/config/{name}.json"])


def test_every_instance_of_a_training_job_knows_its_name_and_the_others():
    job = train(HyperParameters={"epochs": "3"}, InputDataConfig=[channel(ContentType="text/csv")])
    for index, host in enumerate(("algo-1", "algo-2")):
        found = config(job, index, "resourceconfig")
        assert found["current_host"] == host == job.instances[index].host
        assert found["hosts"] == ["algo-1", "algo-2"]
        assert found["current_instance_type"] == "ml.m5.large"
    assert config(job, 0, "hyperparameters") == {"epochs": "3"}
    assert config(job, 0, "inputdataconfig") == {
        "train": {
            "TrainingInputMode": "File",
            "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": "None",
            "ContentType": "text/csv",
        }
    }


def test_the_environment_is_what_aws_gives_and_what_the_user_says():
    job = train(Environment={"AWS_REGION": "mine", "X": "y"})
    assert job.instances[0].environment == {
        "TRAINING_JOB_NAME": "t",
        "TRAINING_JOB_ARN": "arn:t",
        "AWS_REGION": "mine",
        "X": "y",
    }


@pytest.mark.parametrize(
    ("algorithm", "command"),
    [
        ({}, ("train",)),
        ({"ContainerEntrypoint": ["/bin/bash", "-c"], "ContainerArguments": ["run"]}, None),
    ],
)
def test_the_command_is_the_entry_point_or_train(algorithm, command):
    algorithm |= {"TrainingImage": "i", "TrainingInputMode": "File"}
    job = train(AlgorithmSpecification=algorithm)
    assert job.command == (command or ("/bin/bash", "-c", "run"))


def test_models_are_packed_below_the_jobs_name():
    assert train().uploads == (
        Upload("/opt/ml/model", "s3://b/models/t/output/model.tar.gz", archive=True),
        Upload(
            "/opt/ml/output/data",
            "s3://b/models/t/output/output.tar.gz",
            archive=True,
            optional=True,
        ),
    )


def test_or_left_as_they_are():
    output = {"S3OutputPath": "s3://b/models", "CompressionType": "NONE"}
    model, data = train(OutputDataConfig=output).uploads
    assert (model.uri, model.archive) == ("s3://b/models/t/output/model/", False)
    assert (data.uri, data.archive) == ("s3://b/models/t/output/data", False)


def test_checkpoints_come_back_and_go_out_while_the_job_runs():
    job = train(CheckpointConfig={"S3Uri": "s3://b/checkpoints/run"})
    path, uri = "/opt/ml/checkpoints", "s3://b/checkpoints/run/"
    assert Input("checkpoints", uri, path, required=False) in job.inputs
    assert Upload(path, uri, continuous=True) in job.uploads


def test_channels_and_script_modes_source_are_inputs():
    parameters = {"sagemaker_submit_directory": '"s3://b/code/sourcedir.tar.gz"'}
    sharded = channel()
    sharded["DataSource"]["S3DataSource"]["S3DataDistributionType"] = "ShardedByS3Key"
    job = train(InputDataConfig=[sharded], HyperParameters=parameters)
    assert job.inputs == (
        Input("train", "s3://b/data", "/opt/ml/input/data/train", sharded=True),
        Input("sagemaker_submit_directory", "s3://b/code/sourcedir.tar.gz", "/opt/ml/code"),
    )
    for path in ("/opt/ml/input/data/train", "/opt/ml/code", "/opt/ml/model"):
        assert path in job.folders


def test_metrics_limits_and_isolation_are_taken_over():
    job = train(
        AlgorithmSpecification={
            "TrainingImage": "i",
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "loss", "Regex": "loss: (.*)"}],
        },
        StoppingCondition={"MaxRuntimeInSeconds": 60},
        EnableNetworkIsolation=True,
    )
    assert job.metrics == (Metric("loss", "loss: (.*)"),)
    assert job.max_runtime == 60 and job.isolated
    assert train().max_runtime == 86_400 and not train().isolated


def process(**changes):
    request = {
        "ProcessingJobName": "p",
        "AppSpecification": {
            "ImageUri": "i",
            "ContainerEntrypoint": ["python3", f"{CODE}/x.py"],
            "ContainerArguments": ["--a", "1"],
        },
        "ProcessingResources": {"ClusterConfig": {"InstanceCount": 2, "InstanceType": "ml.t3"}},
    } | changes
    return processing.plan(request, IMAGE, "arn:p", GIVEN)


def test_a_processing_job_gets_its_configuration_its_arguments_and_its_name():
    job = process(Environment={"X": "y"}, Tags=[{"Key": "secret", "Value": "of the account"}])
    assert job.command == ("python3", f"{CODE}/x.py", "--a", "1")
    second = job.instances[1]
    resources = json.loads(second.files["/opt/ml/config/resourceconfig.json"])
    assert (resources["current_host"], resources["hosts"]) == ("algo-2", ["algo-1", "algo-2"])
    told = json.loads(second.files["/opt/ml/config/processingjobconfig.json"])
    assert told["ProcessingJobArn"] == "arn:p" and told["Environment"] == {"X": "y"}
    assert "Tags" not in told
    assert second.environment == {
        "PROCESSING_JOB_NAME": "p",
        "PROCESSING_JOB_ARN": "arn:p",
        "AWS_REGION": "eu-west-1",
        "X": "y",
    }


def test_what_is_app_managed_is_left_to_the_container():
    where = {"S3Uri": "s3://b/x", "LocalPath": "/opt/ml/processing/x"}
    source = where | {"S3DataType": "ManifestFile", "S3CompressionType": "Gzip"}
    target = where | {"S3UploadMode": "Continuous"}
    job = process(
        ProcessingInputs=[
            {"InputName": "a", "S3Input": source},
            {"InputName": "b", "S3Input": source, "AppManaged": True},
        ],
        ProcessingOutputConfig={
            "Outputs": [
                {"OutputName": "a", "S3Output": target},
                {"OutputName": "b", "S3Output": target, "AppManaged": True},
            ]
        },
    )
    path = "/opt/ml/processing/x"
    assert job.inputs == (Input("a", "s3://b/x", path, manifest=True, gunzip=True),)
    assert job.uploads == (Upload(path, "s3://b/x", continuous=True),)
    assert path in job.folders
