"""The `rest-json` protocol: members in the path, the headers and the raw body, by botocore's model.

A raw body stays a stream: its size is the operation's business, which knows who is to take it.
"""

import json
import random
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any
from urllib.parse import unquote

from botocore.model import OperationModel, Shape

from slipway.cloud.answers import wire
from slipway.cloud.json_protocol import run, service_model, validate
from slipway.cloud.service import Call, Service, ServiceError
from slipway.cloud.wire import Limited, Request, Response, TooLarge

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


@dataclass(frozen=True)
class Form:
    """Where an operation's members are, in its request and in its answer."""

    model: OperationModel
    path: re.Pattern[str]  # a group for each member of the path
    read: tuple[tuple[str, str, Shape], ...]  # member, header's name in lower case, shape
    payload: str  # the member that is the request's body
    status: int  # of a good answer
    written: tuple[tuple[str, str], ...]  # member, header
    body: str  # the member that is the answer's body; "" where the body is a JSON document


@cache
def forms(service: str) -> Mapping[str, Form]:
    """Return the form of every operation of a service."""
    model = service_model(service)
    return {name: form(model.operation_model(name)) for name in model.operation_names}


def form(model: OperationModel) -> Form:
    """Return the form of an operation that has its members in the path, headers and a raw body."""
    asked, answered = model.input_shape, model.output_shape
    path = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(model.http["requestUri"]))
    return Form(
        model,
        re.compile(path),
        tuple(
            (name, shape.serialization["name"].lower(), shape)
            for name, shape in asked.members.items()
            if shape.serialization.get("location") == "header"
        ),
        asked.serialization.get("payload", ""),
        model.http.get("responseCode", 200),
        tuple(
            (name, shape.serialization["name"])
            for name, shape in answered.members.items()
            if shape.serialization.get("location") == "header"
        ),
        answered.serialization.get("payload", ""),
    )


def find(service: str, request: Request) -> tuple[str, dict[str, str]]:
    """Return the operation that a path means and the members in it; ("", {}) for none."""
    for name, of in forms(service).items():
        if request.method == of.model.http["method"] and (found := of.path.fullmatch(request.path)):
            return name, {member: unquote(text) for member, text in found.groupdict().items()}
    return "", {}


def answer(call: Call, service: Service, request: Request, in_path: Mapping[str, str]) -> Response:
    """Run one operation; a refusal becomes AWS's error document."""
    # Not `uuid4`, which asks the kernel for random bytes: nobody has to be unable to guess it
    request_id = str(uuid.UUID(int=random.getrandbits(128), version=4))
    call = replace(call, request_id=request_id)
    of = forms(call.service)[call.operation]
    try:
        members = validate(of.model, members_of(of, request.headers, in_path), service.invalid)
        if of.payload:
            members[of.payload] = Payload(request)
        answered = run(call, service, members)
    except TooLarge:
        text = f"Request {call.request_id} has oversize body."
        return refuse(ServiceError(service.invalid, text), call.request_id)
    except ServiceError as error:
        return refuse(error, call.request_id)
    return respond(of, answered, call.request_id)


def members_of(
    of: Form, headers: Mapping[str, str], in_path: Mapping[str, str]
) -> dict[str, object]:
    """Return a request's members but for its body, which is empty here; ServiceError."""
    members: dict[str, object] = dict(in_path)
    for name, header, shape in of.read:
        if (text := headers.get(header)) is not None:
            members[name] = text if shape.type_name == "string" else number(name, text)
    if of.payload in of.model.input_shape.required_members:
        members[of.payload] = b""
    return members


def number(member: str, text: str) -> int:
    """Return the number that a member's header holds; ServiceError."""
    try:
        return int(text)
    except ValueError:
        message = f"{text!r} at {member!r} is no integer"
        raise ServiceError("SerializationException", message) from None


def respond(of: Form, answered: Mapping[str, Any], request_id: str) -> Response:
    """Return an operation's answer."""
    headers = [("x-amzn-RequestId", request_id)]
    for member, header in of.written:
        if (value := answered.get(member)) is not None:
            headers.append((header, value))
    body: Iterable[bytes]
    if not of.body:
        in_headers = {member for member, _ in of.written}
        rest = {name: value for name, value in answered.items() if name not in in_headers}
        body = (json.dumps(wire(of.model.output_shape, rest)).encode(),)
        headers.append(("Content-Type", "application/json"))
    elif isinstance(answered[of.body], bytes):
        body = (answered[of.body],)
    else:
        headers.append(("Content-Type", EVENT_STREAM))
        return Response(of.status, tuple(headers), answered[of.body])
    headers.append(("Content-Length", str(sum(map(len, body)))))
    return Response(of.status, tuple(headers), body)


def refuse(error: ServiceError, request_id: str) -> Response:
    """Return AWS's error document."""
    members = error.members if isinstance(error, Refusal) else {"Message": error.message}
    body = json.dumps(members).encode()
    headers = (
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("x-amzn-RequestId", request_id),
        ("x-amzn-ErrorType", error.code),
    )
    return Response(error.status, headers, (body,))
