"""The table of step types, against AWS's own model of the operations that it names."""

import time

import pytest
from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel

from slipway.definition.graph import build_graph
from slipway.definition.parse import parse
from slipway.engine.attempt import Attempt, Facts
from slipway.engine.errors import Refused
from slipway.engine.events import StepExecuting, StepSucceeded
from slipway.engine.plan import plan_of
from slipway.engine.state import Execution, StepRun
from slipway.engine.steps.resources import JOBS, kind_of

MODEL = ServiceModel(Loader().load_service_model("sagemaker", "service-2"), "sagemaker")
ARN = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/Mine/execution/abcdefghijkl"


def members(operation, side):
    return getattr(MODEL.operation_model(operation), side).members


@pytest.mark.parametrize(("step_type", "resource"), JOBS.items(), ids=list(JOBS))
def test_every_operation_and_member_exists(step_type, resource):
    assert resource.name in members(resource.create, "input_shape")
    assert resource.arn in members(resource.create, "output_shape")
    assert resource.name in members(resource.describe, "input_shape")
    described = members(resource.describe, "output_shape")
    assert {resource.name, resource.arn} <= described.keys()
    if resource.stop:
        assert resource.name in members(resource.stop, "input_shape")
    if resource.status:
        statuses = set(described[resource.status].enum)
        assert resource.succeeded | resource.failed <= statuses
        assert not resource.stop or resource.stopped <= statuses
    if resource.more:
        operation, member = resource.more
        assert member in members(operation, "output_shape")
    if resource.update:
        assert resource.arn in members(resource.update, "output_shape")
    longest = members(resource.create, "input_shape")[resource.name].metadata["max"]
    assert resource.longest <= longest
    metadata = members("ListPipelineExecutionSteps", "output_shape")
    metadata = metadata["PipelineExecutionSteps"].member.members["Metadata"].members
    assert "Arn" in metadata[resource.metadata].members
    assert not resource.tagged or "Tags" in members(resource.create, "input_shape")


class Recorder:
    """A SageMaker that takes every call and answers from a table."""

    def __init__(self, **answers):
        self.answers, self.calls = answers, []

    @property
    def meta(self):
        return self

    service_model = MODEL

    def __getattr__(self, name):
        def call(**request):
            self.calls.append((name, request))
            return self.answers[name]

        return call


def events(step, service):
    definition = parse({"Version": "2020-12-01", "Steps": [step]})
    graph = build_graph(definition)
    pipeline = ARN.partition("/execution")[0]
    facts = Facts(ARN, ARN[-12:], "us-east-1", pipeline, "Mine", definition, graph, {}, time.time())
    run = StepRun(step["Name"], "Starting", 0.0, token="xw869y8C4a")
    execution = Execution(plan_of(graph))
    attempt = Attempt(
        facts, execution, graph.steps[step["Name"]], run, lambda _: service, time.time
    )
    kind = kind_of(JOBS[step["Type"]])
    return list(kind.start(attempt, attempt.resolve(step["Arguments"])))


def test_a_tuning_job_has_a_short_name_and_its_best_jobs_as_properties():
    resource = JOBS["Tuning"]
    answers = {
        resource.create: {resource.arn: "arn:tuning"},
        resource.describe: {
            resource.status: "Completed",
            resource.name: "tuning",
            "HyperParameterTuningJobConfig": {
                "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "loss"}
            },
        },
        resource.more[0]: {"TrainingJobSummaries": [{"TrainingJobName": "best"}]},
    }
    service = Recorder(**{xform_name(name): answer for name, answer in answers.items()})
    step = {"Name": "Tune", "Type": "Tuning", "Arguments": {}}
    executing, succeeded = events(step, service)
    assert executing.metadata == {"TuningJob": {"Arn": "arn:tuning"}}
    assert succeeded.properties["TrainingJobSummaries"] == [{"TrainingJobName": "best"}]
    _, listed = service.calls[-1]
    assert (listed["SortBy"], listed["SortOrder"]) == ("FinalObjectiveMetricValue", "Ascending")
    _, request = service.calls[0]
    assert request["HyperParameterTuningJobName"] == "abcdefghijkl-xw869y8C4a"
    assert request["Tags"][0] == {"Key": "sagemaker:pipeline-execution-arn", "Value": ARN}


def test_an_endpoint_that_exists_is_updated_with_what_an_update_takes():
    arguments = {"EndpointName": "live", "EndpointConfigName": "new", "Tags": []}
    service = Recorder(
        describe_endpoint={"EndpointStatus": "InService", "EndpointArn": "arn:live"},
        update_endpoint={"EndpointArn": "arn:live"},
    )
    step = {"Name": "Deploy", "Type": "Endpoint", "Arguments": arguments}
    executing, succeeded = events(step, service)
    assert isinstance(executing, StepExecuting)
    assert isinstance(succeeded, StepSucceeded)
    assert ("update_endpoint", {"EndpointName": "live", "EndpointConfigName": "new"}) in (
        service.calls
    )


def test_an_update_that_left_the_endpoint_as_it_was_fails_the_step():
    """A failed update ends InService, on the old configuration."""
    arguments = {"EndpointName": "live", "EndpointConfigName": "new"}
    described = {"EndpointStatus": "InService", "EndpointArn": "arn:live"}
    described |= {"EndpointConfigName": "old", "FailureReason": "Alarm errors was in ALARM state"}
    service = Recorder(describe_endpoint=described, update_endpoint={"EndpointArn": "arn:live"})
    step = {"Name": "Deploy", "Type": "Endpoint", "Arguments": arguments}
    with pytest.raises(Refused, match="ClientError: Alarm errors was in ALARM state"):
        events(step, service)
