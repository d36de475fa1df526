"""What a request asks for, whatever its protocol: the operation and its members."""

import io
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError

from slipway.cloud import (
    json_protocol,
    query_protocol,
    rest_json_form,
    rest_json_protocol,
    rpc_protocol,
)
from slipway.cloud.router import Route
from slipway.cloud.service import ServiceError
from slipway.cloud.wire import Limited, Request

LARGEST = 128 << 20  # bytes of a request that is no S3 object


@dataclass(frozen=True)
class Asked:
    """One request of a service that is not S3."""

    service: str  # botocore's name
    operation: str  # "" where the request says none that is known
    region: str
    account: str
    members: Mapping[str, Any] = field(default_factory=dict)

    def text(self, member: str) -> str:
        """Return a member that is a text; "" where it is absent or something else."""
        found = self.members.get(member)
        return found if isinstance(found, str) else ""


def read(request: Request, to: Route, account: str) -> tuple[Asked, Request]:
    """Return what a request asks for, and the request as one whose body is still to be read.

    Members that cannot be read are absent: the service itself refuses such a request.
    """
    if protocol(to.service) in ("rest-json", "rest-xml"):
        return rest(request, to, account)
    body = Limited(request.body, LARGEST).read()
    request = replace(request, body=io.BytesIO(body))
    operation, members = to.operation, {}
    try:
        if rpc_protocol.is_rpc(request):
            plain = rpc_protocol.inflated(request)
            members = rpc_protocol.parse(plain.body.read())
        elif operation:
            members = json_protocol.parse(body)
        elif query_protocol.is_form(request):
            form, _ = query_protocol.read(replace(request, body=io.BytesIO(body)))
            operation = form.get("Action", "")
            members = in_form(to.service, operation, form)
    except (ServiceError, rpc_protocol.NotGzip):
        members = {}
    again = replace(request, body=io.BytesIO(body))
    return Asked(to.service, operation, to.region, account, members), again


def rest(request: Request, to: Route, account: str) -> tuple[Asked, Request]:
    """Return what a request asks for by its method and path; a raw body is not read."""
    operation, in_path = rest_json_form.find(to.service, request)
    if not operation:
        return Asked(to.service, "", to.region, account), request
    of = rest_json_form.forms(to.service)[operation]
    members: Mapping[str, Any] = in_path
    whole = not of.raw and protocol(to.service) == "rest-json"
    body = Limited(request.body, LARGEST).read() if whole else b""
    again = replace(request, body=io.BytesIO(body)) if whole else request
    with suppress(ServiceError):
        if whole:
            once = replace(request, body=io.BytesIO(body))
            members = rest_json_protocol.members_of(of, once, in_path)
        else:
            members = rest_json_form.outside_body(of, request, in_path)
    return Asked(to.service, operation, to.region, account, members), again


def in_form(service: str, operation: str, form: Mapping[str, str]) -> dict[str, Any]:
    """Return the members of a form; of EC2's, whose lists have another form, those that are texts."""
    if protocol(service) != "query":
        return dict(form)
    try:
        model = json_protocol.service_model(service).operation_model(operation)
    except OperationNotFoundError:
        return dict(form)
    return query_protocol.members(model, dict(form))


@cache
def protocol(service: str) -> str:
    """Return a service's protocol; "" for a service that botocore does not know."""
    try:
        return str(json_protocol.service_model(service).metadata["protocol"])
    except UnknownServiceError:
        return ""
