"""The driver, with a service that fails in ways that a real one does only now and then."""

import json
import threading
import time
from dataclasses import replace

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from slipway.definition.graph import build_graph
from slipway.definition.parse import parse
from slipway.engine import events as happened
from slipway.engine.attempt import Facts
from slipway.engine.driver import Driver, same
from slipway.engine.plan import plan_of
from slipway.engine.state import FINISHED, StepRun, replay

ARN = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/Mine/execution/abcdefghijkl"


class Memory:
    """A store that keeps one execution's log in memory."""

    def __init__(self, *steps):
        definition = parse({"Version": "2020-12-01", "Steps": list(steps)})
        graph = build_graph(definition)
        pipeline = ARN.partition("/execution")[0]
        self.facts = Facts(
            ARN, ARN[-12:], "us-east-1", pipeline, "Mine", definition, graph, {}, time.time()
        )
        self.plan = plan_of(graph)
        self.log = [happened.ExecutionStarted(time.time())]
        self.over = threading.Event()

    def load(self, arn):
        return self.facts, self.plan, list(self.log)

    def append(self, facts, event, before, after):
        self.log.append(event)
        if after.status in FINISHED:
            self.over.set()

    def unfinished(self):
        return [ARN]

    def earlier(self, facts, step, key):
        return None

    @property
    def execution(self):
        return replay(self.plan, self.log)


class Service:
    """A SageMaker whose answers are laid out beforehand; the last one stays."""

    def __init__(self, create=(), describe=()):
        self.answers = {"create": list(create), "describe": list(describe)}
        self.names = []

    def create_training_job(self, **request):
        self.names.append(request["TrainingJobName"])
        return {"TrainingJobArn": "arn:job", **self.next("create")}

    def describe_training_job(self, TrainingJobName):
        return self.next("describe")

    def stop_training_job(self, TrainingJobName):
        return {}

    def next(self, which):
        answers = self.answers[which]
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def training(**more):
    return {"Name": "Train", "Type": "Training", "Arguments": {"RoleArn": "role"}, **more}


def refusal(code, status=400, message="no"):
    response = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, "CreateTrainingJob")


def run(service, store):
    driver = Driver(store, lambda *_: service, lambda _: True, poll=0.1)
    driver.start()
    assert store.over.wait(10), store.log
    driver.stop()
    return store.execution


COMPLETED = {"TrainingJobStatus": "Completed", "TrainingJobArn": "arn:job"}
QUICK = {"IntervalSeconds": 0, "BackoffRate": 1.0, "MaxAttempts": 3}


def failed(reason):
    return {"TrainingJobStatus": "Failed", "FailureReason": reason}


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ({"create": [refusal("ThrottlingException")] * 2 + [{}]}, "Step.THROTTLING"),
        ({"create": [refusal("InternalFailure", 500)] * 2 + [{}]}, "Step.SERVICE_FAULT"),
        (
            {"create": [refusal("ResourceLimitExceeded")] * 2 + [{}]},
            "SageMaker.RESOURCE_LIMIT",
        ),
        (
            {"describe": [failed("CapacityError: none left")] * 2 + [COMPLETED]},
            "SageMaker.CAPACITY_ERROR",
        ),
        (
            {"describe": [failed("InternalServerError: sorry")] * 2 + [COMPLETED]},
            "SageMaker.JOB_INTERNAL_ERROR",
        ),
    ],
)
def test_a_policy_repeats_its_fault_with_a_new_job_each_time(answers, fault):
    service = Service(**{"create": [{}], "describe": [COMPLETED], **answers})
    store = Memory(training(RetryPolicies=[{"ExceptionType": [fault], **QUICK}]))
    execution = run(service, store)
    assert execution.status == "Succeeded"
    step = execution.steps["Train"]
    assert (step.attempt, step.faults) == (3, (fault, fault))
    first, second, third = service.names
    assert first.startswith("pipelines-abcdefghijkl-Train-")
    assert first.count("-") + 1 == second.count("-") == third.count("-")
    assert (second[-2:], third[-2:]) == ("-1", "-2")


def test_without_a_policy_the_refusal_is_final_and_in_the_words_of_aws():
    service = Service(create=[refusal("ResourceLimitExceeded", message="too many")])
    execution = run(service, Memory(training()))
    assert execution.status == "Failed"
    assert execution.steps["Train"].reason == (
        "ClientError: Failed to invoke sagemaker:CreateTrainingJob. Error Details: too many\n"
        f"Retry not appropriate on execution of step with PipelineExecutionArn {ARN.lower()} and "
        "StepId Train. No retry policy configured for the exception type SAGEMAKER_RESOURCE_LIMIT."
    )
    assert execution.steps["Train"].metadata == {}


def test_no_answer_to_a_look_is_no_failure_of_the_job():
    silence = EndpointConnectionError(endpoint_url="http://localhost")
    running = {"TrainingJobStatus": "InProgress"}
    service = Service([{}], [silence, refusal("InternalFailure", 500), running, COMPLETED])
    execution = run(service, Memory(training()))
    assert execution.status == "Succeeded"
    assert len(service.names) == 1
    assert execution.steps["Train"].properties == COMPLETED


def test_a_start_without_an_answer_looks_first_whether_the_job_is_there():
    silence = EndpointConnectionError(endpoint_url="http://localhost")
    execution = run(Service([silence], [COMPLETED]), Memory(training()))
    assert execution.status == "Succeeded"
    assert execution.steps["Train"].attempt == 1


def test_a_process_that_takes_up_finds_the_job_that_the_last_one_created():
    store = Memory(training())
    store.log.append(happened.StepStarted(time.time(), "Train", "token12345"))
    service = Service(create=[AssertionError("created twice")], describe=[COMPLETED])
    execution = run(service, store)
    assert execution.status == "Succeeded"
    assert execution.steps["Train"].job == "pipelines-abcdefghijkl-Train-token12345"


def test_an_error_of_ours_does_not_look_like_an_error_of_the_step():
    execution = run(Service(create=[ZeroDivisionError("ours")]), Memory(training()))
    assert execution.status == "Failed"
    reason = execution.steps["Train"].reason
    assert reason.startswith("InternalFailure: an error in Slipway, not in the step")


def test_what_cannot_be_resolved_fails_the_step_that_uses_it():
    source = training()
    get = {"Get": "Steps.Train.ModelArtifacts.S3ModelArtifacts"}
    use = {"Name": "Use", "Type": "Training", "Arguments": {"RoleArn": get}}
    execution = run(Service([{}], [COMPLETED]), Memory(source, use))
    assert execution.status == "Failed"
    assert execution.steps["Train"].status == "Succeeded"
    assert execution.steps["Use"].reason.startswith(
        "ClientError: Steps.Train.ModelArtifacts.S3ModelArtifacts"
    )


def test_a_job_knows_its_own_name_and_the_execution_it_belongs_to():
    seen = {}

    class Watching(Service):
        def create_training_job(self, **request):
            seen.update(request)
            return super().create_training_job(**request)

    names = ["TrainingJobName", "PipelineExecutionId", "PipelineName"]
    joined = {"Std:Join": {"On": "/", "Values": [{"Get": f"Execution.{n}"} for n in names]}}
    store = Memory(training(Arguments={"HyperParameters": {"name": joined}, "Tags": []}))
    assert run(Watching([{}], [COMPLETED]), store).status == "Succeeded"
    name = seen["TrainingJobName"]
    assert seen["HyperParameters"]["name"] == f"{name}/abcdefghijkl/Mine"
    assert json.loads(json.dumps(seen["Tags"]))[0]["Value"] == ARN


def test_a_job_that_was_stopped_from_outside_fails_the_execution_and_says_so():
    execution = run(Service([{}], [{"TrainingJobStatus": "Stopped"}]), Memory(training()))
    assert execution.status == "Failed"
    assert execution.steps["Train"].status == "Stopped"
    assert "ran longer than MaxRuntimeInSeconds" in execution.steps["Train"].reason


def test_news_of_an_attempt_that_is_over_is_not_news():
    attempt = StepRun("Train", "Executing", 0.0, token="first")
    assert same(attempt, attempt)
    assert not same(replace(attempt, token="second"), attempt)
    assert not same(replace(attempt, retry_at=1.0), attempt)
    assert not same(replace(attempt, status="Succeeded"), attempt)
    assert not same(None, attempt)
