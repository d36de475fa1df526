"""The `query` protocol of the older services: a form in, XML out."""

import io
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from xml.etree.ElementTree import Element, SubElement, tostring

from botocore.model import OperationModel, Shape

from slipway.cloud.answers import wire
from slipway.cloud.json_protocol import run, service_model, validate
from slipway.cloud.service import Call, Service, ServiceError
from slipway.cloud.wire import Request, Response

FORM = "application/x-www-form-urlencoded"
ENVELOPE = ("Action", "Version")  # what a form holds beside the members

Form = dict[str, str]


def is_form(request: Request) -> bool:
    """Tell whether a request has the protocol's form."""
    return request.headers.get("content-type", "").startswith(FORM)


def read(request: Request) -> tuple[Form, Request]:
    """Return the request's form, and the request as one whose body is still to be read."""
    body = request.body.read()
    form = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    return form, replace(request, body=io.BytesIO(body))


def answer(call: Call, service: Service, form: Form) -> Response:
    """Run one operation; a refusal becomes AWS's error document."""
    model = service_model(call.service).operation_model(call.operation)
    try:
        request = validate(model, members(model, form), service.invalid)
        answered = run(call, service, request)
    except ServiceError as error:
        return refuse(error)
    root = Element(f"{call.operation}Response", xmlns=model.metadata["xmlNamespace"])
    if shape := model.output_shape:
        wire(shape, answered)  # for its checks
        wrapper = shape.serialization.get("resultWrapper", f"{call.operation}Result")
        write(SubElement(root, wrapper), shape, answered)
    SubElement(SubElement(root, "ResponseMetadata"), "RequestId").text = str(uuid.uuid4())
    return respond(200, root)


def refuse(error: ServiceError) -> Response:
    """Return AWS's error document."""
    root = Element("ErrorResponse")
    details = SubElement(root, "Error")
    SubElement(details, "Type").text = "Sender" if error.status < 500 else "Receiver"
    SubElement(details, "Code").text = error.code
    SubElement(details, "Message").text = error.message
    SubElement(root, "RequestId").text = str(uuid.uuid4())
    return respond(error.status, root)


def members(model: OperationModel, form: Form) -> dict[str, Any]:
    """Return the request's members as JSON would have them; ServiceError where text is no number."""
    sent = {name: value for name, value in form.items() if name not in ENVELOPE}
    return structure(model.input_shape, sent, "") if model.input_shape else {}


def structure(shape: Shape, form: Form, prefix: str) -> dict[str, Any]:
    """Return the members below a prefix; unknown ones come back as they are, to be refused."""
    known = {name: value(member, form, prefix + name) for name, member in shape.members.items()}
    below = (name.removeprefix(prefix).split(".")[0] for name in form if name.startswith(prefix))
    unknown = {name: form.get(prefix + name, "") for name in below if name not in shape.members}
    return unknown | {name: found for name, found in known.items() if found is not None}


def value(shape: Shape, form: Form, name: str) -> Any:
    """Return the value of one member; None where the form does not have it."""
    if shape.type_name == "list":
        items = [value(shape.member, form, item) for item in elements(form, f"{name}.member.")]
        return items if items or name in form else None  # an empty list is sent as `Name=`
    if shape.type_name == "structure":
        below = any(key.startswith(f"{name}.") for key in form)
        return structure(shape, form, f"{name}.") if below else None
    text = form.get(name)
    if text is None or shape.type_name == "string":
        return text
    try:
        return SCALARS.get(shape.type_name, int)(text)
    except (ValueError, OverflowError):
        message = f"{text!r} at {name!r} is no {shape.type_name}"
        raise ServiceError("MalformedInput", message) from None


def boolean(text: str) -> bool:
    """Return `true` or `false`; ValueError for others."""
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def moment(text: str) -> float:
    """Return a time, ISO 8601 or in seconds since 1970, as those seconds; ValueError for others."""
    try:
        return float(text)
    except ValueError:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


SCALARS: dict[str, Callable[[str], Any]] = {
    "boolean": boolean,
    "timestamp": moment,
    "float": float,
    "double": float,
}


def elements(form: Form, prefix: str) -> Iterator[str]:
    """Yield the names of a list's elements in their order."""
    numbers = {name.removeprefix(prefix).split(".")[0] for name in form if name.startswith(prefix)}
    for number in sorted(filter(str.isdecimal, numbers), key=int):
        yield prefix + number


def write(parent: Element, shape: Shape, answered: Any) -> None:
    """Write an answer below its element."""
    if shape.type_name == "structure":
        for name, member in shape.members.items():
            if answered.get(name) is not None:
                write(SubElement(parent, name), member, answered[name])
    elif shape.type_name == "list":
        for item in answered:
            write(SubElement(parent, "member"), shape.member, item)
    elif shape.type_name == "map":
        for key, item in answered.items():
            entry = SubElement(parent, "entry")
            SubElement(entry, "key").text = key
            write(SubElement(entry, "value"), shape.value, item)
    elif isinstance(answered, bool):
        parent.text = str(answered).lower()
    else:
        parent.text = answered.isoformat() if isinstance(answered, datetime) else str(answered)


def respond(status: int, root: Element) -> Response:
    """Return an XML response."""
    body = tostring(root, encoding="utf-8", xml_declaration=True)
    headers = (("Content-Type", "text/xml"), ("Content-Length", str(len(body))))
    return Response(status, headers, (body,))
