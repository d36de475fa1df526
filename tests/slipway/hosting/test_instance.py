"""One instance: it starts, answers, crashes, starts again, and ends without a trace."""

import json
import os
import time

import pytest

from hosting import OURS, container, say
from slipway.jobs.processes import descendants


@pytest.fixture(scope="module")
def instance(bed):
    with bed.serving(container(image=OURS, TAG="first ")) as made:
        yield made


def test_a_request_reaches_the_model_and_its_answer_comes_back(instance):
    reply = say(instance, "hello")
    assert (reply.status, reply.body, reply.source) == (200, b"first echo", "primary")
    assert reply.headers["content-type"] == "text/plain"
    assert reply.headers["x-amzn-sagemaker-custom-attributes"] == "given"
    told = json.loads(say(instance, "headers", X_Amzn_SageMaker_Custom_Attributes="a=1").body)
    assert told["X-Amzn-SageMaker-Custom-Attributes"] == "a=1"
    assert say(instance, "status 418").status == 418
    assert instance.ready and instance.outstanding == 0


def test_a_crash_is_told_and_the_server_comes_back(instance):
    before = say(instance, "born").body
    died = say(instance, "exit")
    assert died.status == 0
    assert died.body == b"An error occurred while handling request as the model process exited."
    wait_until(lambda: (now := say(instance, "born")).status == 200 and now.body != before)
    wait_until(lambda: instance.ready)


def test_two_servers_that_hard_code_their_port_run_side_by_side(bed):
    if bed.sandbox.way not in ("namespace", "bubblewrap"):
        pytest.skip("this machine gives no namespaces")
    with bed.serving(container(TAG="one ")) as one, bed.serving(container(TAG="two ")) as two:
        assert (say(one, "x").body, say(two, "x").body) == (b"one echo", b"two echo")


def test_a_stopped_instance_leaves_nothing(bed):
    before = set(descendants(os.getpid()))
    with bed.serving() as made:
        folder = made._folder
        assert set(descendants(os.getpid())) > before and folder.exists()
    made.stop()
    assert made.wait(0) == "Stopped" and not made.ready
    assert set(descendants(os.getpid())) == before and not folder.exists()


def wait_until(true, seconds=15):
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
