"""Requests as they are, however wrong: no client checks them on the way."""

import io
import json
from urllib.parse import urlencode

from botocore.exceptions import ParamValidationError
from botocore.serialize import create_serializer

from slipway.cloud import query_protocol, rest_json_form, rest_json_protocol
from slipway.cloud.json_protocol import service_model
from slipway.cloud.service import ServiceError
from slipway.cloud.wire import Request


def formed(model, members):
    """Return the form of a request to a service of the query protocol."""
    return create_serializer("query", False).serialize_to_request(members, model)["body"]


def carried(model, members):
    """Tell whether the request's form can hold these members: a form knows text alone, and no `{}`."""
    if model.service_model.protocol == "rest-json":
        return arrives(model, members)
    if model.service_model.protocol != "query":
        return True
    try:
        form = {name: str(value) for name, value in formed(model, members).items()}
    except (AttributeError, KeyError, TypeError, ValueError):
        return False
    try:
        return query_protocol.members(model, form) == members
    except ServiceError:
        return True  # text where a number belongs: it arrives, and is refused


def arrives(model, members):
    """Tell whether the members can be sent in path, headers, query and body, and arrive as they are."""
    try:
        request = rest(model, members)
        of = rest_json_form.form(model)
        name, in_path = rest_json_form.find(model.service_model.service_name, request)
        read = rest_json_protocol.members_of(of, request, in_path) if name == model.name else {}
        if of.raw:
            required = of.payload in model.input_shape.required_members
            base = {} if required else {of.payload: b""}
            return {**read, of.payload: request.body.read()} == base | members
        return read == members
    except (AttributeError, KeyError, TypeError, ValueError, ParamValidationError):
        return False
    except ServiceError:
        return True  # text where a number belongs: it arrives, and is refused


def rest(model, members, **signed):
    """Return a request of the rest-json protocol."""
    sent = create_serializer("rest-json", False).serialize_to_request(members, model)
    headers = {name.lower(): str(value) for name, value in sent["headers"].items()}
    path, _, fixed = sent["url_path"].partition("?")
    query = "&".join(filter(None, [fixed, urlencode(sent["query_string"], doseq=True)]))
    body = io.BytesIO(bytes(memoryview(sent["body"] or b"")))
    return Request(sent["method"], path, query, signed | headers, body)


def ask(application, service, name, members):
    """Send a request; return the status and the body's text."""
    model = service_model(service)
    scope = f"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request"
    headers = {"authorization": scope, "host": "localhost:4599"}
    if model.protocol == "rest-json":
        headers["authorization"] = scope.replace(service, model.signing_name)
        answer = application(rest(model.operation_model(name), members, **headers))
        text = b"".join(answer.body).decode()
        return answer.status, text + f' "{dict(answer.headers).get("x-amzn-ErrorType")}"'
    if model.protocol == "query":
        body = urlencode(formed(model.operation_model(name), members)).encode()
        headers["content-type"] = "application/x-www-form-urlencoded"
    else:
        body = json.dumps(members).encode()
        headers["content-type"] = "application/x-amz-json-1.1"
        headers["x-amz-target"] = f"{model.metadata['targetPrefix']}.{name}"
    answer = application(Request("POST", "/", "", headers, io.BytesIO(body)))
    return answer.status, b"".join(answer.body).decode()


def document(body):
    """Return the members of an answer's text; none where it has no document."""
    return json.JSONDecoder().raw_decode(body)[0] if body.startswith("{") else {}


def names_of(code, model):
    """Return the names under which an error code stands in an answer: its own, and its shape's."""
    return {code} | {shape.name for shape in model.error_shapes if shape.error_code == code}
