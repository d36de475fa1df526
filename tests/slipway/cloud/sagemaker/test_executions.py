"""Executions through the API of a cloud in its own process."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor

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


@pytest.fixture
def queue(cloud, request):
    """A queue, as the function that waits for its next message."""
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName=request.node.name[:80])["QueueUrl"]

    def receive():
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            messages = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages")
            if messages:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=messages[0]["ReceiptHandle"])
                return json.loads(messages[0]["Body"])
            time.sleep(0.05)
        raise AssertionError("no message came")

    receive.url = url
    return receive


def callback(name, queue, *after, **more):
    return {
        "Name": name,
        "Type": "Callback",
        "SqsQueueUrl": queue.url,
        "Arguments": {"what": "this"},
        "OutputParameters": [{"OutputName": "Count", "OutputType": "Integer"}],
        "DependsOn": list(after),
        **more,
    }


def start(sagemaker, name, **more):
    return sagemaker.start_pipeline_execution(PipelineName=name, **more)["PipelineExecutionArn"]


def by_name(sagemaker, arn):
    return {step["StepName"]: step for step in steps_of(sagemaker, arn)}


COUNT = [{"Name": "Count", "Value": "7"}]


def test_a_callback_gets_a_message_and_its_answer_goes_on(sagemaker, pipeline, queue):
    count = {"Get": "Steps.Ask.OutputParameters['Count']"}
    name = pipeline(callback("Ask", queue), choice("C", count, 5, [fail("Few", "few")]))
    arn = start(sagemaker, name)
    message = queue()
    token = message.pop("token")
    assert message == {
        "pipelineExecutionArn": arn,
        "arguments": {"what": "this"},
        "status": "Executing",
    }
    assert list(by_name(sagemaker, arn)) == ["Ask"]
    with pytest.raises(ClientError, match="Count: expected Integer, found 'x'"):
        sagemaker.send_pipeline_execution_step_success(
            CallbackToken=token, OutputParameters=[{"Name": "Count", "Value": "x"}]
        )
    done = {"CallbackToken": token, "OutputParameters": COUNT, "ClientRequestToken": "t" * 32}
    for _ in range(2):  # the same request twice
        answer = sagemaker.send_pipeline_execution_step_success(**done)
        assert answer["PipelineExecutionArn"] == arn
    with pytest.raises(ClientError, match="answered already"):
        sagemaker.send_pipeline_execution_step_failure(CallbackToken=token)
    assert ended(sagemaker, arn)["PipelineExecutionStatus"] == "Succeeded"
    steps = by_name(sagemaker, arn)
    assert steps["Ask"]["Metadata"]["Callback"] == {
        "CallbackToken": token,
        "SqsQueueUrl": queue.url,
        "OutputParameters": COUNT,
    }
    assert steps["C"]["Metadata"]["Condition"]["Outcome"] == "False"


def test_an_unknown_callback_token(sagemaker):
    with pytest.raises(ClientError) as refused:
        sagemaker.send_pipeline_execution_step_success(CallbackToken="0123456789")
    assert refused.value.response["Error"]["Code"] == "ResourceNotFound"


def test_retry_repeats_what_failed_and_keeps_what_succeeded(sagemaker, pipeline, queue):
    name = pipeline(callback("First", queue), callback("Second", queue, "First"))
    arn = start(sagemaker, name)
    sagemaker.send_pipeline_execution_step_success(
        CallbackToken=queue()["token"], OutputParameters=COUNT
    )
    sagemaker.send_pipeline_execution_step_failure(
        CallbackToken=queue()["token"], FailureReason="no"
    )
    described = ended(sagemaker, arn)
    assert described["FailureReason"] == "Step failure: One or multiple steps failed."
    before = by_name(sagemaker, arn)
    assert before["Second"]["FailureReason"] == "no"
    again = {"PipelineExecutionArn": arn, "ClientRequestToken": "r" * 32}
    assert sagemaker.retry_pipeline_execution(**again)["PipelineExecutionArn"] == arn
    sagemaker.retry_pipeline_execution(**again)
    assert (
        sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)["PipelineExecutionStatus"]
        == "Executing"
    )
    sagemaker.send_pipeline_execution_step_success(
        CallbackToken=queue()["token"], OutputParameters=COUNT
    )
    assert ended(sagemaker, arn)["PipelineExecutionStatus"] == "Succeeded"
    after = by_name(sagemaker, arn)
    assert after["First"] == before["First"]
    assert after["Second"]["AttemptCount"] == 1
    assert "FailureReason" not in after["Second"]


def test_a_stopped_callback_is_asked_to_stop_and_waited_for(sagemaker, pipeline, queue):
    name = pipeline(callback("Ask", queue), choice("C", 1, 2, [], []))
    sagemaker.update_pipeline(PipelineName=name, ParallelismConfiguration=ONE)
    arn = start(sagemaker, name)
    token = queue()["token"]
    for _ in range(2):
        sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    message = queue()
    assert (message["token"], message["status"]) == (token, "Stopping")
    described = sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    assert described["PipelineExecutionStatus"] == "Stopping"
    assert by_name(sagemaker, arn)["Ask"]["StepStatus"] == "Stopping"
    sagemaker.send_pipeline_execution_step_failure(CallbackToken=token, FailureReason="stopped")
    assert ended(sagemaker, arn)["PipelineExecutionStatus"] == "Stopped"
    assert by_name(sagemaker, arn)["Ask"]["StepStatus"] == "Stopped"
    with pytest.raises(ClientError, match="found Stopped") as refused:
        sagemaker.stop_pipeline_execution(PipelineExecutionArn=arn)
    assert refused.value.response["Error"]["Code"] == "ConflictException"


ONE = {"MaxParallelExecutionSteps": 1}


def test_parallelism_is_kept_to_and_can_be_changed_while_it_runs(sagemaker, pipeline, queue):
    name = pipeline(*[callback(f"Ask{number}", queue) for number in range(3)])
    arn = start(sagemaker, name, ParallelismConfiguration=ONE)
    tokens = [queue()["token"]]
    assert list(by_name(sagemaker, arn)) == ["Ask0"]
    sagemaker.update_pipeline_execution(
        PipelineExecutionArn=arn, ParallelismConfiguration={"MaxParallelExecutionSteps": 2}
    )
    tokens.append(queue()["token"])
    assert sorted(by_name(sagemaker, arn)) == ["Ask0", "Ask1"]
    for token in tokens:
        sagemaker.send_pipeline_execution_step_success(CallbackToken=token, OutputParameters=COUNT)
    sagemaker.send_pipeline_execution_step_success(
        CallbackToken=queue()["token"], OutputParameters=COUNT
    )
    assert ended(sagemaker, arn)["PipelineExecutionStatus"] == "Succeeded"


def test_a_cached_step_asks_nobody(sagemaker, pipeline, queue):
    cache = {"CacheConfig": {"Enabled": True, "ExpireAfter": "P30D"}}
    name = pipeline(callback("Ask", queue, **cache))
    first = start(sagemaker, name)
    sagemaker.send_pipeline_execution_step_success(
        CallbackToken=queue()["token"], OutputParameters=COUNT
    )
    ended(sagemaker, first)
    second = start(sagemaker, name)
    assert ended(sagemaker, second)["PipelineExecutionStatus"] == "Succeeded"
    (step,) = steps_of(sagemaker, second)
    assert step["CacheHitResult"] == {"SourcePipelineExecutionArn": first}
    assert step["Metadata"] == steps_of(sagemaker, first)[0]["Metadata"]
    assert "CacheHitResult" not in steps_of(sagemaker, first)[0]


def test_selective_execution_takes_over_what_it_needs(sagemaker, pipeline, queue):
    count = {"Get": "Steps.Ask.OutputParameters['Count']"}
    name = pipeline(callback("Ask", queue), choice("C", count, 5, [], []), choice("D", 1, 2))
    first = start(sagemaker, name)
    sagemaker.send_pipeline_execution_step_success(
        CallbackToken=queue()["token"], OutputParameters=COUNT
    )
    ended(sagemaker, first)
    chosen = {"SelectedSteps": [{"StepName": "C"}]}
    with pytest.raises(ClientError, match="Invalid SourcePipelineExecutionArn: null"):
        start(sagemaker, name, SelectiveExecutionConfig=chosen)
    config = {**chosen, "SourcePipelineExecutionArn": first}
    second = start(sagemaker, name, SelectiveExecutionConfig=config)
    described = ended(sagemaker, second)
    assert described["PipelineExecutionStatus"] == "Succeeded"
    assert described["SelectiveExecutionConfig"] == config
    steps = by_name(sagemaker, second)
    assert sorted(steps) == ["Ask", "C"]
    assert steps["Ask"]["SelectiveExecutionResult"] == {"SourcePipelineExecutionArn": first}
    assert "SelectiveExecutionResult" not in steps["C"]


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


def test_a_callback_is_waited_for_across_a_kill(own_cloud):
    sqs, sagemaker = own_cloud.client("sqs"), own_cloud.client("sagemaker")
    url = sqs.create_queue(QueueName="kill")["QueueUrl"]
    steps = {
        "Name": "Ask",
        "Type": "Callback",
        "SqsQueueUrl": url,
        "Arguments": {},
        "OutputParameters": [],
    }
    sagemaker.create_pipeline(
        PipelineName="kill", RoleArn=ROLE, PipelineDefinition=definition(steps)
    )
    arn = start(sagemaker, "kill")
    while not (found := sqs.receive_message(QueueUrl=url).get("Messages")):
        time.sleep(0.05)
    token = json.loads(found[0]["Body"])["token"]
    own_cloud.kill()
    own_cloud.start()
    sagemaker = own_cloud.client("sagemaker")
    assert by_name(sagemaker, arn)["Ask"]["StepStatus"] in ("Starting", "Executing")
    sagemaker.send_pipeline_execution_step_success(CallbackToken=token)
    assert ended(sagemaker, arn)["PipelineExecutionStatus"] == "Succeeded"


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


def test_a_pipeline_is_not_deleted_while_it_runs_and_takes_its_executions_with_it(
    sagemaker, pipeline, queue
):
    cache = {"CacheConfig": {"Enabled": True}}
    name = pipeline(callback("Ask", queue, **cache))
    arn = start(sagemaker, name)
    token = queue()["token"]
    with pytest.raises(ClientError, match=arn) as refused:
        sagemaker.delete_pipeline(PipelineName=name)
    assert refused.value.response["Error"]["Code"] == "ConflictException"
    sagemaker.send_pipeline_execution_step_success(CallbackToken=token, OutputParameters=COUNT)
    ended(sagemaker, arn)
    sagemaker.delete_pipeline(PipelineName=name)
    with pytest.raises(ClientError) as refused:
        sagemaker.describe_pipeline_execution(PipelineExecutionArn=arn)
    assert refused.value.response["Error"]["Code"] == "ResourceNotFound"
    pipeline(callback("Ask", queue, **cache))  # a new one of that name knows no earlier results
    again = start(sagemaker, name)
    sagemaker.send_pipeline_execution_step_success(
        CallbackToken=queue()["token"], OutputParameters=COUNT
    )
    assert ended(sagemaker, again)["PipelineExecutionStatus"] == "Succeeded"


def test_an_execution_keeps_its_version_and_can_be_renamed(sagemaker, pipeline, queue):
    name = pipeline(callback("Ask", queue))
    first = start(sagemaker, name)
    before = sagemaker.describe_pipeline(PipelineName=name)["PipelineDefinition"]
    token = queue()["token"]
    sagemaker.update_pipeline(
        PipelineName=name,
        PipelineDefinition=definition(choice("C", 1, 2)),
        PipelineVersionAliases=["newer"],
    )
    kept = sagemaker.describe_pipeline_definition_for_execution(PipelineExecutionArn=first)
    assert kept["PipelineDefinition"] == before
    sagemaker.update_pipeline_execution(
        PipelineExecutionArn=first,
        PipelineExecutionDisplayName="renamed",
        PipelineExecutionDescription="why",
    )
    second = start(sagemaker, name)
    by_alias = sagemaker.list_pipeline_executions(PipelineName=name, PipelineVersionAlias="newer")
    (summary,) = by_alias["PipelineExecutionSummaries"]
    assert summary["PipelineExecutionArn"] == second
    assert summary["PipelineVersionAliases"] == ["newer"]
    sagemaker.send_pipeline_execution_step_success(CallbackToken=token, OutputParameters=COUNT)
    described = ended(sagemaker, first)
    assert described["PipelineExecutionDisplayName"] == "renamed"
    assert described["PipelineExecutionDescription"] == "why"
    assert described["PipelineVersionId"] == 1
    one = start(sagemaker, name, PipelineVersionId=1)
    queue()
    assert list(by_name(sagemaker, one)) == ["Ask"]
    sagemaker.stop_pipeline_execution(PipelineExecutionArn=one)
    sagemaker.send_pipeline_execution_step_failure(CallbackToken=queue()["token"])
    assert ended(sagemaker, one)["PipelineExecutionStatus"] == "Stopped"
    with pytest.raises(ClientError, match="found Stopped") as refused:
        sagemaker.update_pipeline_execution(
            PipelineExecutionArn=one, ParallelismConfiguration={"MaxParallelExecutionSteps": 2}
        )
    assert refused.value.response["Error"]["Code"] == "ConflictException"
