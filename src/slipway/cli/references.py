"""What a person may write for an execution: its ARN, PIPELINE/ID, ID, or PIPELINE for the latest."""

import re
from dataclasses import dataclass
from typing import Any

from slipway.cli.aws import pages
from slipway.cli.errors import Refused

ARN = re.compile(
    r"arn:[\w-]+:sagemaker:[\w-]+:\d{12}:pipeline/(?P<pipeline>[^/]+)/execution/(?P<id>\w+)$"
)
HINT = "list them with `slipway executions`"


@dataclass(frozen=True)
class Execution:
    """One execution of a pipeline."""

    arn: str
    pipeline: str
    id: str

    @property
    def short(self) -> str:
        """Return the form that people type."""
        return f"{self.pipeline}/{self.id}"


def parse_arn(arn: str) -> Execution:
    """Take an execution's ARN apart; Refused for anything else."""
    found = ARN.match(arn)
    if not found:
        raise Refused(f"expected the ARN of a pipeline execution, found {arn!r}; {HINT}")
    return Execution(arn, found["pipeline"], found["id"])


def find_execution(api: Any, text: str) -> Execution:
    """Return the execution that `text` names; Refused when there is none."""
    if text.startswith("arn:"):
        return parse_arn(text)
    known = pipelines(api)
    pipeline, slash, wanted = text.partition("/")
    if pipeline in known:
        for summary in executions_of(api, pipeline):
            execution = parse_arn(summary["PipelineExecutionArn"])
            if not slash or execution.id == wanted:
                return execution
        missing = f"execution {wanted!r} of {pipeline}" if slash else f"an execution of {pipeline}"
        raise Refused(f"expected {missing}, found none; {HINT}")
    if slash:
        raise Refused(f"expected a pipeline named {pipeline!r}, {among(known)}")
    for name in known:
        for summary in executions_of(api, name):
            execution = parse_arn(summary["PipelineExecutionArn"])
            if execution.id == text:
                return execution
    raise Refused(
        f"expected an execution's id, PIPELINE/ID or ARN, or a pipeline's name, found {text!r}; "
        f"{among(known)}; {HINT}"
    )


def pipelines(api: Any) -> list[str]:
    """Return the names of all pipelines."""
    return [one["PipelineName"] for one in pages(api, "list_pipelines", "PipelineSummaries")]


def executions_of(api: Any, pipeline: str) -> Any:
    """Yield the summaries of a pipeline's executions, newest first."""
    return pages(
        api, "list_pipeline_executions", "PipelineExecutionSummaries", PipelineName=pipeline
    )


def among(names: list[str]) -> str:
    """Say which names there are."""
    return f"found {', '.join(names)}" if names else "found no pipeline at all"
