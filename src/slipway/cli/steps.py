"""The steps of an execution, as the API lists them and as a person reads them."""

from datetime import UTC, datetime
from typing import Any

from slipway.cli.aws import pages
from slipway.cli.output import duration, table

ENDED = frozenset({"Succeeded", "Failed", "Stopped", "CompletedWithFailures"})
JOBS = {
    "TrainingJob": "/aws/sagemaker/TrainingJobs",
    "ProcessingJob": "/aws/sagemaker/ProcessingJobs",
    "TransformJob": "/aws/sagemaker/TransformJobs",
}  # the member of a step's Metadata → the log group of its job


def of(api: Any, arn: str) -> list[dict[str, Any]]:
    """Return the steps of an execution that have started, oldest first."""
    return list(
        pages(
            api,
            "list_pipeline_execution_steps",
            "PipelineExecutionSteps",
            PipelineExecutionArn=arn,
            SortOrder="Ascending",
        )
    )


def draw_table(steps: list[dict[str, Any]]) -> None:
    """Print a table of steps."""
    rows = [(s["StepName"], s["StepStatus"], took(s), remark(s)) for s in steps]
    table(("Step", "Status", "Took", ""), rows)


def took(step: dict[str, Any]) -> str:
    """Return how long a step has taken so far."""
    start = step.get("StartTime")
    if start is None:
        return ""
    end = step.get("EndTime") or datetime.now(UTC)
    return duration((end - start).total_seconds())


def remark(step: dict[str, Any]) -> str:
    """Return what is worth knowing of a step beyond its status."""
    if step.get("CacheHitResult", {}).get("SourcePipelineExecutionArn"):
        source = step["CacheHitResult"]["SourcePipelineExecutionArn"]
        return f"cached from {source.rsplit('/', 1)[-1]}"
    if step.get("SelectiveExecutionResult"):
        source = step["SelectiveExecutionResult"].get("SourcePipelineExecutionArn", "")
        return f"reused from {source.rsplit('/', 1)[-1]}"
    outcome = step.get("Metadata", {}).get("Condition", {}).get("Outcome")
    if outcome:
        return f"outcome {outcome}"
    if step.get("AttemptCount", 1) > 1:
        return f"attempt {step['AttemptCount']}"
    return ""


def job_of(step: dict[str, Any]) -> tuple[str, str] | None:
    """Return (log group, job name) of the job that a step ran, or None when it ran none."""
    for member, group in JOBS.items():
        arn = step.get("Metadata", {}).get(member, {}).get("Arn")
        if arn:
            return group, arn.rsplit("/", 1)[-1]
    return None


def defined(definition: dict[str, Any]) -> list[dict[str, Any]]:
    """Return every step of a definition, those in the branches of conditions included."""
    found = []
    for step in definition.get("Steps", ()):
        found.append(step)
        for branch in ("IfSteps", "ElseSteps"):
            if step.get("Type") == "Condition":
                found += defined({"Steps": step.get("Arguments", {}).get(branch, ())})
    return found
