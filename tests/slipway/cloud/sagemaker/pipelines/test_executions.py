"""Executions through the API of a cloud in its own process."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from executions import ROLE, choice, ended, fail, start, steps_of


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


def test_a_step_type_that_does_not_run_says_so(sagemaker, pipeline):
    lineage = {"Name": "L", "Type": "Lineage", "Arguments": {"Actions": []}}
    arn = start(sagemaker, pipeline(lineage))
    assert ended(sagemaker, arn)["PipelineExecutionStatus"] == "Failed"
    (step,) = steps_of(sagemaker, arn)
    assert "steps of type Lineage do not run in Slipway" in step["FailureReason"]
    assert step["Metadata"] == {}
    assert step["AttemptCount"] == 1


def test_the_same_token_starts_one_execution(sagemaker, pipeline):
    name = pipeline(choice("C", 1, 2))
    first, second = (start(sagemaker, name, ClientRequestToken="s" * 32) for _ in range(2))
    assert first == second
    assert first != start(sagemaker, name, ClientRequestToken="u" * 32)


def test_executions_are_listed_newest_first_page_by_page(sagemaker, pipeline):
    name = pipeline(choice("C", 1, 2))
    arns = [start(sagemaker, name) for _ in range(3)]
    page = sagemaker.list_pipeline_executions(PipelineName=name, MaxResults=2)
    rest = sagemaker.list_pipeline_executions(
        PipelineName=name, MaxResults=2, NextToken=page["NextToken"]
    )
    listed = page["PipelineExecutionSummaries"] + rest["PipelineExecutionSummaries"]
    assert [each["PipelineExecutionArn"] for each in listed] == arns[::-1]
    assert "NextToken" not in rest
    assert listed[0]["PipelineExecutionDisplayName"].startswith("execution-")


def test_an_execution_is_found_whatever_the_case_of_its_arn(sagemaker, pipeline):
    arn = start(sagemaker, pipeline(choice("C", 1, 2), name="CaseOfTheName"))
    described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn.lower())
    assert described["PipelineExecutionArn"] == arn
    assert re.fullmatch(r"arn:.*:pipeline/CaseOfTheName/execution/[a-z0-9]{12}", arn)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ([{"Name": "Treshold", "Value": "1"}], "Unknown parameter 'Treshold'"),
        ([{"Name": "Threshold", "Value": "x"}], "Unexpected type for parameter 'Threshold'"),
        ([], "Parameter 'Threshold' is undefined"),
    ],
)
def test_parameters_that_do_not_fit_are_refused(sagemaker, pipeline, given, text):
    name = f"refused-parameters-{abs(hash(text))}"
    pipeline(choice("C", 1, 2), parameters=[{"Name": "Threshold", "Type": "Integer"}], name=name)
    with pytest.raises(ClientError, match=text) as refused:
        start(sagemaker, name, PipelineParameters=given)
    assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_a_lambda_step_without_its_function_fails_with_the_words_of_the_service(
    sagemaker, pipeline
):
    arn_of_function = "arn:aws:lambda:us-east-1:123456789012:function:nothing"
    step = {"Name": "Call", "Type": "Lambda", "FunctionArn": arn_of_function, "Arguments": {}}
    arn = start(sagemaker, pipeline(step))
    assert ended(sagemaker, arn)["PipelineExecutionStatus"] == "Failed"
    (step,) = steps_of(sagemaker, arn)
    assert step["FailureReason"].startswith("ClientError: Failed to invoke lambda:Invoke.")
    assert step["Metadata"]["Lambda"]["Arn"] == arn_of_function
    assert step["AttemptCount"] == 1


def test_experiment_and_mlflow_are_shown_resolved(sagemaker):
    text = {
        "Version": "2020-12-01",
        "PipelineExperimentConfig": {
            "ExperimentName": {"Get": "Execution.PipelineName"},
            "TrialName": {"Get": "Execution.PipelineExecutionId"},
        },
        "MlflowConfig": {
            "MlflowResourceArn": "arn:aws:sagemaker:us-east-1:123456789012:mlflow-app/a",
            "MlflowExperimentName": {"Get": "Execution.PipelineName"},
        },
        "Steps": [choice("C", 1, 2)],
    }
    sagemaker.create_pipeline(
        PipelineName="experiment", RoleArn=ROLE, PipelineDefinition=json.dumps(text)
    )
    arn = start(sagemaker, "experiment")
    described = ended(sagemaker, arn)
    identifier = arn.rpartition("/")[2]
    assert described["PipelineExperimentConfig"] == {
        "ExperimentName": "experiment",
        "TrialName": identifier,
    }
    assert described["MLflowConfig"]["MlflowExperimentName"] == "experiment"
    again = ended(sagemaker, start(sagemaker, "experiment", MlflowExperimentName="other"))
    assert again["MLflowConfig"]["MlflowExperimentName"] == "other"


def test_many_requests_with_one_token_start_one_execution(cloud, pipeline):
    name = pipeline(choice("C", 1, 2))
    clients = [cloud.client("sagemaker") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        arns = set(pool.map(lambda each: start(each, name, ClientRequestToken="m" * 32), clients))
    assert len(arns) == 1
