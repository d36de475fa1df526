"""HTTP/1.1 by cheroot: its threads hand `Request`s to a function and send the `Response`s."""

import io
import logging
import socket
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from cheroot import server as cheroot

from slipway.cloud.threads import Threads
from slipway.cloud.wire import CHUNK, FilePart, Request, Response

DRAINED = 256 << 20  # bytes of a refused body that are read, so that its sender sees the refusal
HEAD = 10  # seconds that a client may pause before the headers are complete
PHRASES = {status.value: status.phrase for status in HTTPStatus}

Answer = Callable[[Request], Response]
log = logging.getLogger(__name__)


class Reader(io.BufferedReader):
    """What a client sends; the interpreter's own buffer takes a third of the time of cheroot's."""

    def __init__(self, of: socket.socket) -> None:
        super().__init__(socket.SocketIO(of, "r"))
        self._of = of

    def has_data(self) -> bool:
        """Tell whether something has come that nobody has read."""
        before = self._of.gettimeout()
        self._of.settimeout(0)
        try:
            return bool(self.peek(1))
        except OSError:
            return True  # it is read, and the reader learns why it cannot be
        finally:
            self._of.settimeout(before)


class Writer:
    """What a client is sent: the head of an answer leaves with its body, where that is small."""

    def __init__(self, of: socket.socket) -> None:
        self._of = of
        self._waiting: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        """Send data, at the latest with the next `flush`."""
        self._waiting.append(data)
        self._size += len(data)
        if self._size >= CHUNK:
            self.flush()

    def flush(self) -> None:
        """Send all there is."""
        if self._waiting:
            data = b"".join(self._waiting)
            self._waiting, self._size = [], 0
            self._of.sendall(data)


class Connection(cheroot.HTTPConnection):
    """A connection that a client opened."""

    def __init__(self, server: Any, sock: socket.socket, makefile: Any = None) -> None:
        def make(of: socket.socket, mode: str, _: int) -> Any:
            return Reader(of) if "r" in mode else Writer(of)

        super().__init__(server, sock, make)

    def communicate(self) -> bool:
        """Read and answer a request that has begun; return whether the connection stays open."""
        self.socket.settimeout(HEAD)
        keep = bool(super().communicate())  # type: ignore[no-untyped-call]
        self.wfile.flush()
        return keep


class Server(cheroot.HTTPServer):
    """A server on 127.0.0.1; OSError from `prepare` when the port is taken."""

    ConnectionClass = Connection
    answer: Answer  # set before `serve`
    request_queue_size = 1024  # connections that wait to be accepted
    keep_alive_conn_limit = 4096
    max_request_header_size = 128 * 1024  # bytes
    timeout = 300  # seconds that a client may pause, in the middle of a body too

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Gateway)
        self.requests = Threads(self)

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
        """Log what cheroot has to say."""
        log.log(level, msg, exc_info=traceback)


class Gateway(cheroot.Gateway):
    """One request and its response on a connection."""

    def respond(self) -> None:
        """Answer the request."""
        req: Any = self.req
        req.conn.socket.settimeout(req.server.timeout)
        req.conn.wfile.flush()  # "100 Continue", where the client waits for it
        response = req.server.answer(read(req))
        try:
            drain(req)
            phrase = PHRASES.get(response.status, "")
            req.status = f"{response.status} {phrase}".encode()
            req.outheaders = [(k.encode(), v.encode("latin-1")) for k, v in response.headers]
            req.ensure_headers_sent()
            send(req, response)
        finally:
            if close := getattr(response.body, "close", None):
                close()


def drain(req: Any) -> None:
    """Read what the answer did not need; else it would be taken for the next request."""
    left = DRAINED
    try:
        while left > 0 and (data := req.rfile.read(CHUNK)):
            left -= len(data)
    except (OSError, ValueError):  # it never came, or not in HTTP's form
        left = 0
    if left <= 0:
        req.close_connection = True


def read(req: Any) -> Request:
    """Return the request that cheroot has parsed."""
    path, _, query = req.uri.decode("latin-1").partition("?")
    headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in req.inheaders.items()}
    return Request(req.method.decode(), path, query, headers, req.rfile)


def send(req: Any, response: Response) -> None:
    """Send the body; a file goes from the kernel's cache straight into the socket."""
    body = response.body
    if isinstance(body, FilePart) and not req.chunked_write:
        if body.length:
            req.conn.wfile.flush()
            req.conn.socket.sendfile(body.file, body.offset, body.length)
    else:
        for chunk in body:
            req.write(chunk)
            if req.chunked_write:  # it may take a while until the next one comes
                req.conn.wfile.flush()
