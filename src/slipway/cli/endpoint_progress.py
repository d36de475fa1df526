"""Follow an endpoint until what was asked of it is done: a line for each change, on stderr."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from slipway.cli.errors import Refused
from slipway.cli.output import duration, emit, note, say

GOING_ON = ("Creating", "Updating", "SystemUpdating", "RollingBack")
PAUSE = 0.5  # seconds between two looks


def described(api: Any, name: str) -> dict[str, Any] | None:
    """Return an endpoint as DescribeEndpoint does, or None where there is none of that name."""
    try:
        found: dict[str, Any] = api.describe_endpoint(EndpointName=name)
    except api.exceptions.ClientError as error:
        if "Could not find" in error.response["Error"]["Message"]:
            return None
        raise
    found.pop("ResponseMetadata", None)
    return found


def of(api: Any, name: str) -> dict[str, Any]:
    """Return an endpoint as DescribeEndpoint does; Refused where there is none of that name."""
    found = described(api, name)
    if found is None:
        raise Refused(f"expected an endpoint, found none named {name!r}; see `slipway endpoints`")
    return found


def follow(api: Any, name: str) -> dict[str, Any]:
    """Show what happens until the endpoint rests; return how it is then."""
    started, seen = time.monotonic(), set()
    while True:
        endpoint = of(api, name)
        for line in lines(endpoint):
            if line not in seen:
                seen.add(line)
                note(f"{duration(time.monotonic() - started):>12}  {line}")
        if endpoint["EndpointStatus"] not in GOING_ON:
            return endpoint
        time.sleep(PAUSE)


def end(api: Any, name: str, config: str, json: bool) -> bool:
    """Follow an endpoint, say how it ended, and return whether it serves `config` now.

    An update that failed ends InService too, on the old configuration.
    """
    try:
        found = follow(api, name)
    except KeyboardInterrupt:
        note(f"it goes on; see `slipway endpoints {name}`")
        raise
    status, now = found["EndpointStatus"], found["EndpointConfigName"]
    done: bool = status == "InService" and now == config
    if json:
        emit(found)
    if done and not json:
        say(f"{name} is InService with {config}")
    if not done:
        reason = found.get("FailureReason", "no reason was given")
        note(f"{name} is {status} with {now}, not {config}: {reason}")
    return done


def lines(endpoint: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is going on, one line for each variant and thing."""
    creating = endpoint["EndpointStatus"] == "Creating"  # what is pending is said of itself then
    pending = {} if creating else endpoint.get("PendingDeploymentSummary", {})
    for side, found in (("", endpoint), ("new ", pending)):
        for variant in found.get("ProductionVariants", ()):
            for status in variant.get("VariantStatus", ()):
                words = f"{status['Status']}: {status.get('StatusMessage', '')}"
                yield f"{side}{variant['VariantName']}  {words}"
