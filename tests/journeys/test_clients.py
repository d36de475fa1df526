"""Tools that know nothing of Slipway, pointed at the local cloud by `eval "$(slipway env)"`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

AWS = Path(sys.executable).parent / "aws"
ROLE = "arn:aws:iam::123456789012:role/journey"
DEFINITION = {
    "Version": "2020-12-01",
    "Parameters": [{"Name": "Limit", "Type": "Integer", "DefaultValue": 3}],
    "Steps": [
        {
            "Name": "Check",
            "Type": "Condition",
            "Arguments": {
                "Conditions": [
                    {
                        "Type": "LessThan",
                        "LeftValue": {"Get": "Parameters.Limit"},
                        "RightValue": 10,
                    }
                ],
                "IfSteps": [],
                "ElseSteps": [
                    {
                        "Name": "TooHigh",
                        "Type": "Fail",
                        "Arguments": {
                            "ErrorMessage": {
                                "Std:Join": {
                                    "On": " ",
                                    "Values": ["found", {"Get": "Parameters.Limit"}],
                                }
                            }
                        },
                    }
                ],
            },
        }
    ],
}


@pytest.fixture
def aws(cloud):
    def run(*words):
        ended = subprocess.run(
            [AWS, *words], env=cloud.environ, capture_output=True, text=True, timeout=120
        )
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout) if ended.stdout.startswith("{") else ended.stdout

    return run


@pytest.mark.slow
def test_the_aws_cli_stores_an_object_and_runs_a_pipeline(aws, tmp_path):
    file = tmp_path / "some.txt"
    file.write_text("some text\n" * 1000)
    aws("s3", "mb", "s3://journey-of-the-aws-cli")
    aws("s3", "cp", str(file), "s3://journey-of-the-aws-cli/in/some.txt")
    aws("s3", "cp", "s3://journey-of-the-aws-cli/in/some.txt", str(tmp_path / "back.txt"))
    assert (tmp_path / "back.txt").read_text() == file.read_text()

    definition = tmp_path / "definition.json"
    definition.write_text(json.dumps(DEFINITION))
    words = ("--pipeline-definition", f"file://{definition}", "--role-arn", ROLE)
    aws("sagemaker", "create-pipeline", "--pipeline-name", "by-the-aws-cli", *words)
    started = aws("sagemaker", "start-pipeline-execution", "--pipeline-name", "by-the-aws-cli")
    arn = started["PipelineExecutionArn"]
    words = ("--pipeline-execution-arn", arn)
    while True:
        described = aws("sagemaker", "describe-pipeline-execution", *words)
        if described["PipelineExecutionStatus"] != "Executing":
            break
    assert described["PipelineExecutionStatus"] == "Succeeded"
    steps = aws("sagemaker", "list-pipeline-execution-steps", *words)["PipelineExecutionSteps"]
    assert [step["Metadata"] for step in steps] == [{"Condition": {"Outcome": "True"}}]


def test_boto3_runs_a_pipeline(cloud, tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        """
import json, sys, time, uuid, boto3
definition, role = sys.argv[1:]
sagemaker = boto3.client("sagemaker")
sagemaker.create_pipeline(PipelineName="by-boto3", PipelineDefinition=definition, RoleArn=role,
                          ClientRequestToken=str(uuid.uuid4()))
arn = sagemaker.start_pipeline_execution(
    PipelineName="by-boto3", PipelineParameters=[{"Name": "Limit", "Value": "12"}]
)["PipelineExecutionArn"]
while True:
    found = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    if found["PipelineExecutionStatus"] != "Executing":
        break
    time.sleep(0.05)
steps = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)["PipelineExecutionSteps"]
print(json.dumps([found["PipelineExecutionStatus"], [[s["StepName"], s.get("FailureReason")] for s in steps]]))
"""
    )
    ended = subprocess.run(
        [sys.executable, script, json.dumps(DEFINITION), ROLE],
        env=cloud.environ,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout) == ["Failed", [["TooHigh", "found 12"], ["Check", None]]]
