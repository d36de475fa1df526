"""Which service and operation a request means. Pure."""

import re
from dataclasses import dataclass

from slipway.cloud.wire import Request

CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request")
TARGETS = {"SageMaker": "sagemaker", "Logs_20140328": "logs"}


@dataclass(frozen=True)
class Route:
    """The meaning of a request; empty strings where it says nothing."""

    service: str
    operation: str
    region: str
    access_key: str


def route(request: Request, default_region: str) -> Route:
    """Read the credential scope and the target header of a request."""
    found = CREDENTIAL.search(request.headers.get("authorization", ""))
    access_key, _, region, signed_for = found.groups() if found else ("", "", default_region, "")
    prefix, _, operation = request.headers.get("x-amz-target", "").rpartition(".")
    service = TARGETS.get(prefix, signed_for)
    return Route(service, operation, region, access_key)
