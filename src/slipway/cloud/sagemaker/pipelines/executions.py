"""Executions of pipelines: stop, retry, and what is known of them."""

import time
from typing import Any

from slipway.cloud.identity import user_context
from slipway.cloud.sagemaker.listing import Listing, moment
from slipway.cloud.sagemaker.pipelines.documents import found
from slipway.cloud.sagemaker.pipelines.engine import driver, store
from slipway.cloud.sagemaker.pipelines.versions import chosen_version, versions
from slipway.cloud.service import Call, Operation, ServiceError
from slipway.definition.parameters import as_strings
from slipway.engine import events as happened
from slipway.engine.decisions import why_not_retried
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


def stop(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Ask an execution to stop (StopPipelineExecution)."""
    settled = known(call, request["PipelineExecutionArn"])
    arn, token, who = settled["Arn"], request["ClientRequestToken"], user_context(call)
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
        tokens = {**settled["Tokens"], "Stop": token}
        store(call.cloud).change(arn, {"Tokens": tokens, "LastModifiedBy": who})
    return {"PipelineExecutionArn": arn}


def retry(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Run again what has not succeeded in an execution (RetryPipelineExecution)."""
    settled = known(call, request["PipelineExecutionArn"])
    arn, token, who = settled["Arn"], request["ClientRequestToken"], user_context(call)
    with driver(call.cloud).changing(arn) as execution:
        if settled["Tokens"].get("Retry") == token:
            return {"PipelineExecutionArn": arn}
        reason = why_not_retried(execution)
        if reason:
            message = f"Pipeline execution with ARN {arn} cannot be retried: {reason}."
            raise ServiceError("ConflictException", message)
        parallel = request.get("ParallelismConfiguration", {}).get("MaxParallelExecutionSteps")
        driver(call.cloud).tell(arn, happened.RetryRequested(time.time(), parallel))
        tokens = {**settled["Tokens"], "Retry": token}
        store(call.cloud).change(arn, {"Tokens": tokens, "LastModifiedBy": who})
    return {"PipelineExecutionArn": arn}


def update(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Change names and parallelism of an execution (UpdatePipelineExecution)."""
    settled = known(call, request["PipelineExecutionArn"])
    arn = settled["Arn"]
    members = {
        "DisplayName": request.get("PipelineExecutionDisplayName", settled["DisplayName"]),
        "Description": request.get("PipelineExecutionDescription", settled["Description"]),
        "LastModifiedBy": user_context(call),
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
        "CreatedBy": settled.get("CreatedBy"),
        "LastModifiedBy": settled.get("LastModifiedBy"),
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
    "StopPipelineExecution": stop,
    "RetryPipelineExecution": retry,
    "UpdatePipelineExecution": update,
    "DescribePipelineExecution": describe,
    "ListPipelineExecutions": list_executions,
    "ListPipelineParametersForExecution": list_parameters,
    "DescribePipelineDefinitionForExecution": definition_of,
}
