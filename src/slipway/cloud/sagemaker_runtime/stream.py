"""InvokeEndpointWithResponseStream: a model's answer part by part, as its container sends them."""

import time
from collections.abc import Callable, Iterator
from typing import Any

from slipway.cloud.event_stream import event, exception
from slipway.cloud.sagemaker_runtime import endpoint, errors, measured
from slipway.cloud.sagemaker_runtime.answered import Answered
from slipway.cloud.sagemaker_runtime.asking import ask
from slipway.cloud.sagemaker_runtime.forwarded import invocation, shown
from slipway.cloud.sagemaker_runtime.settings import settings
from slipway.cloud.service import Call, Operation
from slipway.hosting.exchange import Invocation, Reply, Stream, StreamBroken
from slipway.hosting.instance import Instance


def invoke(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Ask a model and pass its answer on as it comes (InvokeEndpointWithResponseStream)."""
    began = time.perf_counter()
    of = endpoint.synchronous(call, request["EndpointName"])
    endpoint.check_component(of, request)
    limits, settled = settings(), of.routing.variants[0].settings
    if "ServerlessConfig" in settled:
        raise errors.invalid(f"Endpoint {of.name} is serverless: its answers are not streamed.")
    asked = invocation(request, request["Body"].read(limits.most(settled)))
    how = streaming(asked, limits.stream_timeout)
    component = request.get("InferenceComponentName", "")
    answered = ask(
        call,
        of,
        request.get("TargetVariant", ""),
        how,
        component=component,
        session=request.get("SessionId", ""),
    )
    stream = answered.reply

    def done(status: int, body: bytes = b"") -> Reply:
        reply = Reply(status, stream.headers, body, stream.source, time.perf_counter() - began)
        whole = Answered(answered.variant, answered.fleet, reply, component=component)
        measured.record(call, of, whole, reply.seconds)
        return reply

    if not 200 <= stream.status < 300:
        reply = done(stream.status, b"".join(stream.chunks))
        raise errors.model_error(reply, call.region, call.cloud.account, of.name)
    body = parts(stream, began + limits.stream_timeout, done)
    return shown(stream.headers, answered.variant.name) | {"Body": body}


def streaming(asked: Invocation, timeout: float) -> Callable[[Instance], Stream]:
    """Return what asks an instance for a stream; it raises ServiceError where its image has none."""

    def how(instance: Instance) -> Stream:
        for container in instance.server.containers:
            if not container.image.streams:
                raise errors.invalid(
                    f"The container {container.name} cannot stream its answers: its image "
                    f"{container.uri} does not support response streaming. Use InvokeEndpoint."
                )
        return instance.stream(asked, timeout)

    return how


def parts(stream: Stream, until: float, done: Callable[[int], object]) -> Iterator[bytes]:
    """Yield the messages of an answer; at its end, or when its reader leaves, call `done`.

    `until` is when the time for the answer is over, by the performance counter.
    """
    status = stream.status
    try:
        for chunk in stream.chunks:
            yield event("PayloadPart", chunk)
    except StreamBroken as error:
        status = 0
        late = time.perf_counter() >= until
        code = "ModelInvocationTimeExceeded" if late else "StreamBroken"
        yield exception("ModelStreamError", {"Message": str(error), "ErrorCode": code})
    finally:
        if close := getattr(stream.chunks, "close", None):
            close()
        done(status)


OPERATIONS: dict[str, Operation] = {"InvokeEndpointWithResponseStream": invoke}
