"""Requests as they are, however wrong: no client checks them on the way."""

import io
import json
from urllib.parse import urlencode

from botocore.exceptions import ParamValidationError
from botocore.serialize import create_serializer

from slipway.cloud import query_protocol, rest_json_protocol
from slipway.cloud.json_protocol import service_model
from slipway.cloud.service import ServiceError
from slipway.cloud.wire import Request


def formed(model, members):
    """Return the form of a request to a service of the query protocol."""
    return create_serializer("query", False).serialize_to_request(members, model)["body"]


def carried(model, members):
    """Tell whether the request's form can hold these members: a form knows text alone, and no `{}`."""
    if model.service_model.protocol == "rest-json":
        return in_headers(model, members)
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


def in_headers(model, members):
    """Tell whether the members can be sent in path, headers and body, and arrive as they are."""
    try:
        path, headers, body = rest(model, members)
        of = rest_json_protocol.form(model)
        found = of.path.fullmatch(path)
        read = rest_json_protocol.members_of(of, headers, found.groupdict() if found else {})
        base = {} if of.payload in model.input_shape.required_members else {of.payload: b""}
        return {**read, of.payload: body} == base | members
    except (AttributeError, KeyError, TypeError, ValueError, ParamValidationError):
        return False
    except ServiceError:
        return True  # text where a number belongs: it arrives, and is refused


def rest(model, members):
    """Return path, headers and body of a request of the rest-json protocol."""
    sent = create_serializer("rest-json", False).serialize_to_request(members, model)
    headers = {name.lower(): str(value) for name, value in sent["headers"].items()}
    return sent["url_path"], headers, bytes(memoryview(sent["body"] or b""))


def ask(application, service, name, members):
    """Send a request; return the status and the body's text."""
    model = service_model(service)
    scope = f"AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/{service}/aws4_request"
    headers = {"authorization": scope, "host": "localhost:4599"}
    if model.protocol == "rest-json":
        headers["authorization"] = scope.replace(service, model.signing_name)
        path, own, body = rest(model.operation_model(name), members)
        request = Request("POST", path, "", headers | own, io.BytesIO(body))
        answer = application(request)
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


def names_of(code, model):
    """Return the names under which an error code stands in an answer: its own, and its shape's."""
    return {code} | {shape.name for shape in model.error_shapes if shape.error_code == code}
