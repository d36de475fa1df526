"""What an execution tells others."""

import json
import time

import pytest

from slipway.cloud.sagemaker.pipelines import engine

ROLE = "arn:aws:iam::123456789012:role/pipelines"
EXECUTION = "SageMaker Model Building Pipeline Execution Status Change"
STEP = "SageMaker Model Building Pipeline Execution Step Status Change"


@pytest.fixture
def events(local):
    seen = []
    local.cloud.events.subscribe(seen.append)
    yield seen
    engine.stop(local.cloud)


def test_every_change_of_status_is_told_in_the_form_of_eventbridge(local, events):
    step = {"Name": "F", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}
    sagemaker = local.client("sagemaker")
    sagemaker.create_pipeline(
        PipelineName="Reviews", RoleArn=ROLE, PipelineDefinition=json.dumps({"Steps": [step]})
    )
    arn = sagemaker.start_pipeline_execution(PipelineName="Reviews")["PipelineExecutionArn"]
    deadline = time.monotonic() + 10
    while len(events) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    started, begun, failed, ended = events
    assert [each.detail_type for each in events] == [EXECUTION, STEP, STEP, EXECUTION]
    arns = {"pipelineArn": arn.partition("/execution")[0].lower()}
    arns["pipelineExecutionArn"] = arn.lower()  # AWS's events have the name in lower case
    for event in events:
        assert event.source == "aws.sagemaker"
        assert event.resources == tuple(arns.values())
        assert arns.items() <= event.detail.items()
    assert started.detail["currentPipelineExecutionStatus"] == "Executing"
    assert "previousPipelineExecutionStatus" not in started.detail
    assert started.detail["pipelineExecutionDisplayName"].startswith("execution-")
    assert "executionEndTime" not in started.detail
    assert (begun.detail["stepName"], begun.detail["stepType"]) == ("F", "Fail")
    assert begun.detail["currentStepStatus"] == "Starting"
    assert failed.detail["previousStepStatus"] == "Starting"
    assert failed.detail["currentStepStatus"] == "Failed"
    assert failed.detail["failureReason"] == "no"
    assert failed.detail["metadata"] == {"fail": {"errorMessage": "no"}}
    assert failed.detail["stepEndTime"] >= failed.detail["stepStartTime"]
    assert ended.detail["currentPipelineExecutionStatus"] == "Failed"
    assert ended.detail["previousPipelineExecutionStatus"] == "Executing"
    assert ended.detail["executionEndTime"].endswith("Z")


def test_an_execution_is_counted_when_it_begins_and_when_it_ends(local, events):
    step = {"Name": "F", "Type": "Fail", "Arguments": {"ErrorMessage": "no"}}
    sagemaker, cloudwatch = local.client("sagemaker"), local.client("cloudwatch")
    sagemaker.create_pipeline(
        PipelineName="Counted", RoleArn=ROLE, PipelineDefinition=json.dumps({"Steps": [step]})
    )
    sagemaker.start_pipeline_execution(PipelineName="Counted")

    def total(metric):
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/Sagemaker/ModelBuildingPipeline",
            MetricName=metric,
            Dimensions=[{"Name": "PipelineName", "Value": "Counted"}],
            StartTime=time.time() - 600,
            EndTime=time.time() + 600,
            Period=60,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(point["Sum"] for point in points)

    deadline = time.monotonic() + 10
    while not total("ExecutionFailed") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (total("ExecutionStarted"), total("ExecutionFailed")) == (1, 1)
    assert total("ExecutionDuration") > 0
    assert total("ExecutionSucceeded") == 0
