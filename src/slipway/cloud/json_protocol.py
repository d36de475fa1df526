"""The `json` protocol: parse and validate a request, call the operation, serialize its answer."""

import json
import threading
import uuid
from functools import cache
from typing import Any, NoReturn

from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel

from slipway.cloud.answers import wire
from slipway.cloud.coverage import NOTHING, refusals
from slipway.cloud.service import Call, Service, ServiceError
from slipway.cloud.shapes import WrongType, convert, violations
from slipway.cloud.wire import Request, Response

CONTENT_TYPE = "application/x-amz-json-1.1"


LOADER = Loader()  # it keeps what it has read, some megabytes for a service, for all who need it
LOADING = threading.Lock()  # else each of several threads reads the same


@cache
def service_model(service: str) -> ServiceModel:
    """Return botocore's model of a service."""
    with LOADING:
        return ServiceModel(LOADER.load_service_model(service, "service-2"), service)


def answer(call: Call, service: Service, request: Request) -> Response:
    """Run one operation; a refusal becomes AWS's error document."""
    model = service_model(call.service).operation_model(call.operation)
    try:
        members = validate(model, parse(request.body.read()), service.invalid)
        answered = run(call, service, members)
    except ServiceError as error:
        return refuse(error, model)
    return respond(200, wire(model.output_shape, answered) if model.output_shape else None)


def parse(body: bytes) -> dict[str, Any]:
    """Return the members of a request body; ServiceError when it is not a JSON object."""
    try:
        members = json.loads(body or b"{}", parse_constant=not_a_number)
    except (ValueError, RecursionError) as error:
        raise ServiceError("SerializationException", f"not JSON: {error}") from error
    if not isinstance(members, dict):
        raise ServiceError("SerializationException", "Start of structure or map expected")
    return members


def not_a_number(token: str) -> NoReturn:
    """Refuse what Python reads as a number and JSON does not know."""
    raise ValueError(f"unexpected {token}")


def validate(
    model: OperationModel, members: dict[str, Any], code: str = "ValidationException"
) -> dict[str, Any]:
    """Return the request in Python's types; ServiceError in AWS's words when the model forbids it."""
    shape = model.input_shape
    if shape is None:
        return {}
    try:
        request: dict[str, Any] = convert(shape, members)
    except WrongType as error:
        raise ServiceError("SerializationException", str(error)) from error
    if found := list(violations(shape, request)):
        errors = "validation error" if len(found) == 1 else "validation errors"
        message = f"{len(found)} {errors} detected: {'; '.join(found)}"
        raise ServiceError(code, message)
    return request


def run(call: Call, service: Service, members: dict[str, Any]) -> dict[str, Any]:
    """Run an operation on a valid request, unless the request needs what the local cloud has not."""
    if found := list(refusals(service.coverage.get(call.operation, NOTHING), members)):
        raise ServiceError(service.invalid, " ".join(found))
    return service.operations[call.operation](call, members)


def refuse(error: ServiceError, model: OperationModel | None = None) -> Response:
    """Return AWS's error document."""
    shape, headers = error.code, [("x-amzn-ErrorType", error.code)]
    if model and "awsQueryCompatible" in model.metadata:
        shape = shape_of(error.code, model)
        headers = [("x-amzn-query-error", query_error(error))]
    # Services differ in the spelling of the message, and so do the clients that read it.
    body = {"__type": shape, "message": error.message, "Message": error.message}
    return respond(error.status, body, *headers)


def query_error(error: ServiceError) -> str:
    """Return the header of services that were `query` ones: the code that they had then."""
    return f"{error.code};{'Sender' if error.status < 500 else 'Receiver'}"


def shape_of(code: str, model: OperationModel) -> str:
    """Return the name of the shape whose code it is, the operation's before others; else the code."""
    shapes = (*model.error_shapes, *model.service_model.error_shapes)
    return next((shape.name for shape in shapes if shape.error_code == code), code)


def respond(status: int, members: dict[str, Any] | None, *headers: tuple[str, str]) -> Response:
    """Return a response; an operation without an output has an empty body."""
    body = b"" if members is None else json.dumps(members).encode()
    fixed = (
        ("Content-Type", CONTENT_TYPE),
        ("Content-Length", str(len(body))),
        ("x-amzn-RequestId", str(uuid.uuid4())),
    )
    return Response(status, fixed + headers, (body,))
