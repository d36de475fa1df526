"""Lambda steps: one synchronous invocation, whose result is the step's output."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from slipway.definition.model import OutputParameter, ParameterType
from slipway.definition.render import render
from slipway.engine.attempt import Attempt
from slipway.engine.errors import NoNews, Refused
from slipway.engine.events import Event, StepExecuting, StepSucceeded
from slipway.engine.steps.api import call
from slipway.engine.steps.kind import Kind

KINDS: Mapping[ParameterType, tuple[type, ...]] = {
    ParameterType.STRING: (str,),
    ParameterType.INTEGER: (int,),
    ParameterType.FLOAT: (int, float),
    ParameterType.BOOLEAN: (bool,),
}


def start(attempt: Attempt, arguments: Mapping[str, Any]) -> Iterator[Event]:
    """Invoke the function and wait for its answer."""
    function = str(attempt.resolve(attempt.step.extras["FunctionArn"]))
    name = attempt.step.name
    yield StepExecuting(attempt.now(), name, function, {"Lambda": {"Arn": function}})
    request = {"FunctionName": function, "Payload": json.dumps(arguments)}
    try:
        answer = call(attempt, "lambda", "Invoke", request)
    except NoNews as error:  # it may have run, so it is not invoked again
        raise Refused(
            f"ClientError: no answer from Lambda function {function}: {error}", None
        ) from error
    payload = str(answer.get("Payload", ""))
    if answer.get("FunctionError"):
        raise Refused(f"ClientError: Received error response from lambda. {payload}", None)
    outputs = read_outputs(payload, attempt.step.output_parameters)
    yield StepSucceeded(attempt.now(), name, *results("Lambda", {"Arn": function}, outputs))


def read_outputs(payload: str, declared: tuple[OutputParameter, ...]) -> dict[str, Any]:
    """Return the declared outputs in a function's result; Refused when they are not there."""
    if not declared:
        return {}
    try:
        result = json.loads(payload)
    except ValueError:
        result = None
    if not isinstance(result, dict):
        raise Refused(
            "ClientError: expected the Lambda function to return an object with the members "
            f"{[output.name for output in declared]}, found {payload[:200]}",
            None,
        )
    outputs = {}
    for output in declared:
        if output.name not in result:
            raise Refused(
                f"ClientError: the Lambda function's result has no '{output.name}'; it has "
                f"{sorted(result)}",
                None,
            )
        outputs[output.name] = typed(output, result[output.name])
    return outputs


def typed(output: OutputParameter, value: Any) -> Any:
    """Return an output's value; an object or list becomes one JSON string. Refused if mistyped."""
    if isinstance(value, dict | list) and output.type is ParameterType.STRING:
        return json.dumps(value)
    mistaken = isinstance(value, bool) and output.type is not ParameterType.BOOLEAN
    if mistaken or not isinstance(value, KINDS[output.type]):
        raise Refused(
            f"ClientError: output '{output.name}': expected {output.type}, found "
            f"{json.dumps(value)[:200]}",
            None,
        )
    return value


def results(
    member: str, metadata: Mapping[str, Any], outputs: Mapping[str, Any]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the metadata and the properties of a step with output parameters."""
    listed = [{"Name": name, "Value": render(value)} for name, value in outputs.items()]
    shown = {**metadata, "OutputParameters": listed} if listed else dict(metadata)
    return {member: shown}, {"OutputParameters": dict(outputs)}


def lost(attempt: Attempt) -> Iterator[Event]:
    """Fail: the process that waited for the function is gone, and its answer with it."""
    raise Refused(
        "ClientError: the cloud stopped while the Lambda function ran; its answer is lost. Retry "
        "the execution to invoke it again",
        None,
    )
    yield  # makes this a generator, as every action is


LAMBDA = Kind(start, resume=lost, slow=True)
