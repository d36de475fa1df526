"""Executions: list, show, stop, retry."""

import uuid
from typing import Annotated, Any

import typer

from slipway.cli import steps
from slipway.cli.aws import client, pages
from slipway.cli.output import Json, duration, emit, moment, note, say, table
from slipway.cli.references import (
    Execution,
    executions_of,
    find_execution,
    parse_arn,
    pipelines,
)

Named = Annotated[
    str,
    typer.Argument(
        metavar="EXECUTION", help="ID, PIPELINE/ID or ARN; PIPELINE alone is its latest."
    ),
]


def executions(
    pipeline: Annotated[
        str | None, typer.Argument(help="Only this pipeline's (default: all).")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many of each pipeline.")] = 10,
    json: Json = False,
) -> None:
    """List executions, the newest first."""
    from itertools import islice

    api = client("sagemaker")
    names = [pipeline] if pipeline else pipelines(api)
    found: list[dict[str, Any]] = []
    for name in names:
        for summary in islice(executions_of(api, name), limit):
            execution = parse_arn(summary["PipelineExecutionArn"])
            found.append({"Pipeline": execution.pipeline, "Id": execution.id, **summary})
    found.sort(key=lambda one: one["StartTime"], reverse=True)
    if json:
        emit(found)
    elif found:
        rows = [
            (one["Pipeline"], one["Id"], one["PipelineExecutionStatus"], moment(one["StartTime"]))
            for one in found
        ]
        table(("Pipeline", "Id", "Status", "Started"), rows)
    else:
        note(f"no executions; start one with `slipway run {pipeline or 'PIPELINE'}`")


def show(named: Named, json: Json = False) -> None:
    """Show an execution: parameters, steps, reasons of failures."""
    api = client("sagemaker")
    execution = find_execution(api, named)
    described = describe(api, execution)
    if json:
        emit(described)
        return
    say(f"{execution.short}  started {moment(described['CreationTime'])}")
    for parameter in described["Parameters"]:
        say(f"  {parameter['Name']} = {parameter['Value']}")
    say()
    draw(execution, described)


def draw(execution: Execution, described: dict[str, Any]) -> None:
    """Print the steps of an execution, how it stands, why it failed, and what to type next."""
    steps.draw_table(described["Steps"])
    say()
    status = described["PipelineExecutionStatus"]
    took = described["LastModifiedTime"] - described["CreationTime"]
    after = f" in {duration(took.total_seconds())}" if status in steps.ENDED else ""
    say(f"{execution.short}  {status}{after}")
    for step in described["Steps"]:
        if step["StepStatus"] == "Failed":
            say(f"{step['StepName']}: {step.get('FailureReason', 'no reason was given')}")
            if steps.job_of(step):
                say(f"  its log:  slipway logs {execution.id}/{step['StepName']}")
    by_a_fail_step = any("Fail" in step.get("Metadata", {}) for step in described["Steps"])
    if status in {"Failed", "Stopped"} and not by_a_fail_step:  # such an end is final
        say(f"When the cause is mended, go on from there:  slipway retry {execution.id}")


def describe(api: Any, execution: Execution) -> dict[str, Any]:
    """Return what the API knows of an execution, with its Parameters and its Steps (oldest first)."""
    arn = execution.arn
    described: dict[str, Any] = api.describe_pipeline_execution(PipelineExecutionArn=arn)
    described.pop("ResponseMetadata", None)
    described["Parameters"] = sorted(
        pages(
            api,
            "list_pipeline_parameters_for_execution",
            "PipelineParameters",
            PipelineExecutionArn=arn,
        ),
        key=lambda one: one["Name"],
    )
    described["Steps"] = steps.of(api, arn)
    return described


def stop(named: Named, json: Json = False) -> None:
    """Stop an execution.

    What has finished stays; `slipway retry` goes on from there.
    """
    api = client("sagemaker")
    execution = find_execution(api, named)
    api.stop_pipeline_execution(PipelineExecutionArn=execution.arn, ClientRequestToken=token())
    if json:
        emit({"PipelineExecutionArn": execution.arn})
    else:
        say(f"stopping {execution.short}; follow it with `slipway show {execution.id}`")


def retry(named: Named, json: Json = False) -> None:
    """Run again what failed or was stopped.

    Finished steps keep their results.
    """
    api = client("sagemaker")
    execution = find_execution(api, named)
    api.retry_pipeline_execution(PipelineExecutionArn=execution.arn, ClientRequestToken=token())
    if json:
        emit({"PipelineExecutionArn": execution.arn})
    else:
        say(f"retrying {execution.short}; follow it with `slipway show {execution.id}`")


def token() -> str:
    """Return a new request token, 36 characters."""
    return str(uuid.uuid4())
