"""The events of pipeline executions and their steps, in EventBridge's form.

Source: developer guide, "Automating Amazon SageMaker with Amazon EventBridge".
"""

from collections.abc import Mapping
from typing import Any

from slipway.cloud.events import Events
from slipway.engine.attempt import Facts, iso
from slipway.engine.events import Event
from slipway.engine.state import FINISHED, Execution, StepRun

EXECUTION = "SageMaker Model Building Pipeline Execution Status Change"
STEP = "SageMaker Model Building Pipeline Execution Step Status Change"


def publish(
    events: Events,
    settled: Mapping[str, Any],
    facts: Facts,
    event: Event,
    before: Execution,
    after: Execution,
) -> None:
    """Publish what an event of the engine changed for others to see."""
    arns = {  # events have the pipeline's name in lower case
        "pipelineArn": facts.pipeline_arn.lower(),
        "pipelineExecutionArn": facts.arn.lower(),
    }
    details: list[tuple[str, dict[str, Any]]] = []
    if before.status != after.status or not before.created:
        details.append((EXECUTION, execution_detail(settled, before, after)))
    name = getattr(event, "step", None)
    if name:
        was, now = before.steps.get(name), after.steps[name]
        if was is None or was.status != now.status:
            details.append((STEP, step_detail(facts, was, now)))
    for kind, detail in details:
        resources = tuple(arns.values())
        events.publish(kind, {**arns, **detail}, region=facts.region, resources=resources)


def execution_detail(
    settled: Mapping[str, Any], before: Execution, after: Execution
) -> dict[str, Any]:
    """Return what an event tells of an execution whose status changed."""
    detail = {
        "pipelineExecutionDisplayName": settled.get("DisplayName"),
        "pipelineExecutionDescription": settled.get("Description") or "",
        "currentPipelineExecutionStatus": after.status,
        "executionStartTime": iso(after.created),
    }
    if before.created:
        detail["previousPipelineExecutionStatus"] = before.status
    if after.status in FINISHED:
        detail["executionEndTime"] = iso(after.modified)
    return detail


def step_detail(facts: Facts, was: StepRun | None, now: StepRun) -> dict[str, Any]:
    """Return what an event tells of a step whose status changed."""
    detail: dict[str, Any] = {
        "stepName": now.name,
        "stepType": facts.graph.steps[now.name].type,
        "currentStepStatus": now.status,
        "stepStartTime": iso(now.started),
        "metadata": lower_camel(now.metadata),
    }
    if was:
        detail["previousStepStatus"] = was.status
    if now.ended is not None:
        detail["stepEndTime"] = iso(now.ended)
    if now.cache_hit:
        detail["cacheHitResult"] = {"sourcePipelineExecutionArn": now.cache_hit}
    if now.reason and now.status == "Failed":
        detail["failureReason"] = now.reason
    return detail


def lower_camel(value: Any) -> Any:
    """Return a JSON value with the first letters of its members in lower case."""
    if isinstance(value, Mapping):
        return {name[:1].lower() + name[1:]: lower_camel(inner) for name, inner in value.items()}
    return [lower_camel(inner) for inner in value] if isinstance(value, list) else value
