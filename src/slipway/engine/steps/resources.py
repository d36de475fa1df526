"""Steps that create something by the SageMaker API and wait until it is done."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from slipway.engine.attempt import Attempt
from slipway.engine.errors import Refused
from slipway.engine.events import Event, StepExecuting, StepStopped, StepSucceeded
from slipway.engine.names import job_name
from slipway.engine.retries import CAPACITY_ERROR, JOB_INTERNAL_ERROR
from slipway.engine.steps.api import call, describe
from slipway.engine.steps.kind import Kind


@dataclass(frozen=True)
class Resource:
    """The operations and members by which one type of step is created and followed."""

    create: str
    describe: str
    name: str  # member that names it, in the requests to create, describe and stop
    arn: str  # member of the answer to create
    metadata: str  # member of the step's Metadata
    status: str | None = None  # member of the answer to describe; None: there when created
    succeeded: frozenset[str] = frozenset({"Completed"})
    failed: frozenset[str] = frozenset({"Failed"})
    stopped: frozenset[str] = frozenset({"Stopped"})
    stop: str | None = None
    longest: int = 63  # characters of a name
    variable: str | None = None  # execution variable that holds the name
    keeps_name: bool = False  # the name in the arguments is the name, not a prefix of it
    update: str | None = None  # called where the name exists already
    asked: str | None = None  # member that an update which failed leaves as it was
    pending: str | None = None  # member that holds `asked` while an update goes on
    more: tuple[str, str] | None = None  # operation, and the member of its answer, for properties
    tagged: bool = True


JOBS: Mapping[str, Resource] = {
    "Processing": Resource(
        "CreateProcessingJob",
        "DescribeProcessingJob",
        "ProcessingJobName",
        "ProcessingJobArn",
        "ProcessingJob",
        "ProcessingJobStatus",
        stop="StopProcessingJob",
        variable="ProcessingJobName",
    ),
    "Training": Resource(
        "CreateTrainingJob",
        "DescribeTrainingJob",
        "TrainingJobName",
        "TrainingJobArn",
        "TrainingJob",
        "TrainingJobStatus",
        stop="StopTrainingJob",
        variable="TrainingJobName",
    ),
    "Transform": Resource(
        "CreateTransformJob",
        "DescribeTransformJob",
        "TransformJobName",
        "TransformJobArn",
        "TransformJob",
        "TransformJobStatus",
        stop="StopTransformJob",
    ),
    "Tuning": Resource(
        "CreateHyperParameterTuningJob",
        "DescribeHyperParameterTuningJob",
        "HyperParameterTuningJobName",
        "HyperParameterTuningJobArn",
        "TuningJob",
        "HyperParameterTuningJobStatus",
        stop="StopHyperParameterTuningJob",
        longest=32,
        more=("ListTrainingJobsForHyperParameterTuningJob", "TrainingJobSummaries"),
    ),
    "AutoML": Resource(
        "CreateAutoMLJob",
        "DescribeAutoMLJob",
        "AutoMLJobName",
        "AutoMLJobArn",
        "AutoMLJob",
        "AutoMLJobStatus",
        stop="StopAutoMLJob",
        longest=32,
    ),
    "Model": Resource("CreateModel", "DescribeModel", "ModelName", "ModelArn", "Model"),
    "EndpointConfig": Resource(
        "CreateEndpointConfig",
        "DescribeEndpointConfig",
        "EndpointConfigName",
        "EndpointConfigArn",
        "EndpointConfig",
        keeps_name=True,
    ),
    "Endpoint": Resource(
        "CreateEndpoint",
        "DescribeEndpoint",
        "EndpointName",
        "EndpointArn",
        "Endpoint",
        "EndpointStatus",
        succeeded=frozenset({"InService"}),
        failed=frozenset({"Failed", "OutOfService", "UpdateRollbackFailed"}),
        keeps_name=True,
        update="UpdateEndpoint",
        asked="EndpointConfigName",
        pending="PendingDeploymentSummary",
    ),
    "InferenceComponent": Resource(
        "CreateInferenceComponent",
        "DescribeInferenceComponent",
        "InferenceComponentName",
        "InferenceComponentArn",
        "InferenceComponent",
        "InferenceComponentStatus",
        succeeded=frozenset({"InService"}),
        keeps_name=True,
        update="UpdateInferenceComponent",
    ),
}


def kind_of(resource: Resource) -> Kind:
    """Return the kind of step that makes a resource."""

    def bound(action: Callable[[Resource, Attempt], Iterator[Event]]) -> Any:
        return lambda attempt: action(resource, attempt)

    return Kind(
        start=lambda attempt, arguments: start(resource, attempt, arguments),
        check=bound(check),
        stop=bound(stop),
        resume=bound(check),
    )


def name_for(resource: Resource, attempt: Attempt) -> str:
    """Return the name of what this attempt makes."""
    given = attempt.step.arguments.get(resource.name)
    prefix = None if given is None else str(attempt.resolve(given))
    if prefix and resource.keeps_name:
        return prefix
    return job_name(attempt.facts.id, attempt.run, prefix=prefix, longest=resource.longest)


def variables_for(step_type: str, attempt: Attempt) -> dict[str, str]:
    """Return the execution variables that name the job which this attempt makes."""
    resource = JOBS.get(step_type)
    if resource is None or resource.variable is None:
        return {}
    return {resource.variable: name_for(resource, attempt)}


def start(resource: Resource, attempt: Attempt, arguments: Mapping[str, Any]) -> Iterator[Event]:
    """Create the resource, or find what an earlier process created for this attempt."""
    name = name_for(resource, attempt)
    found = attempt.resumed and not resource.update and exists(resource, attempt, name)
    if not found:
        request = {**arguments, resource.name: name}
        there = exists(resource, attempt, name) if resource.update else None
        if there and attempt.resumed and begun(resource, there, request):
            found = there
        elif resource.update and there:
            found = call(
                attempt, "sagemaker", resource.update, accepted(resource, attempt, request)
            )
        else:
            if resource.tagged:
                request["Tags"] = [*arguments.get("Tags", []), *tags(attempt)]
            found = call(attempt, "sagemaker", resource.create, request)
    metadata = {resource.metadata: {"Arn": found[resource.arn]}}
    yield StepExecuting(attempt.now(), attempt.step.name, name, metadata)
    yield from check(resource, attempt, name, metadata)


def exists(resource: Resource, attempt: Attempt, name: str) -> Any:
    """Return the description of the resource, or None."""
    try:
        return call(attempt, "sagemaker", resource.describe, {resource.name: name})
    except Refused as refused:
        if refused.fault:
            raise
        return None


def begun(resource: Resource, there: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    """Tell whether an earlier process has asked for this already."""
    if resource.asked is None:
        return False
    now = there.get(resource.pending or "", there)
    return bool(now.get(resource.asked) == request.get(resource.asked))


def accepted(resource: Resource, attempt: Attempt, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the members of a request that the update operation takes."""
    model = attempt.api("sagemaker").meta.service_model.operation_model(resource.update)
    return {name: value for name, value in request.items() if name in model.input_shape.members}


def tags(attempt: Attempt) -> list[dict[str, str]]:
    """Return the tags that tell where a job comes from."""
    return [
        {"Key": "sagemaker:pipeline-execution-arn", "Value": attempt.facts.arn},
        {"Key": "sagemaker:pipeline-step-name", "Value": attempt.step.name},
    ]


def check(
    resource: Resource,
    attempt: Attempt,
    name: str | None = None,
    metadata: Mapping[str, Any] | None = None,
) -> Iterator[Event]:
    """Look whether the resource is done."""
    name = name or attempt.run.job
    metadata = attempt.run.metadata if metadata is None else metadata
    described = describe(attempt, resource.describe, {resource.name: name})
    status = described[resource.status] if resource.status else "Completed"
    reason = described.get("FailureReason")
    step, now = attempt.step.name, attempt.now()
    if status in resource.succeeded:
        if refusal := unchanged(resource, attempt, described):
            raise Refused(f"ClientError: {reason or refusal}", None)
        if resource.more:
            operation, member = resource.more
            described[member] = describe(attempt, operation, best(resource, described))[member]
        yield StepSucceeded(now, step, metadata, described)
    elif status in resource.stopped:
        if attempt.run.status != "Stopping":
            reason = reason or "it ran longer than MaxRuntimeInSeconds, or somebody stopped it"
            reason = f"ClientError: {resource.metadata} {name} is {status}: {reason}"
        yield StepStopped(now, step, reason)
    elif status in resource.failed:
        raise Refused(
            f"ClientError: {reason or f'{resource.metadata} {name} is {status}'}",
            job_fault(reason or ""),
        )


def unchanged(resource: Resource, attempt: Attempt, described: Mapping[str, Any]) -> str:
    """Return what is wrong with a resource that rests, but not as asked: its update has failed."""
    if resource.asked is None or resource.asked not in attempt.step.arguments:
        return ""
    wanted = attempt.resolve(attempt.step.arguments[resource.asked])
    found = described.get(resource.asked, wanted)
    if found == wanted:
        return ""
    return f"{resource.metadata} has {resource.asked} {found}, not {wanted}: its update has failed"


def best(resource: Resource, described: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request for the 50 best training jobs of a tuning job, the best one first."""
    # A job of several definitions has an objective in each of them.
    several = described.get("TrainingJobDefinitions", [{}])[0].get("TuningObjective", {})
    config = described.get("HyperParameterTuningJobConfig", {})
    objective = config.get("HyperParameterTuningJobObjective", several)
    return {
        resource.name: described[resource.name],
        "SortBy": "FinalObjectiveMetricValue",
        "SortOrder": "Ascending" if objective.get("Type") == "Minimize" else "Descending",
        "MaxResults": 50,
    }


def job_fault(reason: str) -> str | None:
    """Return the exception type of retry policies that a job's failure reason is."""
    if reason.startswith("InternalServerError"):
        return JOB_INTERNAL_ERROR
    if reason.startswith("CapacityError"):
        return CAPACITY_ERROR
    return None


def stop(resource: Resource, attempt: Attempt) -> Iterator[Event]:
    """Ask the resource to stop; one that has ended meanwhile is found by the next check."""
    if resource.stop:
        with suppress(Refused):
            describe(attempt, resource.stop, {resource.name: attempt.run.job})
    yield from check(resource, attempt)
