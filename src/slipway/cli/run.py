"""Run a pipeline: put its definition where it runs, start an execution, follow it."""

from typing import Annotated, Any

import typer

from slipway.cli import executions
from slipway.cli.aws import client
from slipway.cli.errors import ExitCode, Refused
from slipway.cli.follow import follow
from slipway.cli.output import Json, emit, note, say
from slipway.cli.references import Execution, parse_arn
from slipway.cli.source import put

Pipeline = Annotated[
    str,
    typer.Argument(
        help="A pipeline's name, a definition (.json), or a Python file under pipelines/."
    ),
]
Parameters = Annotated[
    list[str] | None,
    typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="Set a parameter (repeat)."),
]
Role = Annotated[
    str | None, typer.Option(envvar="SLIPWAY_ROLE", help="ARN of the role that the steps run with.")
]
Bucket = Annotated[
    str | None,
    typer.Option(envvar="SLIPWAY_BUCKET", help="Bucket for what a Python pipeline uploads."),
]


def run(
    pipeline: Pipeline,
    parameter: Parameters = None,
    wait: Annotated[bool, typer.Option("--wait", help="Follow it until it has ended.")] = False,
    role: Role = None,
    bucket: Bucket = None,
    parallel: Annotated[int | None, typer.Option(min=1, help="Steps at the same time.")] = None,
    json: Json = False,
) -> int:
    """Start an execution of a pipeline; with --wait, follow it."""
    parameters = pairs(parameter or [])
    api = client("sagemaker")
    name = put(api, pipeline, role, bucket)
    execution = start(api, name, parameters, parallel)
    note(f"started {execution.short}")
    if not wait:
        if json:
            emit({"PipelineExecutionArn": execution.arn})
        else:
            say(f"follow it with `slipway show {execution.id}` or `slipway logs -f {execution.id}`")
        return ExitCode.DONE
    try:
        status = follow(api, execution)
    except KeyboardInterrupt:
        note(f"{execution.short} goes on; stop it with `slipway stop {execution.id}`")
        raise
    if json:
        emit(executions.describe(api, execution))
    else:
        executions.draw(execution, executions.describe(api, execution))
    return ExitCode.DONE if status == "Succeeded" else ExitCode.REFUSED


def pairs(texts: list[str]) -> dict[str, str]:
    """Return the parameters of `Name=Value` texts; the value may hold further `=`, or be empty."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise Refused(f"-p: expected Name=Value, found {text!r}")
        if name in found:
            raise Refused(f"-p: expected each parameter once, found {name} twice")
        found[name] = value
    return found


def start(api: Any, name: str, parameters: dict[str, str], parallel: int | None) -> Execution:
    """Start an execution and return it."""
    request: dict[str, Any] = {
        "PipelineName": name,
        "ClientRequestToken": executions.token(),
        "PipelineParameters": [{"Name": n, "Value": v} for n, v in parameters.items()],
    }
    if parallel:
        request["ParallelismConfiguration"] = {"MaxParallelExecutionSteps": parallel}
    return parse_arn(api.start_pipeline_execution(**request)["PipelineExecutionArn"])
