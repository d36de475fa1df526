"""Executions through the API of a cloud in its own process."""

import json
import time

import pytest
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::123456789012:role/pipelines"
ENDED = ("Succeeded", "Failed", "Stopped", "CompletedWithFailures")


def choice(name, left, right, if_steps=(), else_steps=()):
    condition = {"Type": "LessThan", "LeftValue": left, "RightValue": right}
    branches = {"IfSteps": list(if_steps), "ElseSteps": list(else_steps)}
    return {
        "Name": name,
        "Type": "Condition",
        "Arguments": {"Conditions": [condition], **branches},
    }


def fail(name, message):
    return {"Name": name, "Type": "Fail", "Arguments": {"ErrorMessage": message}}


def definition(*steps, parameters=()):
    return json.dumps(
        {"Version": "2020-12-01", "Parameters": list(parameters), "Steps": list(steps)}
    )


@pytest.fixture
def sagemaker(cloud):
    return cloud.client("sagemaker")


@pytest.fixture
def pipeline(sagemaker, request):
    """Create a pipeline with a name of the test's own."""

    def create(*steps, name=None, **more):
        name = name or request.node.name.replace("_", "-")[:82]
        sagemaker.create_pipeline(
            PipelineName=name, RoleArn=ROLE, PipelineDefinition=definition(*steps, **more)
        )
        return name

    return create


def ended(sagemaker, arn):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
        if described["PipelineExecutionStatus"] in ENDED:
            return described
        time.sleep(0.02)
    raise AssertionError(f"still {described['PipelineExecutionStatus']}")


def steps_of(sagemaker, arn):
    listed = sagemaker.list_pipeline_execution_steps(PipelineExecutionArn=arn)
    return listed["PipelineExecutionSteps"]


def test_a_condition_and_a_fail_step(sagemaker, pipeline):
    threshold = {"Name": "Threshold", "Type": "Integer", "DefaultValue": 5}
    message = {"Std:Join": {"On": " ", "Values": ["outcome", {"Get": "Steps.C.Outcome"}]}}
    name = pipeline(
        choice(
            "C", {"Get": "Parameters.Threshold"}, 3, [fail("Low", "low")], [fail("High", message)]
        ),
        parameters=[threshold],
    )
    arn = sagemaker.start_pipeline_execution(PipelineName=name)["PipelineExecutionArn"]
    described = ended(sagemaker, arn)
    assert described["PipelineExecutionStatus"] == "Failed"
    assert described["FailureReason"] == "Step failure: One or multiple steps failed."
    newest, first = steps_of(sagemaker, arn)
    assert (first["StepName"], newest["StepName"]) == ("C", "High")
    assert first["StepStatus"] == "Succeeded"
    assert first["Metadata"]["Condition"]["Outcome"] == "False"
    assert newest["FailureReason"] == "outcome false"
    assert newest["Metadata"]["Fail"]["ErrorMessage"] == "outcome false"
    assert newest["AttemptCount"] == 1
    with pytest.raises(ClientError, match="Fail step High") as refused:
        sagemaker.retry_pipeline_execution(PipelineExecutionArn=arn)
    assert refused.value.response["Error"]["Code"] == "ConflictException"


def test_parameters_decide(sagemaker, pipeline):
    threshold = {"Name": "Threshold", "Type": "Integer", "DefaultValue": 5}
    name = pipeline(
        choice("C", {"Get": "Parameters.Threshold"}, 3, [], [fail("High", "high")]),
        parameters=[threshold],
    )
    arn = sagemaker.start_pipeline_execution(
        PipelineName=name, PipelineParameters=[{"Name": "Threshold", "Value": "1"}]
    )["PipelineExecutionArn"]
    assert ended(sagemaker, arn)["PipelineExecutionStatus"] == "Succeeded"
    (step,) = steps_of(sagemaker, arn)
    assert step["Metadata"]["Condition"]["Outcome"] == "True"
    assert "FailureReason" not in step
    listed = sagemaker.list_pipeline_parameters_for_execution(PipelineExecutionArn=arn)
    assert listed["PipelineParameters"] == [{"Name": "Threshold", "Value": "1"}]
