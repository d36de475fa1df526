"""Invoke: a function is run now, later, or not at all."""

import base64
import json
from typing import Any

from slipway.cloud.awslambda import asynchronous
from slipway.cloud.awslambda.errors import invalid, refusal
from slipway.cloud.awslambda.names import arn, named
from slipway.cloud.awslambda.placing import run
from slipway.cloud.awslambda.running import Event
from slipway.cloud.awslambda.store import find, version
from slipway.cloud.service import Call, Operation
from slipway.cloud.wire import TooLarge

MOST = {"RequestResponse": 6_291_456, "DryRun": 6_291_456, "Event": 1_048_576}  # bytes


def invoke(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Run a function (Invoke)."""
    target = named(call, request["FunctionName"], request.get("Qualifier"))
    kind = request.get("InvocationType", "RequestResponse")
    config = version(call, find(call, target), target)
    payload = read(request, MOST[kind])
    if kind == "DryRun":
        return {"StatusCode": 204, "Payload": b""}
    client = client_context(request)
    event = Event(payload, arn(call, target.name, target.qualifier), call.request_id, client)
    if kind == "Event":
        asynchronous.accept(call, target, event)
        return {"StatusCode": 202, "Payload": b""}
    outcome = run(call, target, config, event)
    answer = {
        "StatusCode": 200,
        "ExecutedVersion": outcome.version,
        "Payload": outcome.payload,
    }
    if outcome.error:
        answer["FunctionError"] = "Unhandled"
    if request.get("LogType") == "Tail":
        answer["LogResult"] = outcome.tail
    return answer


def read(request: dict[str, Any], limit: int) -> bytes:
    """Return a request's payload, {} where it has none; ServiceError."""
    try:
        payload: bytes = request["Payload"].read(limit)
    except TooLarge as error:
        text = f"Request must be smaller than {limit} bytes for the InvokeFunction operation"
        raise refusal("RequestTooLargeException", text, 413) from error
    try:
        json.loads(payload or b"{}")
    except (ValueError, RecursionError) as error:
        text = f"Could not parse request body into json: {error}"
        raise refusal("InvalidRequestContentException", text) from error
    return payload or b"{}"


def client_context(request: dict[str, Any]) -> dict[str, Any] | None:
    """Return what a mobile SDK says of its client; ServiceError."""
    if "ClientContext" not in request:
        return None
    try:
        found = json.loads(base64.b64decode(request["ClientContext"]))
    except ValueError as error:
        raise invalid("Client context must be a valid Base64-encoded JSON object.") from error
    if not isinstance(found, dict):
        raise invalid("Client context must be a valid Base64-encoded JSON object.")
    return found


OPERATIONS: dict[str, Operation] = {"Invoke": invoke}
