"""InvokeEndpointWithResponseStream: parts as they come, and what goes wrong on the way."""

import time

import pytest
from botocore.exceptions import ClientError, EventStreamError

from endpoints import IMAGE, Endpoints, add_image, variant
from slipway.cloud.sagemaker_runtime import stream
from slipway.hosting.exchange import Stream

STREAMING = IMAGE.replace("byo", "streaming")


@pytest.fixture(scope="module")
def endpoints(cloud):
    made = Endpoints(cloud)
    add_image(cloud.home, STREAMING, streams=True)
    made.create("Streaming", variant(made.model("streaming", STREAMING)))
    made.create("Silent", variant(made.model("silent")))
    for name in ("Streaming", "Silent"):
        assert made.settled(name)["EndpointStatus"] == "InService"
    yield made
    for name in ("Streaming", "Silent"):
        made.sm.delete_endpoint(EndpointName=name)


@pytest.fixture
def streamed(cloud, endpoints):
    runtime = cloud.client("sagemaker-runtime")

    def ask(body, name="Streaming", **members):
        return runtime.invoke_endpoint_with_response_stream(EndpointName=name, Body=body, **members)

    return ask


def test_parts_come_as_the_model_sends_them(streamed):
    answer = streamed(b"stream 10", Accept="text/plain")
    assert answer["InvokedProductionVariant"] == "AllTraffic"
    times, parts = [], []
    for event in answer["Body"]:
        times.append(time.monotonic())
        parts.append(event["PayloadPart"]["Bytes"])
    assert b"".join(parts) == b"".join(b"part %d" % n for n in range(10))
    assert len(parts) > 3
    assert times[-1] - times[0] > 0.05  # the model takes 0.2 s


def test_headers_have_names_of_their_own(streamed):
    answer = streamed(b"headers", ContentType="a/b", Accept="c/d")
    assert answer["ContentType"] == "text/plain"
    headers = b"".join(event["PayloadPart"]["Bytes"] for event in answer["Body"])
    assert b'"Content-Type": "a/b"' in headers
    assert b'"Accept": "c/d"' in headers
    assert answer["CustomAttributes"] == "given"


def test_a_stream_that_breaks_says_so_in_the_stream(streamed):
    body = iter(streamed(b"broken")["Body"])
    assert next(body)["PayloadPart"]["Bytes"] == b"part"
    with pytest.raises(EventStreamError) as caught:
        next(body)
    assert caught.value.response["Error"]["Code"] == "ModelStreamError"


def test_an_error_before_the_first_part_is_a_model_error(streamed):
    with pytest.raises(ClientError) as caught:
        streamed(b"status 503")
    assert caught.value.response["OriginalStatusCode"] == 503
    assert 'with message "why"' in str(caught.value)


def test_an_image_that_does_not_stream_is_named(streamed):
    with pytest.raises(ClientError) as caught:
        streamed(b"x", "Silent")
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    assert f"its image {IMAGE} does not support response streaming" in str(caught.value)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


class Chunks:
    """Parts without an end."""

    closed = False

    def __iter__(self):
        return self

    def __next__(self):
        return b"part"

    def close(self):
        self.closed = True


def test_the_model_is_let_go_when_the_caller_leaves():
    chunks, ends = Chunks(), []
    body = stream.parts(Stream(200, {}, chunks, "primary"), 0.0, ends.append)
    assert b"part" in next(body)
    body.close()
    assert chunks.closed
    assert ends == [200]
