"""Universal targets: any operation of AWS's API that changes something. The names are pure."""

import re
from functools import cache

from slipway.cloud import inside
from slipway.cloud.json_protocol import service_model

PREFIX = "arn:aws:scheduler:::aws-sdk:"
NAMED = re.compile(re.escape(PREFIX) + r"([a-z0-9\-]+):([A-Za-z0-9]+)")
READS = re.compile(
    r"(get|describe|list|poll|receive|search|scan|query|select|read|head|batchget)", re.I
)


class BadTarget(ValueError):
    """Why a universal target is none."""


@cache
def services() -> dict[str, str]:
    """Return botocore's names of services by their names without dashes."""
    return {name.replace("-", ""): name for name in inside.session().get_available_services()}


@cache
def operation(arn: str) -> tuple[str, str]:
    """Return botocore's service and operation of a universal target; BadTarget."""
    found = NAMED.fullmatch(arn)
    if not found:
        raise BadTarget(f"expected {PREFIX}SERVICE:OPERATION, found {arn}")
    service = services().get(found[1].replace("-", ""))
    if service is None:
        raise BadTarget(f"{found[1]} is not an AWS service: {arn}")
    if READS.match(found[2]):
        raise BadTarget(f"{found[2]} only reads, which is not allowed for a target: {arn}")
    names = {name.lower(): name for name in service_model(service).operation_names}
    if found[2].lower() not in names:
        raise BadTarget(f"{found[2]} is not an operation of {service}: {arn}")
    return service, names[found[2].lower()]
