"""Wrong parameters and missing data, as the person at the command line reads of them."""

import json

import boto3
import pytest

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
DATA = {
    "S3Uri": {"Get": "Parameters.InputData"},
    "LocalPath": "/opt/ml/processing/input",
    "S3DataType": "S3Prefix",
    "S3InputMode": "File",
}
CLUSTER = {
    "InstanceType": "ml.m5.large",
    "InstanceCount": {"Get": "Parameters.Instances"},
    "VolumeSizeInGB": 30,
}
STATUS = "PipelineExecutionStatus"
ROLE = "arn:aws:iam::123456789012:role/pipelines"
READ = {
    "Name": "Read",
    "Type": "Processing",
    "Arguments": {
        "ProcessingResources": {"ClusterConfig": CLUSTER},
        "AppSpecification": {
            "ImageUri": IMAGE,
            "ContainerEntrypoint": ["python3", "-c", "import os; print([os.environ['NOTE']])"],
        },
        "Environment": {"NOTE": {"Get": "Parameters.Note"}},
        "ProcessingInputs": [{"InputName": "data", "S3Input": DATA}],
        "RoleArn": ROLE,
    },
}
DEFINITION = {
    "Version": "2020-12-01",
    "Parameters": [
        {"Name": "InputData", "Type": "String"},
        {"Name": "Instances", "Type": "Integer", "DefaultValue": 1},
        {"Name": "Note", "Type": "String", "DefaultValue": "none"},
    ],
    "Steps": [READ],
}


@pytest.fixture
def run(cloud, tmp_path):
    file = tmp_path / "read.json"
    file.write_text(json.dumps(DEFINITION))

    def run(**parameters):
        words = [word for pair in parameters.items() for word in ("-p", "=".join(pair))]
        return cloud("run", file, "--role", ROLE, "--wait", "--json", *words)

    return run


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"InputDat": "s3://a/b"}, "Unknown parameter 'InputDat'. Did you mean 'InputData'?"),
        ({}, "Parameter 'InputData' is undefined."),
        ({"InputData": "s3://a/b", "Instances": ""}, "Expected Integer but found ''."),
        ({"InputData": "s3://a/b", "Instances": "two"}, "Expected Integer but found 'two'."),
    ],
)
def test_wrong_parameters_start_nothing(run, cloud, parameters, said):
    ended = run(**parameters)
    assert (ended.code, ended.out) == (1, "")
    assert said in ended.err.splitlines()[-1]
    assert cloud("executions", "read", "--json").json == []


def test_missing_input_is_named_and_a_retry_finds_it_once_it_is_there(run, cloud, monkeypatch):
    for name, value in cloud.environ.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    s3 = boto3.client("s3")
    ended = run(InputData="s3://reviews/data/", Note="")  # an empty text is a value like any other
    assert ended.code == 1
    (step,) = ended.json["Steps"]
    assert 'No S3 objects found under S3 URL "s3://reviews/data/"' in step["FailureReason"]
    execution = ended.json["PipelineExecutionArn"]
    assert "slipway retry" in cloud("show", execution).out

    s3.create_bucket(Bucket="reviews")
    s3.put_object(Bucket="reviews", Key="data/part-0", Body=b"x")
    assert cloud("retry", execution).code == 0
    assert cloud("logs", f"{execution}/Read", "-f").out.splitlines()[-1].endswith("['']")
    while (shown := cloud("show", execution, "--json")).json[STATUS] == "Executing":
        pass
    assert shown.json[STATUS] == "Succeeded"


def test_what_is_no_uri_is_refused_with_its_member(run):
    ended = run(InputData="")
    assert ended.code == 1
    assert "'processingInputs.1.member.s3Input.s3Uri'" in ended.json["Steps"][0]["FailureReason"]
