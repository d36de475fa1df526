"""Steps that wait for an answer from outside, and what waits with them."""

import json
import time

import pytest
from botocore.exceptions import ClientError

from executions import (
    COUNT,
    ROLE,
    by_name,
    callback,
    choice,
    definition,
    ended,
    fail,
    start,
    steps_of,
)


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
