"""The `json` protocol: parse and validate a request, call the operation, serialize its answer."""

import json
import uuid
from datetime import datetime
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from slipway.cloud.service import Call, Operation, ServiceError
from slipway.cloud.wire import Request, Response

CONTENT_TYPE = "application/x-amz-json-1.1"


@cache
def service_model(service: str) -> ServiceModel:
    """Return botocore's model of a service."""
    return ServiceModel(Loader().load_service_model(service, "service-2"), service)


def answer(call: Call, operation: Operation, request: Request) -> Response:
    """Run one operation; a refusal becomes AWS's error document."""
    try:
        members = parse(request.body.read())
        shape = service_model(call.service).operation_model(call.operation).input_shape
        report = ParamValidator().validate(members, shape)
        if report.has_errors():
            raise ServiceError("ValidationException", report.generate_report())
        return respond(200, operation(call, members))
    except ServiceError as error:
        body = {"__type": error.code, "message": error.message, "Message": error.message}
        return respond(error.status, body)


def parse(body: bytes) -> dict[str, Any]:
    """Return the members of a request body; ServiceError when it is not a JSON object."""
    try:
        members = json.loads(body or b"{}")
    except ValueError as error:
        raise ServiceError("SerializationException", str(error)) from error
    if not isinstance(members, dict):
        raise ServiceError("SerializationException", "expected a JSON object")
    return members


def respond(status: int, members: dict[str, Any]) -> Response:
    """Serialize an answer: datetimes as epoch seconds, absent members left out."""
    body = json.dumps(members, default=as_json).encode()
    headers = (
        ("Content-Type", CONTENT_TYPE),
        ("Content-Length", str(len(body))),
        ("x-amzn-RequestId", str(uuid.uuid4())),
    )
    return Response(status, headers, (body,))


def as_json(value: object) -> float:
    """Return the wire form of a value that JSON lacks."""
    if isinstance(value, datetime):
        return round(value.timestamp(), 3)
    raise TypeError(f"{type(value).__name__} has no wire form")
