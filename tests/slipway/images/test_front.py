"""The HTTP front of the serving images, as a process of its own."""

import http.client
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from slipway.images.family import COMMANDS

PROGRAM = f"""
import sys, threading, time
sys.path.insert(0, {str(COMMANDS / "front")!r})
from front import Reply, port, serve

together = threading.Barrier(64)

def parts():
    yield b"one "
    yield b"two"

def broken():
    yield b"one "
    raise RuntimeError("no second part")

def answer(request):
    if request.path == "/together":
        together.wait(10)
    if request.path == "/slow":
        print("begun", flush=True)
        time.sleep(0.4)
    if request.path == "/fails":
        raise ValueError("a bug")
    if request.path == "/parts":
        return Reply(200, broken() if request.query else parts(), {{"Content-Type": "text/plain"}})
    if request.path == "/empty":
        return Reply(204)
    return Reply(201, request.method.encode() + b" " + request.body, {{"X-Had": request.headers["x-a"]}})

sys.exit(serve(answer, port()))
"""


def start(log):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        env={"SAGEMAKER_BIND_TO_PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=log.open("w"),
        text=True,
    )
    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return process, port
        except OSError:
            time.sleep(0.01)
    raise AssertionError(log.read_text())


@pytest.fixture(scope="module")
def front(tmp_path_factory):
    log: Path = tmp_path_factory.mktemp("front") / "log"
    process, port = start(log)
    yield port, log
    process.terminate()
    assert process.wait(10) == 0


@pytest.fixture
def client(front):
    connection = http.client.HTTPConnection("127.0.0.1", front[0], timeout=10)
    yield connection
    connection.close()


def ask(client, path, body=b"", **options):
    client.request("POST", path, body, {"X-A": "b"}, **options)
    reply = client.getresponse()
    return reply.status, reply.read(), reply


def test_requests_come_whole_and_the_connection_stays(client):
    status, body, reply = ask(client, "/x", b"hello")
    first = client.sock
    assert (status, body, reply.headers["X-Had"]) == (201, b"POST hello", "b")
    assert ask(client, "/x", iter([b"in ", b"chunks"]), encode_chunked=True)[1] == b"POST in chunks"
    assert ask(client, "/empty")[:2] == (204, b"")
    assert ask(client, "/x", b"x" * 3_000_000)[1] == b"POST " + b"x" * 3_000_000
    assert client.sock is first


def test_an_answer_in_parts_is_chunked_and_one_that_breaks_is_seen_to_break(client, front):
    _, body, reply = ask(client, "/parts")
    assert (body, reply.headers["Transfer-Encoding"]) == (b"one two", "chunked")
    with pytest.raises(http.client.IncompleteRead):
        ask(client, "/parts?broken")
    assert "no second part" in front[1].read_text()


def test_a_bug_is_a_500_and_its_traceback_is_in_the_log(client, front):
    assert ask(client, "/fails")[:2] == (500, b"ValueError: a bug")
    assert "Traceback" in front[1].read_text()


def test_64_requests_can_wait_for_each_other_while_others_are_silent(front):
    silent = [socket.create_connection(("127.0.0.1", front[0])) for _ in range(200)]
    found = []

    def one():
        connection = http.client.HTTPConnection("127.0.0.1", front[0], timeout=15)
        found.append(ask(connection, "/together")[0])
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [201] * 64
    for connection in silent:
        connection.close()


def test_who_leaves_in_the_middle_of_a_request_is_not_answered_and_costs_nothing(front, client):
    with socket.create_connection(("127.0.0.1", front[0])) as leaver:
        leaver.sendall(b"POST /fails2 HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
    assert ask(client, "/x", b"next")[1] == b"POST next"


def test_sigterm_ends_the_server_after_the_requests_in_work(tmp_path):
    process, port = start(tmp_path / "log")
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/slow", b"late", {"X-A": "b"})
    assert process.stdout.readline() == "begun\n"
    process.send_signal(signal.SIGTERM)
    reply = connection.getresponse()
    assert (reply.status, reply.read()) == (201, b"POST late")
    assert process.wait(10) == 0
    assert (tmp_path / "log").read_text() == ""


def test_a_port_that_is_taken_is_told(front, tmp_path):
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={"SAGEMAKER_BIND_TO_PORT": str(front[0])},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert ended.returncode == 1
    assert f"cannot listen on port {front[0]}" in ended.stderr
