"""Where the members of a `rest-json` operation are in its request and its answer. Pure.

All of it is read from botocore's model: the method and the path mean an operation, and each member is
in the path, in a header, in the query, or in the body.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote

from botocore.model import OperationModel, Shape

from slipway.cloud import rest_json_body
from slipway.cloud.json_protocol import service_model
from slipway.cloud.rest_json_body import Unreadable
from slipway.cloud.service import ServiceError
from slipway.cloud.wire import Request

LABEL = re.compile(r"\{([^{}+]+)(\+?)\}")
Members = tuple[tuple[str, str, Shape], ...]  # member, its name on the wire, shape


@dataclass(frozen=True)
class Form:
    """Where an operation's members are, in its request and in its answer."""

    model: OperationModel
    uri: str  # the path, with its members in braces
    path: re.Pattern[str]  # a group for each of them
    fixed: Mapping[str, str]  # what the query of each such request holds
    labels: tuple[str, ...]  # the members that are the groups
    headers: Members  # names in lower case
    prefixes: Members  # maps whose keys are the rest of headers' names
    query: Members
    payload: str  # the member that is the request's body; "" where the body is a JSON document
    status: int  # of a good answer
    status_member: str
    written: tuple[tuple[str, str], ...]  # member of the answer, header
    body: str  # the member that is the answer's body; "" where the body is a JSON document

    @property
    def raw(self) -> bool:
        """Whether the request's body is bytes that only the operation understands."""
        return bool(self.payload) and self.model.input_shape.members[self.payload].type_name in (
            "blob",
            "string",
        )


def speaks(service: str) -> bool:
    """Tell whether a service has this protocol."""
    return str(service_model(service).metadata["protocol"]) == "rest-json"


@cache
def forms(service: str) -> Mapping[str, Form]:
    """Return the form of every operation of a service, those with the most particular paths first."""
    model = service_model(service)
    found = [form(model.operation_model(name)) for name in model.operation_names]
    found.sort(key=lambda of: (len(of.fixed), len(LABEL.sub("", of.uri))), reverse=True)
    return {of.model.name: of for of in found}


def form(model: OperationModel) -> Form:
    """Return the form of an operation."""
    asked, answered = model.input_shape, model.output_shape
    uri, _, fixed = model.http["requestUri"].partition("?")
    members = {label: name for name, label, _ in at(asked, "uri")}
    return Form(
        model,
        uri,
        pattern(uri),
        dict(parse_qsl(fixed, keep_blank_values=True)),
        tuple(members[found[1]] for found in LABEL.finditer(uri)),
        tuple((n, name.lower(), s) for n, name, s in at(asked, "header")),
        tuple((n, name.lower(), s) for n, name, s in at(asked, "headers")),
        at(asked, "querystring"),
        asked.serialization.get("payload", "") if asked else "",
        model.http.get("responseCode", 200),
        next((name for name, _, _ in at(answered, "statusCode")), ""),
        tuple((name, header) for name, header, _ in at(answered, "header")),
        answered.serialization.get("payload", "") if answered else "",
    )


def pattern(uri: str) -> re.Pattern[str]:
    """Return the pattern of the paths that a model's path stands for; a slash at the end is nothing."""
    texts = [re.escape(text) for text in LABEL.split(uri.rstrip("/"))[::3]]
    groups = ["(.+)" if found[2] else "([^/]+)" for found in LABEL.finditer(uri)]
    return re.compile(
        "".join(text + group for text, group in zip(texts, [*groups, ""], strict=True)) + "/?"
    )


def at(shape: Shape | None, location: str) -> Members:
    """Return the members that are at a location."""
    return tuple(
        (name, member.serialization.get("name", name), member)
        for name, member in (shape.members.items() if shape else ())
        if member.serialization.get("location") == location
    )


def find(service: str, request: Request) -> tuple[str, dict[str, str]]:
    """Return the operation that a request means and the members in its path; ("", {}) for none."""
    said = dict(parse_qsl(request.query, keep_blank_values=True)) if request.query else {}
    for name, of in forms(service).items():
        if request.method != of.model.http["method"] or not of.fixed.items() <= said.items():
            continue
        if found := of.path.fullmatch(request.path):
            return name, dict(zip(of.labels, map(unquote, found.groups()), strict=True))
    return "", {}


def outside_body(of: Form, request: Request, in_path: Mapping[str, str]) -> dict[str, Any]:
    """Return a request's members in the path, the headers and the query; ServiceError."""
    members: dict[str, Any] = {}
    shape = of.model.input_shape
    for name, text in in_path.items():
        members[name] = scalar(shape.members[name], name, text)
    for name, header, member in of.headers:
        if (said := request.headers.get(header)) is not None:
            members[name] = scalar(member, name, said)
    for name, prefix, _ in of.prefixes:
        found = {k: v for k, v in request.headers.items() if k.startswith(prefix)}
        if found:
            members[name] = {key[len(prefix) :]: value for key, value in found.items()}
    if of.query and request.query:
        members |= in_query(of, request.query)
    return members


def in_query(of: Form, query: str) -> dict[str, Any]:
    """Return the members in a query; a map takes all that no other member does. ServiceError."""
    said: dict[str, list[str]] = {}
    for name, text in parse_qsl(query, keep_blank_values=True):
        said.setdefault(name, []).append(text)
    members: dict[str, Any] = {}
    for name, key, shape in of.query:
        if shape.type_name == "list" and key in said:
            members[name] = [scalar(shape.member, name, text) for text in said.pop(key)]
        elif shape.type_name != "map" and key in said:
            members[name] = scalar(shape, name, said.pop(key)[0])
    rest = {key: texts for key, texts in said.items() if key not in of.fixed}
    for name, _, shape in of.query:
        if shape.type_name == "map" and rest:
            several = shape.value.type_name == "list"
            members[name] = {key: texts if several else texts[0] for key, texts in rest.items()}
    return members


def scalar(shape: Shape, member: str, text: str) -> Any:
    """Return what a text says, or the parts of a list in a header; ServiceError."""
    try:
        if shape.type_name == "list":
            return [rest_json_body.scalar(shape.member, part.strip()) for part in text.split(",")]
        return rest_json_body.scalar(shape, text)
    except Unreadable as error:
        raise ServiceError("SerializationException", f"at {member!r}: {error}") from None
