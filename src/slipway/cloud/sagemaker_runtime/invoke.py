"""InvokeEndpoint: one request to a model, its answer or AWS's error about it."""

import time
from typing import Any

from slipway.cloud.hosting import capture
from slipway.cloud.sagemaker_runtime import endpoint, errors, measured, sessions, shadow
from slipway.cloud.sagemaker_runtime.asking import ask
from slipway.cloud.sagemaker_runtime.forwarded import invocation, shown
from slipway.cloud.sagemaker_runtime.settings import settings
from slipway.cloud.service import Call, Operation
from slipway.hosting.exchange import Reply
from slipway.hosting.instance import Instance


def invoke(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Ask a model and wait for its answer (InvokeEndpoint)."""
    began = time.perf_counter()
    of = endpoint.synchronous(call, request["EndpointName"])
    endpoint.check_component(of, request)
    limits = settings()
    asked = invocation(request, request["Body"].read(limits.most(of.routing.variants[0].settings)))

    def how(instance: Instance) -> Reply:
        said = instance.invoke(asked, limits.timeout)
        sessions.note(of, said.headers, instance)
        return said

    answered = ask(
        call,
        of,
        request.get("TargetVariant", ""),
        how,
        asked.target_model,
        request.get("InferenceComponentName", ""),
        request.get("SessionId", ""),
    )
    reply, chosen = answered.reply, answered.variant.name
    own = request.get("InferenceId", ""), request.get("CustomAttributes", "")
    capture.offer(call.cloud, of, chosen, asked, reply, *own)
    shadow.offer(call, of, asked, limits.timeout, own)
    measured.record(call, of, answered, time.perf_counter() - began)
    if not 200 <= reply.status < 300:
        raise errors.model_error(reply, call.region, call.cloud.account, of.name)
    return shown(reply.headers, chosen) | {"Body": reply.body}


OPERATIONS: dict[str, Operation] = {"InvokeEndpoint": invoke}
