"""The server: many slow requests at once, many connections, clients that leave."""

import http.client
import socket
import threading
import time

import pytest

from slipway.cloud.http import Server
from slipway.cloud.threads import LEAST
from slipway.cloud.wire import Response


class Answers:
    """What the server answers: at `/slow` once it is told to, at `/parts` in two chunks."""

    def __init__(self):
        self.go, self.in_work = threading.Event(), 0
        self.closed = threading.Event()
        self.lock = threading.Lock()

    def __call__(self, request):
        said = request.body.read()
        if request.path == "/slow":
            with self.lock:
                self.in_work += 1
            self.go.wait(30)
        if request.path == "/parts":
            return Response(200, (), self.parts())
        return Response(200, (("Content-Length", str(len(said))),), (said,))

    def parts(self):
        try:
            yield b"one"
            self.go.wait(30)
            for _ in range(10_000):
                yield b"two" * 100_000
        finally:
            self.closed.set()


@pytest.fixture(scope="module")
def server():
    made = Server(0)
    made.prepare()
    thread = threading.Thread(target=made.serve)
    thread.start()
    yield made
    made.stop()
    thread.join()


@pytest.fixture
def served(server):
    server.answer = answers = Answers()
    yield server.bind_addr[1], answers
    answers.go.set()


def asked(port, path, body=b"x"):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", path, body)
    answer = connection.getresponse().read()
    connection.close()
    return answer


def test_slow_requests_keep_nobody_waiting(served):
    port, answers = served
    slow, bodies = 256, []
    threads = [
        threading.Thread(target=lambda: bodies.append(asked(port, "/slow", b"slow")))
        for _ in range(slow)
    ]
    for thread in threads:
        thread.start()
    while answers.in_work < slow:
        time.sleep(0.01)
    for _ in range(LEAST + 1):
        assert asked(port, "/quick") == b"x"
    answers.go.set()
    for thread in threads:
        thread.join()
    assert bodies == [b"slow"] * slow


def test_no_request_of_many_connections_is_lost(served):
    port, _ = served
    lost = []

    def client(number):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        for turn in range(30):
            body = f"{number}/{turn}".encode()
            connection.request("POST", "/", body)
            if connection.getresponse().read() != body:
                lost.append(body)
        connection.close()

    threads = [threading.Thread(target=client, args=(number,)) for number in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert lost == []


def test_a_part_of_an_answer_arrives_before_the_next_one_is_there(served):
    port, answers = served
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/parts", b"")
    answer = connection.getresponse()
    assert answer.read1() == b"one"
    answers.go.set()
    assert answer.read(3) == b"two"
    connection.close()


def test_the_rest_of_an_answer_is_let_go_when_its_client_leaves(served):
    port, answers = served
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"POST /parts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        connection.recv(1 << 16)
    answers.go.set()
    assert answers.closed.wait(10)
    assert asked(port, "/quick") == b"x"


def test_a_client_that_leaves_before_its_answer_harms_nobody(served):
    port, answers = served
    head = b"POST /slow HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
    for _ in range(LEAST):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.sendall(head)
    while answers.in_work < LEAST:
        time.sleep(0.01)
    answers.go.set()
    assert asked(port, "/quick") == b"x"


def test_a_client_that_waits_to_be_told_sends_its_body_then(served):
    with socket.create_connection(("127.0.0.1", served[0]), timeout=10) as connection:
        head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
        connection.sendall(head)
        assert connection.recv(1 << 16) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"ok")
        assert connection.recv(1 << 16).endswith(b"\r\n\r\nok")


def test_requests_sent_one_behind_the_other_are_answered_in_their_order(served):
    with socket.create_connection(("127.0.0.1", served[0]), timeout=10) as connection:
        request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n{}"
        connection.sendall("".join(map(request.format, "123")).encode())
        received = b""
        while received.count(b"200 OK") < 3 or not received.endswith(b"3"):
            received += connection.recv(1 << 16)
        assert received.index(b"\r\n\r\n1") < received.index(b"\r\n\r\n2")
