"""The HTTP client against servers that say what they like, byte by byte."""

import contextlib
import socket
import threading
from functools import partial

import pytest

from slipway.hosting import client
from slipway.hosting.client import Broken, Client, HeadTooLong, Late

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Script:
    """A server that answers the requests of each connection with the given bytes, then closes it."""

    def __init__(self, *connections):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.requests = []
        self.client = Client(partial(socket.create_connection, self.listener.getsockname()))
        self.thread = threading.Thread(target=self.serve, args=(connections,), daemon=True)
        self.thread.start()

    def serve(self, connections):
        for answers in connections:
            handle, _ = self.listener.accept()
            with handle:
                for answer in answers:
                    data = b""
                    while b"\r\n\r\n" not in data:
                        data += handle.recv(1 << 16) or b"\r\n\r\n"
                    self.requests.append(data)
                    for piece in answer if isinstance(answer, list) else [answer]:
                        handle.sendall(piece)

    def ask(self, timeout=5.0, **headers):
        return self.client.ask("POST", "/x", headers, b"", timeout)


@pytest.mark.parametrize(
    ("said", "body"),
    [
        (OK, b"ok"),
        ([bytes([byte]) for byte in OK], b"ok"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, b"ok"),
        (
            b"HTTP/1.1 200\r\nTransfer-Encoding: Chunked\r\n\r\n2;a=b\r\nok\r\n3\r\n!!!\r\n0\r\nA: b\r\n\r\n",
            b"ok!!!",
        ),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", b"until the end"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", b""),
    ],
)
def test_every_form_of_an_answer_is_read(said, body):
    assert Script([said]).ask().body == body


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (b"", Broken),
        (b"HTTP/1.1 200 OK\r\nContent-Len", Broken),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", Broken),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf", Broken),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Broken),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", Broken),
        (b"SSH-2.0-OpenSSH\r\n\r\n", Broken),
        (b"HTTP/1.1 2x0 OK\r\n\r\n", Broken),
        (b"HTTP/1.1 200 OK\r\nA: " + b"x" * 5000 + b"\r\n\r\n", HeadTooLong),
    ],
)
def test_what_is_no_whole_answer_is_an_error(said, error):
    with pytest.raises(error):
        Script([said]).ask()


def test_a_connection_is_kept_and_a_stale_one_is_replaced_once():
    server = Script([OK, OK], [OK], [b""])
    for _ in range(3):
        assert server.ask().body == b"ok"  # the third finds its connection closed
    assert len(server.requests) == 3
    with pytest.raises(Broken):
        server.ask()
    server.thread.join(5)
    assert len(server.requests) == 4, "on a fresh connection nothing is sent twice"


def test_a_request_that_the_server_worked_on_is_not_sent_again(monkeypatch):
    monkeypatch.setattr(client, "AT_ONCE", 0.0)
    server = Script([OK, b""], [OK])
    server.ask()
    with pytest.raises(Broken):
        server.ask()
    assert len(server.requests) == 2


def test_a_header_stays_one_line():
    server = Script([OK])
    server.ask(Type="text/csv\r\nHost: evil")
    assert b"\r\nType: text/csv  Host: evil\r\n" in server.requests[0]


def test_an_answer_before_the_whole_request_was_read_is_an_answer():
    said = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n"
    server = Script([said], [OK])
    assert server.client.ask("POST", "/x", {}, b"x" * 50_000_000, 5).status == 413
    assert server.ask().body == b"ok"


def test_a_connection_on_which_more_came_than_the_answer_is_not_kept():
    server = Script([OK + b"HTTP/1.1 500 No\r\n\r\n"], [OK])
    assert server.ask().body == server.ask().body == b"ok"


def test_a_server_that_wants_to_close_is_let_go():
    closing = OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    server = Script([closing], [OK])
    assert server.ask().body == server.ask().body == b"ok"


def test_the_deadline_is_for_the_whole_exchange():
    slow = [OK[:10], *(bytes([byte]) for byte in OK[10:])]
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
        made = Client(partial(socket.create_connection, silent.getsockname()))
        with pytest.raises(Late):
            made.ask("GET", "/", {}, b"", 0.1)
        with pytest.raises(Late):
            made.ask("POST", "/", {}, b"x" * 50_000_000, 0.1)
    assert Script([slow]).ask(2).body == b"ok"
