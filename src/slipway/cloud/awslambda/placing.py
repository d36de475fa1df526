"""A place for an invocation among those that run at once."""

from typing import Any

from slipway.cloud.awslambda import concurrency, pool, running
from slipway.cloud.awslambda.names import Named
from slipway.cloud.awslambda.running import Event, Outcome
from slipway.cloud.awslambda.store import find
from slipway.cloud.service import Call, ServiceError


def run(call: Call, target: Named, config: dict[str, Any], event: Event) -> Outcome:
    """Run a function now; TooManyRequestsException where it has no place."""
    reserved = find(call, target)["Reserved"]
    free = concurrency.AT_ONCE
    if pool.busy(call.cloud) >= concurrency.UNRESERVED:  # which are free whatever is reserved
        free -= concurrency.reserved(call)
    try:
        at_once = pool.enter(call.cloud, call.region, target.name, reserved, free)
    except ServiceError:
        running.measure(call, event.arn, {"Throttles": (1.0, "Count")})
        raise
    running.measure(call, event.arn, {"ConcurrentExecutions": (float(at_once), "Count")})
    return running.run(call, config, event)
