"""Executions of pipelines: start, stop, retry, and what is known of them."""

import time
from typing import Any

from slipway.cloud.sagemaker.engine import driver, store
from slipway.cloud.sagemaker.execution_store import facts_of, understood
from slipway.cloud.sagemaker.listing import Listing, moment
from slipway.cloud.sagemaker.pipeline_documents import documents, found
from slipway.cloud.sagemaker.pipeline_versions import Version, chosen_version, versions
from slipway.cloud.service import Call, Operation, ServiceError
from slipway.definition.errors import ParameterError, ResolveError
from slipway.definition.model import Definition
from slipway.definition.parameters import as_strings, effective_values
from slipway.definition.resolve import resolve
from slipway.engine import events as happened
from slipway.engine.attempt import Facts, at_start, experiment_names
from slipway.engine.decisions import why_not_retried
from slipway.engine.events import Event
from slipway.engine.names import new_execution_id
from slipway.engine.plan import plan_of
from slipway.engine.selection import SelectionError, check_reused, select
from slipway.engine.state import replay

STEP_FAILURE = "Step failure: One or multiple steps failed."
EXECUTIONS = Listing(
    name="PipelineExecutionArn",
    sort={"CreationTime": "StartTime", "PipelineExecutionArn": "PipelineExecutionArn"},
    order="Descending",
    since={"CreatedAfter": "StartTime"},
    before={"CreatedBefore": "StartTime"},
)
PARAMETERS = Listing(name="Name", sort={"Name": "Name"}, sort_by="Name")


def known(call: Call, arn: str) -> dict[str, Any]:
    """Return what is settled about an execution, with its status and times; ServiceError."""
    settled = store(call.cloud).settled(arn)
    if settled is None or settled["Region"] != call.region:
        raise ServiceError("ResourceNotFound", f"Pipeline execution with ARN {arn} does not exist.")
    return settled


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
        documents(call).replace(name.lower(), {**pipeline, "LastRunTime": now})
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


def stop(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Ask an execution to stop (StopPipelineExecution)."""
    settled = known(call, request["PipelineExecutionArn"])
    arn, token = settled["Arn"], request["ClientRequestToken"]
    with driver(call.cloud).changing(arn) as execution:
        if settled["Tokens"].get("Stop") == token or execution.status == "Stopping":
            return {"PipelineExecutionArn": arn}
        if execution.status != "Executing":
            raise ServiceError(
                "ConflictException",
                f"Pipeline execution with ARN {arn} cannot be stopped: expected one that is "
                f"Executing, found {execution.status}.",
            )
        driver(call.cloud).tell(arn, happened.StopRequested(time.time()))
        store(call.cloud).change(arn, {"Tokens": {**settled["Tokens"], "Stop": token}})
    return {"PipelineExecutionArn": arn}


def retry(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Run again what has not succeeded in an execution (RetryPipelineExecution)."""
    settled = known(call, request["PipelineExecutionArn"])
    arn, token = settled["Arn"], request["ClientRequestToken"]
    with driver(call.cloud).changing(arn) as execution:
        if settled["Tokens"].get("Retry") == token:
            return {"PipelineExecutionArn": arn}
        reason = why_not_retried(execution)
        if reason:
            message = f"Pipeline execution with ARN {arn} cannot be retried: {reason}."
            raise ServiceError("ConflictException", message)
        parallel = request.get("ParallelismConfiguration", {}).get("MaxParallelExecutionSteps")
        driver(call.cloud).tell(arn, happened.RetryRequested(time.time(), parallel))
        store(call.cloud).change(arn, {"Tokens": {**settled["Tokens"], "Retry": token}})
    return {"PipelineExecutionArn": arn}


def update(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change names and parallelism of an execution (UpdatePipelineExecution)."""
    settled = known(call, request["PipelineExecutionArn"])
    arn = settled["Arn"]
    members = {
        "DisplayName": request.get("PipelineExecutionDisplayName", settled["DisplayName"]),
        "Description": request.get("PipelineExecutionDescription", settled["Description"]),
    }
    limit = request.get("ParallelismConfiguration", {}).get("MaxParallelExecutionSteps")
    with driver(call.cloud).changing(arn) as execution:
        if limit is not None and execution.status != "Executing":
            raise ServiceError(
                "ConflictException",
                f"The parallelism of {arn} cannot be changed: expected an execution that is "
                f"Executing, found {execution.status}.",
            )
        store(call.cloud).change(arn, members)
        if limit is not None:
            driver(call.cloud).tell(arn, happened.ParallelismChanged(time.time(), limit))
    return {"PipelineExecutionArn": arn}


def describe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return an execution (DescribePipelineExecution)."""
    settled = known(call, request["PipelineExecutionArn"])
    _, plan, log = store(call.cloud).load(settled["Arn"])
    execution = replay(plan, log)
    described = {
        "PipelineArn": settled["PipelineArn"],
        "PipelineExecutionArn": settled["Arn"],
        "PipelineExecutionDisplayName": settled["DisplayName"],
        "PipelineExecutionStatus": execution.status,
        "PipelineExecutionDescription": settled["Description"],
        "PipelineExperimentConfig": settled["Experiment"] or None,
        "FailureReason": STEP_FAILURE if execution.status == "Failed" else None,
        "CreationTime": moment(settled["Created"]),
        "LastModifiedTime": moment(execution.modified),
        "SelectiveExecutionConfig": settled["SelectiveExecutionConfig"],
        "PipelineVersionId": settled["Version"],
        "PipelineVersionAliases": aliases(call, settled),
        "MLflowConfig": settled["MLflowConfig"],
        "RoleArn": settled["RoleArn"],
    }
    if execution.parallel is not None:
        described["ParallelismConfiguration"] = {"MaxParallelExecutionSteps": execution.parallel}
    return described


def aliases(call: Call, settled: dict[str, Any]) -> list[str] | None:
    """Return the aliases that the version of an execution has now."""
    for version in versions(call).all(settled["PipelineName"]):
        if version.number == settled["Version"]:
            return list(version.aliases) or None
    return None


def list_executions(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of a pipeline's executions, newest first (ListPipelineExecutions)."""
    pipeline = found(call, request["PipelineName"])
    name = pipeline["PipelineName"]
    of_version = None
    if "PipelineVersionAlias" in request:
        of_version = chosen_version(call, name, request).number
    named = {version.number: list(version.aliases) for version in versions(call).all(name)}
    summaries = [
        {
            "PipelineExecutionArn": settled["Arn"],
            "StartTime": moment(settled["Created"]),
            "PipelineExecutionStatus": settled["Status"],
            "PipelineExecutionDescription": settled["Description"],
            "PipelineExecutionDisplayName": settled["DisplayName"],
            "PipelineExecutionFailureReason": (
                STEP_FAILURE if settled["Status"] == "Failed" else None
            ),
            "PipelineVersionAliases": named[settled["Version"]] or None,
        }
        for settled in store(call.cloud).of_pipeline(call.region, name)
        if of_version in (None, settled["Version"])
    ]
    page, token = EXECUTIONS.page(summaries, request)
    return {"PipelineExecutionSummaries": page, "NextToken": token}


def list_parameters(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of an execution's parameters as strings (ListPipelineParametersForExecution)."""
    settled = known(call, request["PipelineExecutionArn"])
    values = as_strings(settled["Parameters"])
    all_of_them = [{"Name": name, "Value": value} for name, value in values.items()]
    page, token = PARAMETERS.page(all_of_them, {"MaxResults": 100, **request})
    return {"PipelineParameters": page, "NextToken": token}


def definition_of(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return the definition as it was at start (DescribePipelineDefinitionForExecution)."""
    settled = known(call, request["PipelineExecutionArn"])
    definition = store(call.cloud).definition(settled["Arn"])
    return {"PipelineDefinition": definition, "CreationTime": moment(settled["Created"])}


OPERATIONS: dict[str, Operation] = {
    "StartPipelineExecution": start,
    "StopPipelineExecution": stop,
    "RetryPipelineExecution": retry,
    "UpdatePipelineExecution": update,
    "DescribePipelineExecution": describe,
    "ListPipelineExecutions": list_executions,
    "ListPipelineParametersForExecution": list_parameters,
    "DescribePipelineDefinitionForExecution": definition_of,
}
