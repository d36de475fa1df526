"""The start of an execution: what is settled before any step runs."""

import time
from typing import Any

from slipway.cloud.identity import user_context
from slipway.cloud.sagemaker.pipelines.documents import documents, found
from slipway.cloud.sagemaker.pipelines.engine import driver, store
from slipway.cloud.sagemaker.pipelines.execution_store import facts_of, understood
from slipway.cloud.sagemaker.pipelines.executions import known
from slipway.cloud.sagemaker.pipelines.versions import Version, chosen_version, versions
from slipway.cloud.service import Call, Operation, ServiceError
from slipway.definition.errors import ParameterError, ResolveError
from slipway.definition.model import Definition
from slipway.definition.parameters import effective_values
from slipway.definition.resolve import resolve
from slipway.engine import events as happened
from slipway.engine.attempt import Facts, at_start, experiment_names
from slipway.engine.events import Event
from slipway.engine.names import new_execution_id
from slipway.engine.plan import plan_of
from slipway.engine.selection import SelectionError, check_reused, select


def start(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Start an execution of a pipeline (StartPipelineExecution)."""
    pipeline = found(call, request["PipelineName"])
    name, token = pipeline["PipelineName"], request["ClientRequestToken"]
    earlier = store(call.cloud).of_token(call.region, name, token)
    if earlier:
        return {"PipelineExecutionArn": earlier}
    if "RoleArn" in request:
        raise ServiceError(
            "ValidationException", "RoleArn can be given only for pipelines that AWS manages."
        )
    version = chosen_version(call, name, request)
    now = time.time()
    identifier = new_execution_id()
    arn = f"{pipeline['PipelineArn']}/execution/{identifier}"
    parallel = request.get("ParallelismConfiguration", pipeline.get("ParallelismConfiguration"))
    limit = parallel["MaxParallelExecutionSteps"] if parallel else None
    definition, _ = understood(version.definition)
    chosen, reused = selected(call, pipeline, version, request, now)
    settled = {
        "Arn": arn,
        "Id": identifier,
        "Region": call.region,
        "PipelineArn": pipeline["PipelineArn"],
        "PipelineName": name,
        "Version": version.number,
        "RoleArn": pipeline["RoleArn"],
        **dict.fromkeys(("CreatedBy", "LastModifiedBy"), user_context(call)),
        "Parameters": parameters(definition, request),
        "Started": now,
        "Chosen": chosen,
        "DisplayName": request.get("PipelineExecutionDisplayName", f"execution-{int(now * 1000)}"),
        "Description": request.get("PipelineExecutionDescription"),
        "SelectiveExecutionConfig": request.get("SelectiveExecutionConfig"),
        "Tokens": {},
    }
    settled |= named(facts_of(settled, version.definition), request)
    log: list[Event] = [happened.ExecutionStarted(now, limit), *reused]
    with call.cloud.state.transaction():
        earlier = store(call.cloud).of_token(call.region, name, token)
        if earlier:  # the same request in another thread
            return {"PipelineExecutionArn": earlier}
        store(call.cloud).create(settled, version.definition, token, log)
        documents(call).replace(name.lower(), {**found(call, name), "LastRunTime": now})
        versions(call).ran(name, version.number, arn)
    driver(call.cloud).begin(arn)
    return {"PipelineExecutionArn": arn}


def parameters(definition: Definition, request: dict[str, Any]) -> dict[str, Any]:
    """Return the value of every parameter; ServiceError when what was given does not fit."""
    try:
        return effective_values(definition, request.get("PipelineParameters", []))
    except ParameterError as error:
        raise ServiceError("ValidationException", str(error)) from error


def named(facts: Facts, request: dict[str, Any]) -> dict[str, Any]:
    """Return the experiment and the MLflow configuration of an execution; ServiceError."""
    config = facts.definition.mlflow
    override = request.get("MlflowExperimentName")
    if config is None and override:
        raise ServiceError(
            "ValidationException",
            "MlflowExperimentName is given, but the definition has no MlflowConfig.",
        )
    try:
        shown = None if config is None else resolve(config, at_start(facts))
        experiment = experiment_names(facts)
    except ResolveError as error:
        raise ServiceError("ValidationException", str(error)) from error
    if shown is not None and override:
        shown["MlflowExperimentName"] = override
    return {"MLflowConfig": shown, "Experiment": experiment}


def selected(
    call: Call, pipeline: dict[str, Any], version: Version, request: dict[str, Any], now: float
) -> tuple[list[str] | None, list[Event]]:
    """Return the steps of a selective execution and the results it takes over; ServiceError."""
    config = request.get("SelectiveExecutionConfig")
    if config is None:
        return None, []
    source = config.get("SourcePipelineExecutionArn")
    _, graph = understood(version.definition)
    try:
        names = [step["StepName"] for step in config["SelectedSteps"]]
        selection = select(plan_of(graph), names, source)
        if source is None:
            return sorted(selection.selected), []
        reference = known(call, source)
        if reference["PipelineArn"].lower() != pipeline["PipelineArn"].lower():
            raise SelectionError(
                f"Invalid SourcePipelineExecutionArn: {source} is not an execution of pipeline "
                f"{pipeline['PipelineName']}"
            )
        if reference["Status"] in ("Executing", "Stopping"):
            raise SelectionError(
                f"Invalid SourcePipelineExecutionArn: {source} is {reference['Status']}; expected "
                "an execution that has ended"
            )
        steps = store(call.cloud).replayed(source).steps
        check_reused(selection, steps, source)
    except SelectionError as error:
        raise ServiceError("ValidationException", str(error)) from error
    taken: list[Event] = [
        happened.StepReused(now, name, source, steps[name].metadata, steps[name].properties)
        for name in selection.reused
    ]
    return sorted({*selection.selected, *selection.reused}), taken


OPERATIONS: dict[str, Operation] = {"StartPipelineExecution": start}
