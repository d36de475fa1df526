"""The HTTP side of a model server: cheroot's threads hand requests to a function and send its replies.

Every serving image of ours has this file beside its `serve`. It runs in the image's own Python, so it
imports cheroot and the standard library, nothing else:

    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "front"))
    from front import Reply, Request, port, serve

    def answer(request: Request) -> Reply: ...
    sys.exit(serve(answer, port()))
"""

import http
import logging
import os
import signal
import socket
import sys
import threading
import traceback as tracebacks
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cheroot import server as cheroot

HOST = "127.0.0.1"
THREADS = 80  # requests at once: 64 that wait for each other in a batch, and /ping beside them
PAUSE = 300  # seconds that a client may be silent, in the middle of a body too
GRACE = 28  # seconds for the requests in work after SIGTERM; SIGKILL comes after 30
PHRASES = {status.value: status.phrase for status in http.HTTPStatus}
WITHOUT_BODY = (204, 304)


@dataclass(frozen=True)
class Request:
    """One request, read to its end."""

    method: str
    path: str  # as sent, without the query
    query: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What a request is answered with; a body in parts is sent as they come (chunked)."""

    status: int = 200
    body: bytes | Iterable[bytes] = b""
    headers: Mapping[str, str] = field(default_factory=dict)  # Content-Length is added


Answer = Callable[[Request], Reply]


def port(default: int = 8080) -> int:
    """Return the port that the platform wants this container to listen on."""
    return int(os.environ.get("SAGEMAKER_BIND_TO_PORT") or default)


def serve(answer: Answer, at: int, threads: int = THREADS) -> int:
    """Serve until SIGTERM or SIGINT, end the requests in work, and return the exit code.

    1 where the port is taken. An exception of `answer` is printed, and its client gets a 500.
    """
    told = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, frame: told.set())
    try:
        server = Front(answer, at, threads)
    except OSError as error:
        print(f"serve: cannot listen on port {at}: {error}", file=sys.stderr, flush=True)
        return 1
    told.wait()
    server.close()
    return 0


class Front:
    """A server that runs in threads of its own from here to `close`; OSError when its port is taken."""

    def __init__(self, answer: Answer, at: int = 0, threads: int = THREADS) -> None:
        """Listen on a port of the loopback interface; 0 takes any that is free."""
        self._server = _Server(answer, at, threads)
        self._server.prepare()
        self.port = int(self._server.bind_addr[1])
        self._thread = threading.Thread(target=self._server.serve, name="front", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Accept nothing more, answer what is in work, and end."""
        self._server.stop()
        self._thread.join()


class _Server(cheroot.HTTPServer):
    """cheroot with our limits; Nagle's algorithm is off by its default."""

    keep_alive_conn_limit = 4096
    request_queue_size = 1024  # connections that wait to be accepted
    max_request_header_size = 128 * 1024  # bytes
    timeout = PAUSE
    shutdown_timeout = GRACE
    expiration_interval = 0.25  # seconds; also how soon it notices that it is to stop

    def __init__(self, answer: Answer, at: int, threads: int) -> None:
        super().__init__((HOST, at), _Gateway, minthreads=threads, maxthreads=threads)
        self.answer = answer

    def process_conn(self, conn: Any) -> None:
        """Hand a connection to a thread; a new one only when something comes, as silence costs none."""
        if conn.last_used is None:
            self._connections.put(conn)  # type: ignore[attr-defined]
        else:
            super().process_conn(conn)

    @classmethod
    def prepare_socket(cls, *args: Any, **kwargs: Any) -> socket.socket:
        """Make the socket; its port can be had again at once after a kill."""
        made: socket.socket = super().prepare_socket(*args, **kwargs)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return made

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        """Print what cheroot has to say, unless it is only that a client went away."""
        if level >= logging.WARNING:
            print(msg, file=sys.stderr, flush=True)
            if traceback:
                tracebacks.print_exc()


class _Gateway(cheroot.Gateway):
    """One request and its reply on a connection."""

    def respond(self) -> None:
        """Answer the request; whoever left before its end gets nothing."""
        req: Any = self.req
        headers = {
            k.decode("latin-1").lower(): v.decode("latin-1") for k, v in req.inheaders.items()
        }
        body = req.rfile.read()
        if not req.chunked_read and len(body) < int(headers.get("content-length") or 0):
            req.close_connection, req.ready = True, False
            return
        path, _, query = req.uri.decode("latin-1").partition("?")
        request = Request(req.method.decode(), path, query, headers, body)
        try:
            reply = req.server.answer(request)
        except Exception as error:
            tracebacks.print_exc()
            text = f"{type(error).__name__}: {error}".encode()
            reply = Reply(500, text, {"Content-Type": "text/plain"})
        send(req, request, reply)


def send(req: Any, request: Request, reply: Reply) -> None:
    """Send a reply: in one write where its length is known, part by part where it is not."""
    req.sent_headers = True
    modern = req.response_protocol == "HTTP/1.1"
    req.close_connection = req.close_connection or not modern
    lines = [f"HTTP/1.1 {reply.status} {PHRASES.get(reply.status, '')}"]
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    if isinstance(reply.body, bytes):
        if reply.status not in WITHOUT_BODY:
            lines.append(f"Content-Length: {len(reply.body)}")
    elif modern:
        lines.append("Transfer-Encoding: chunked")
    if req.close_connection:
        lines.append("Connection: close")
    head = "\r\n".join([*lines, "", ""]).encode("latin-1")
    if isinstance(reply.body, bytes):
        silent = request.method == "HEAD" or reply.status in WITHOUT_BODY
        req.conn.wfile.write(head if silent else head + reply.body)
        return
    try:
        req.conn.wfile.write(head)
        req.chunked_write = modern
        for part in reply.body:
            if part:
                req.write(part)
    finally:
        if close := getattr(reply.body, "close", None):
            close()
