"""The `rest-json` protocol: members in the path, the headers, the query and the body, by botocore's model.

A raw body stays a stream: its size is the operation's business, which knows who is to take it.
"""

import json
import random
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from slipway.cloud import rest_json_body
from slipway.cloud.answers import wire
from slipway.cloud.json_protocol import parse, run, validate
from slipway.cloud.rest_json_form import Form, forms, outside_body
from slipway.cloud.service import Call, Service, ServiceError
from slipway.cloud.wire import Limited, Request, Response, TooLarge

LARGEST = 128 << 20  # bytes of a JSON document; a function's zip is the largest
EVENT_STREAM = "application/vnd.amazon.eventstream"


class Refusal(ServiceError):
    """A refusal whose body has more members than the message."""

    def __init__(
        self, code: str, message: str | None, status: int = 400, **members: str | int
    ) -> None:
        super().__init__(code, message or "", status)
        self.members: dict[str, str | int | None] = {"Message": message, **members}


class Payload:
    """A raw body that has not been read yet."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def read(self, limit: int) -> bytes:
        """Return all of it; TooLarge, where the headers tell before anything is read."""
        said = self._request.headers.get("content-length", "")
        if said.isdecimal() and int(said) > limit:
            raise TooLarge(f"expected a request of at most {limit} bytes, found {said}")
        return Limited(self._request.body, limit).read()


def answer(call: Call, service: Service, request: Request, in_path: Mapping[str, str]) -> Response:
    """Run one operation; a refusal becomes AWS's error document."""
    # Not `uuid4`, which asks the kernel for random bytes: nobody has to be unable to guess it
    request_id = str(uuid.UUID(int=random.getrandbits(128), version=4))
    call = replace(call, request_id=request_id)
    of = forms(call.service)[call.operation]
    try:
        members = validate(of.model, members_of(of, request, in_path), service.invalid)
        if of.raw:
            members[of.payload] = Payload(request)
        answered = run(call, service, members)
    except TooLarge:
        text = f"Request {call.request_id} has oversize body."
        return refuse(ServiceError(service.invalid, text), request_id, of)
    except ServiceError as error:
        return refuse(error, request_id, of)
    return respond(of, answered, request_id)


def members_of(of: Form, request: Request, in_path: Mapping[str, str]) -> dict[str, Any]:
    """Return a request's members; a raw body is empty here, and none is read. ServiceError."""
    outside = outside_body(of, request, in_path)
    shape = of.model.input_shape
    if of.raw:
        required = of.payload in shape.required_members
        return outside | ({of.payload: b""} if required else {})
    if shape is None or not (of.payload or rest_json_body.in_body(shape)):
        return outside
    data = Limited(request.body, LARGEST).read()
    if of.payload:
        content = rest_json_body.read(shape.members[of.payload], parse(data)) if data else None
        return outside | ({of.payload: content} if content is not None else {})
    return {**rest_json_body.read(shape, parse(data)), **outside}


def respond(of: Form, answered: Mapping[str, Any], request_id: str) -> Response:
    """Return an operation's answer."""
    headers = [("x-amzn-RequestId", request_id)]
    status = answered.get(of.status_member) or of.status
    for member, header in of.written:
        if (value := answered.get(member)) is not None:
            headers.append((header, value if isinstance(value, str) else json.dumps(value)))
    body: Iterable[bytes]
    if of.body and isinstance(answered[of.body], bytes):
        body = (answered[of.body],)
    elif of.body and not isinstance(answered[of.body], dict):
        headers.append(("Content-Type", EVENT_STREAM))
        return Response(status, tuple(headers), answered[of.body])
    elif of.model.output_shape is None:
        body = ()
    else:
        body = (json.dumps(document(of, answered)).encode(),)
        headers.append(("Content-Type", "application/json"))
    headers.append(("Content-Length", str(sum(map(len, body)))))
    return Response(status, tuple(headers), body)


def document(of: Form, answered: Mapping[str, Any]) -> Any:
    """Return the answer's JSON document: one member of it, or all that are nowhere else."""
    shape = of.model.output_shape
    if of.body:
        return wire(shape.members[of.body], answered[of.body], of.body)
    elsewhere = {member for member, _ in of.written} | {of.status_member}
    rest = {name: value for name, value in answered.items() if name not in elsewhere}
    return wire(shape, rest)


def refuse(error: ServiceError, request_id: str, of: Form | None = None) -> Response:
    """Return AWS's error document; the message has the name that the error's shape gives it."""
    members = error.members if isinstance(error, Refusal) else {"Message": error.message}
    errors = of.model.service_model.error_shapes if of else ()
    if any(shape.error_code == error.code and "message" in shape.members for shape in errors):
        members = {("message" if name == "Message" else name): v for name, v in members.items()}
    body = json.dumps(members).encode()
    headers = (
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("x-amzn-RequestId", request_id),
        ("x-amzn-ErrorType", error.code),
    )
    return Response(error.status, headers, (body,))
