"""The metrics of an invocation, as SageMaker sends them to CloudWatch."""

from collections.abc import Mapping

from slipway.cloud.cloudwatch import metrics
from slipway.cloud.hosting.fleet import Fleet
from slipway.cloud.hosting.live import Live
from slipway.cloud.hosting.traffic import Variant
from slipway.cloud.sagemaker_runtime.answered import Answered
from slipway.cloud.service import Call
from slipway.hosting.exchange import Reply

NAMESPACE = "AWS/SageMaker"
OF_INSTANCES = "/aws/sagemaker/Endpoints"  # the namespace of what instances use and hold
MICROSECONDS = 1_000_000

Values = dict[str, tuple[float, str]]


def record(call: Call, of: Live, answered: Answered[Reply], seconds: float) -> None:
    """Record an answered request that took so many seconds here, its model's included."""
    found = of_reply(answered.reply, answered.setup)
    found["Invocations"] = (1, "None")
    overhead = max(0.0, seconds - answered.reply.seconds - answered.setup)
    found["OverheadLatency"] = (overhead * MICROSECONDS, "Microseconds")
    if answered.component:
        found["InvocationsPerCopy"] = (1 / max(1, len(answered.fleet.instances)), "None")
        one = of_component(answered.component)
        metrics.record(call.cloud, call.region, NAMESPACE, one, found)
        return
    found["InvocationsPerInstance"] = (1 / max(1, instances(answered.variant)), "None")
    put(call, of.name, answered.variant.name, answered.fleet.config, found)
    if (count := answered.reply.metrics.get("LoadedModelCount")) is not None:
        of_variant = dimension_set(of.name, answered.variant.name)
        held: Values = {"LoadedModelCount": (count, "None")}
        metrics.record(call.cloud, call.region, OF_INSTANCES, of_variant, held)


def no_capacity(call: Call, component: str) -> None:
    """Record that an inference component had no copy for a request."""
    found: Values = {"NoCapacityInvocationFailures": (1, "None")}
    metrics.record(call.cloud, call.region, NAMESPACE, of_component(component), found)


def put(call: Call, endpoint: str, variant: str, config: str, found: Values) -> None:
    """Record values of a variant, and of it under its configuration: what guardrails look at."""
    of_variant = dimension_set(endpoint, variant)
    metrics.record(call.cloud, call.region, NAMESPACE, of_variant, found)
    of_config = (("EndpointConfigName", config), *of_variant)
    metrics.record(call.cloud, call.region, NAMESPACE, of_config, found)


def dimension_set(endpoint: str, variant: str) -> tuple[tuple[str, str], ...]:
    """Return the dimensions of a variant's metrics."""
    return (("EndpointName", endpoint), ("VariantName", variant))


def of_component(name: str) -> tuple[tuple[str, str], ...]:
    """Return the dimensions of an inference component's metrics."""
    return (("InferenceComponentName", name),)


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
    """Return the metrics of a multi-model server's request."""
    return {
        name: (value, "None" if name == "ModelCacheHit" else "Microseconds")
        for name, value in said.items()
        if name != "LoadedModelCount"
    }


def instances(of: Variant[Fleet]) -> int:
    """Return how many instances a variant has, of all its fleets."""
    return sum(len(share.fleet.instances) for share in of.shares)
