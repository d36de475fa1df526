"""The metrics of an invocation, as SageMaker sends them to CloudWatch."""

from collections.abc import Iterator, Mapping

from slipway.cloud.cloudwatch import metrics
from slipway.cloud.hosting.fleet import Fleet
from slipway.cloud.hosting.live import Live
from slipway.cloud.hosting.traffic import Variant
from slipway.cloud.sagemaker_runtime.asking import Answered
from slipway.cloud.service import Call
from slipway.hosting.exchange import Reply

NAMESPACE = "AWS/SageMaker"
MICROSECONDS = 1_000_000

Values = dict[str, tuple[float, str]]


def record(call: Call, of: Live, answered: Answered[Reply], seconds: float) -> None:
    """Record an answered request that took so many seconds here, its model's included."""
    found = of_reply(answered.reply, answered.setup)
    found["Invocations"] = (1, "None")
    found["InvocationsPerInstance"] = (1 / max(1, instances(answered.variant)), "None")
    overhead = max(0.0, seconds - answered.reply.seconds - answered.setup)
    found["OverheadLatency"] = (overhead * MICROSECONDS, "Microseconds")
    put(call, of.name, answered.variant.name, answered.fleet.config, found)


def put(call: Call, endpoint: str, variant: str, config: str, found: Values) -> None:
    """Record values of a variant, and of it under its configuration: what guardrails look at."""
    for dimensions in dimension_sets(endpoint, variant, config):
        metrics.record(call.cloud, call.region, NAMESPACE, dimensions, found)


def dimension_sets(
    endpoint: str, variant: str, config: str
) -> Iterator[tuple[tuple[str, str], ...]]:
    """Yield the sets of dimensions under which a variant's metrics are kept."""
    of_variant = (("EndpointName", endpoint), ("VariantName", variant))
    yield of_variant
    yield (("EndpointConfigName", config), *of_variant)


def of_reply(reply: Reply, setup: float = 0.0) -> Values:
    """Return what a model's answer says: errors as 0 or 1, times in microseconds. Pure.

    No usable answer (status 0) is a server error, as it is in the sentence about it.
    """
    good, caller = 200 <= reply.status < 300, 400 <= reply.status < 500
    found: Values = {
        "Invocation4XXErrors": (float(caller), "None"),
        "Invocation5XXErrors": (float(not good and not caller), "None"),
        "InvocationModelErrors": (float(not good), "None"),
        "ModelLatency": (reply.seconds * MICROSECONDS, "Microseconds"),
    }
    if setup := setup + reply.setup:
        found["ModelSetupTime"] = (setup * MICROSECONDS, "Microseconds")
    return found | of_models(reply.metrics)


def of_models(said: Mapping[str, float]) -> Values:
    """Return the metrics of a multi-model server."""
    return {
        name: (value, "None" if name == "ModelCacheHit" else "Microseconds")
        for name, value in said.items()
    }


def instances(of: Variant[Fleet]) -> int:
    """Return how many instances a variant has, of all its fleets."""
    return sum(len(share.fleet.instances) for share in of.shares)
