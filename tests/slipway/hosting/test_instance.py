"""One instance: it starts, answers, crashes, starts again, and ends without a trace."""

import json
import os
import time
from dataclasses import replace

import pytest

from hosting import BYO, OURS, container, say
from slipway.hosting import failure, running, server
from slipway.jobs.processes import descendants

ONE_AT_A_TIME = """
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

born = str(time.time_ns()).encode()

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()

    def do_POST(self):
        time.sleep(float(self.rfile.read(int(self.headers["Content-Length"]))))
        self.do_GET()
        self.wfile.write(born)

    def log_message(self, *_):
        pass

HTTPServer(("127.0.0.1", 8080), Handler).serve_forever()
"""


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


def test_a_crash_is_told_and_the_server_comes_back(bed, instance):
    before = say(instance, "born").body
    died = say(instance, "exit")
    assert died.status == 0
    assert died.body == b"An error occurred while handling request as the model process exited."
    wait_until(lambda: (now := say(instance, "born")).status == 200 and now.body != before)
    wait_until(lambda: instance.ready)
    assert "with exit code 3. It is started again.\n" in bed.log("i-1").read_text()


def test_a_server_that_is_not_healthy_any_more_is_started_again(bed, monkeypatch):
    monkeypatch.setattr(server, "PERIOD", 0.05)
    monkeypatch.setattr(server, "SICK", 0.4)
    monkeypatch.setattr(running, "PING", 0.1)
    with bed.serving() as instance:
        before = say(instance, "born").body
        time.sleep(0.6)
        assert say(instance, "born").body == before
        say(instance, "ping 500")
        wait_until(lambda: say(instance, "born").body not in (before, failure.EXITED.encode()))


def test_a_busy_server_is_left_alone_and_a_hung_one_is_not(bed, monkeypatch):
    monkeypatch.setattr(server, "PERIOD", 0.05)
    monkeypatch.setattr(server, "SICK", 0.3)
    monkeypatch.setattr(running, "PING", 0.05)
    single = replace(BYO, entrypoint=("python3", "-c", ONE_AT_A_TIME))
    with bed.serving(container(image=single)) as instance:
        before = say(instance, "0").body
        assert say(instance, "1").body == before, "it answers no /ping for a second"
        assert say(instance, "0").body == before
        assert say(instance, "99", timeout=0.2).status == 0
        wait_until(lambda: instance._servers[0].starts == 2 and instance.ready)
        assert say(instance, "0").body != before


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
