"""The endpoint that a request names, and whether it takes such requests."""

import time
from collections.abc import Mapping
from typing import Any

from slipway.cloud.hosting.fleet import Fleet
from slipway.cloud.hosting.live import Live, live
from slipway.cloud.hosting.traffic import Variant
from slipway.cloud.sagemaker_runtime import errors
from slipway.cloud.sagemaker_runtime.settings import settings
from slipway.cloud.service import Call

SERVING = ("InService", "Updating", "SystemUpdating", "RollingBack")
PAUSE = 0.02  # seconds between two looks for what is being started


def find(call: Call, name: str) -> Live:
    """Return the endpoint of a name; ServiceError when none of it, in this case of letters, serves.

    Waits for one that a cloud that has just started takes up.
    """
    until = time.monotonic() + settings().patience
    while True:
        found = live(call.cloud, call.region, name)
        if found is not None and found.name == name:
            return found
        document = call.cloud.state.documents(call.region, "Endpoint").get(name.lower())
        if document is None or document["EndpointName"] != name:
            raise errors.not_found(name, call.cloud.account)
        if document["EndpointStatus"] not in SERVING or time.monotonic() > until:
            raise errors.not_in_service(name, call.cloud.account, document["EndpointStatus"])
        time.sleep(PAUSE)


def synchronous(call: Call, name: str) -> Live:
    """Return an endpoint that answers at once; ServiceError also where it is asynchronous."""
    found = find(call, name)
    if "AsyncInferenceConfig" in found.config:
        raise errors.invalid(
            f"Endpoint {name} has an AsyncInferenceConfig: invoke it with InvokeEndpointAsync."
        )
    return found


def asynchronous(call: Call, name: str) -> Live:
    """Return an endpoint that answers through S3; ServiceError also where it answers at once."""
    found = find(call, name)
    if "AsyncInferenceConfig" not in found.config:
        raise errors.invalid(
            f"Endpoint {name} has no AsyncInferenceConfig: invoke it with InvokeEndpoint."
        )
    return found


def named(of: Live, name: str) -> Variant[Fleet]:
    """Return the production variant of a name; ServiceError."""
    for each in of.routing.variants:
        if each.name == name:
            return each
    known = ", ".join(each.name for each in of.routing.variants)
    raise errors.invalid(
        f"Endpoint {of.name} has no production variant {name}: expected one of {known}."
    )


def check_component(of: Live, request: Mapping[str, Any]) -> None:
    """Refuse a request that names an inference component where there is none, or none where it must."""
    has = not of.routing.variants[0].shares
    if has != ("InferenceComponentName" in request):
        raise errors.component_wanted() if has else errors.component_unwanted()
