"""The steps of an execution, and the answers to callback steps."""

import time
from typing import Any

from slipway.cloud.sagemaker.listing import Listing, moment
from slipway.cloud.sagemaker.pipelines.engine import driver, store
from slipway.cloud.sagemaker.pipelines.executions import known
from slipway.cloud.service import Call, Operation, ServiceError
from slipway.definition.model import Step
from slipway.engine import events as happened
from slipway.engine.attempt import Facts
from slipway.engine.driver import Driver
from slipway.engine.events import Event
from slipway.engine.state import StepRun, replay
from slipway.engine.steps.callbacks import read_outputs
from slipway.engine.steps.lambdas import results

STEPS = Listing(name="Position", sort={"Start": "Position"}, sort_by="Start", order="Descending")

SENT_WITHIN = 10.0  # seconds in which a step has noted that its message is sent


def list_steps(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of the steps that have started, newest first (ListPipelineExecutionSteps)."""
    if "PipelineExecutionArn" not in request:
        raise ServiceError("ValidationException", "PipelineExecutionArn is required.")
    arn = known(call, request["PipelineExecutionArn"])["Arn"]
    facts, plan, log = store(call.cloud).load(arn)
    runs = replay(plan, log).steps.values()
    started = [
        {**shown(run, facts.graph.steps[run.name]), "Position": f"{number:06}"}
        for number, run in enumerate(sorted(runs, key=lambda run: run.started))
    ]
    page, token = STEPS.page(started, {"MaxResults": 100, **request})
    steps = [{k: v for k, v in each.items() if k != "Position"} for each in page]
    return {"PipelineExecutionSteps": steps, "NextToken": token}


def shown(run: StepRun, step: Step) -> dict[str, Any]:
    """Return a step as the API shows it; what does not apply is absent."""
    members = {
        "StepName": run.name,
        "StepDisplayName": step.display_name,
        "StepDescription": step.description,
        "StartTime": moment(run.started),
        "EndTime": None if run.ended is None else moment(run.ended),
        "StepStatus": run.status,
        "FailureReason": run.reason if run.status in ("Failed", "Stopped") else None,
        "Metadata": run.metadata,
        "AttemptCount": run.attempt,
    }
    if run.cache_hit:
        members["CacheHitResult"] = {"SourcePipelineExecutionArn": run.cache_hit}
    if run.reused:
        members["SelectiveExecutionResult"] = {"SourcePipelineExecutionArn": run.reused}
    return {name: value for name, value in members.items() if value is not None}


def succeed(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """End a callback step with its outputs (SendPipelineExecutionStepSuccess)."""

    def outcome(facts: Facts, run: StepRun) -> Event:
        given = {each["Name"]: each["Value"] for each in request.get("OutputParameters", [])}
        try:
            outputs = read_outputs(facts.graph.steps[run.name].output_parameters, given)
        except ValueError as error:
            raise ServiceError("ValidationException", str(error)) from error
        shown, properties = results("Callback", run.metadata["Callback"], outputs)
        return happened.StepSucceeded(time.time(), run.name, shown, properties)

    return answered(call, request, outcome)


def fail(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """End a callback step as failed (SendPipelineExecutionStepFailure)."""

    def outcome(_: Facts, run: StepRun) -> Event:
        reason = request.get("FailureReason")
        if run.status == "Stopping":
            return happened.StepStopped(time.time(), run.name, reason)
        return happened.StepFailed(time.time(), run.name, reason)

    return answered(call, request, outcome)


def answered(call: Call, request: dict[str, Any], outcome: Any) -> dict[str, Any]:
    """Record the answer to a callback; the same answer may come again, another may not."""
    token = request["CallbackToken"]
    answers = call.cloud.state.documents(call.region, "CallbackAnswer")
    engine = driver(call.cloud)
    await_message(engine, token)
    with engine.deciding():
        earlier = answers.get(token)
        if earlier:
            same = request.get("ClientRequestToken")
            if same is not None and same == earlier["ClientRequestToken"]:
                return {"PipelineExecutionArn": earlier["Arn"]}
            raise ServiceError(
                "ConflictException", f"Callback token {token} has been answered already."
            )
        waiting = engine.waiting_for(token)
        if waiting is None or waiting[0].region != call.region:
            raise ServiceError("ResourceNotFound", f"No step waits for callback token {token}.")
        facts, run = waiting
        event = outcome(facts, run)
        answer = {"Arn": facts.arn, "ClientRequestToken": request.get("ClientRequestToken")}
        answers.create(token, answer)
        engine.tell(facts.arn, event)
    return {"PipelineExecutionArn": facts.arn}


def await_message(engine: Driver, token: str) -> None:
    """Wait while a step is sending its message: the answer may come before it has noted that."""
    deadline = time.monotonic() + SENT_WITHIN
    while time.monotonic() < deadline:
        waiting = engine.waiting_for(token)
        if waiting is None or waiting[1].status != "Starting":
            return
        time.sleep(0.01)
    raise ServiceError("ConflictException", f"The step of callback token {token} is starting.")


OPERATIONS: dict[str, Operation] = {
    "ListPipelineExecutionSteps": list_steps,
    "SendPipelineExecutionStepSuccess": succeed,
    "SendPipelineExecutionStepFailure": fail,
}
