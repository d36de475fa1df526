"""The `smithy-rpc-v2-cbor` protocol: the operation in the path, CBOR in and out."""

import gzip
import io
import uuid
import zlib
from dataclasses import replace
from typing import Any

from slipway.cloud import cbor
from slipway.cloud.answers import wire
from slipway.cloud.inside import pass_on
from slipway.cloud.json_protocol import query_error, run, service_model, shape_of, validate
from slipway.cloud.router import RPC
from slipway.cloud.service import Call, Service, ServiceError
from slipway.cloud.wire import Limited, Request, Response

CONTENT_TYPE = "application/cbor"
INFLATED = 16 << 20  # bytes that a compressed request may have at most


class NotGzip(ValueError):
    """A body that is not compressed as its header says."""


def is_rpc(request: Request) -> bool:
    """Tell whether a request has the protocol's path."""
    return RPC.fullmatch(request.path) is not None


def answer(call: Call, service: Service, request: Request) -> Response:
    """Run one operation, here or on the ground, which does not speak CBOR; a refusal is AWS's document."""
    model = service_model(call.service).operation_model(call.operation)
    try:
        members = validate(model, parse(request.body.read()), service.invalid)
        if call.operation not in service.operations:
            return respond(200, without_nothing(pass_on(call, members)))
        answered = run(call, service, members)
    except ServiceError as error:
        return refuse(error, shape_of(error.code, model))
    if model.output_shape is None:
        return respond(200, None)
    wire(model.output_shape, answered)  # for its checks
    return respond(200, without_nothing(answered))


def parse(body: bytes) -> dict[str, Any]:
    """Return the members of a request body; ServiceError when it is not a map in CBOR."""
    try:
        members = cbor.decode(body or b"\xa0")
    except cbor.NotCbor as error:
        raise ServiceError("SerializationException", f"not CBOR: {error}") from error
    if not isinstance(members, dict):
        raise ServiceError("SerializationException", "Start of structure or map expected")
    return members


def without_nothing(value: Any) -> Any:
    """Return an answer without the members that are None."""
    if isinstance(value, dict):
        return {k: without_nothing(v) for k, v in value.items() if v is not None}
    if isinstance(value, list):
        return [without_nothing(member) for member in value]
    return value


def refuse(error: ServiceError, shape: str = "") -> Response:
    """Return AWS's error document."""
    body = {"__type": shape or error.code, "message": error.message}
    return respond(error.status, body, ("x-amzn-query-error", query_error(error)))


def respond(status: int, members: dict[str, Any] | None, *headers: tuple[str, str]) -> Response:
    """Return a response; an operation without an output has an empty body."""
    body = b"" if members is None else cbor.encode(members)
    fixed = (
        ("Content-Type", CONTENT_TYPE),
        ("Content-Length", str(len(body))),
        ("smithy-protocol", "rpc-v2-cbor"),
        ("x-amzn-RequestId", str(uuid.uuid4())),
    )
    return Response(status, fixed + headers, (body,))


def inflated(request: Request) -> Request:
    """Return a request whose body is not compressed any more; botocore compresses large ones.

    Raises:
        TooLarge: It has more bytes than any service takes.
        NotGzip: It is not what its header says.
    """
    if request.headers.get("content-encoding", "").lower() != "gzip":
        return request
    try:
        opened = gzip.GzipFile(fileobj=io.BytesIO(request.body.read()))
        body = Limited(opened, INFLATED).read()
    except (OSError, EOFError, zlib.error) as error:
        raise NotGzip(f"the body is not gzip, as its Content-Encoding says: {error}") from error
    kept = {k: v for k, v in request.headers.items() if k != "content-encoding"}
    return replace(request, headers=kept, body=io.BytesIO(body))
