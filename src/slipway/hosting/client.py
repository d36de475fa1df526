"""HTTP to a model server: kept connections, one deadline for a whole exchange, no more than is needed.

Written for the data path: a request over a kept connection takes about 20 µs more than the bare bytes
through a socket; http.client, which reads an answer's head with the parser of e-mails, takes 60.
"""

import select
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

HEAD = 4096  # bytes of an answer's headers at most, as on AWS
AT_ONCE = 1.0  # seconds; what ends later than that had been working on the request
CHUNK = 1 << 16
KEPT = 64  # connections that wait for a next request, after a burst
JOINED = 1 << 14  # bytes of a body that travel with its headers in one piece
QUICK_ACK = getattr(socket, "TCP_QUICKACK", None)  # Linux has it


class Late(Exception):
    """There was no whole answer before the deadline."""


class Broken(Exception):
    """The connection ended before a whole answer, or what came is no HTTP."""


class Unreached(Broken):
    """There was no connection, so nothing of the request has left."""


class HeadTooLong(Exception):
    """The answer's headers are longer than HEAD."""


@dataclass(frozen=True)
class Answer:
    """What a server said; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Client:
    """Requests to one server, from any number of threads."""

    def __init__(self, connect: Callable[[float], socket.socket]) -> None:
        """Take a function that connects within some seconds; OSError, TimeoutError."""
        self._connect = connect
        self._idle: list[Connection] = []
        self._lock = threading.Lock()

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, timeout: float
    ) -> Answer:
        """Return the answer to a request; Late, Broken, HeadTooLong."""
        deadline = time.monotonic() + timeout
        connection = self._send(method, path, headers, body, deadline)
        try:
            content = connection.content()
        except BaseException:
            connection.close()
            raise
        self._keep(connection)
        return Answer(connection.status, connection.headers, content)

    def open(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, timeout: float
    ) -> "Opened":
        """Return an answer whose body is still to come."""
        deadline = time.monotonic() + timeout
        return Opened(self._send(method, path, headers, body, deadline), self._keep)

    def close(self) -> None:
        """Close the connections that are not in use."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _send(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, deadline: float
    ) -> "Connection":
        """Send a request and return its connection with the head of the answer read.

        A kept connection may have been closed by the server at the very moment; then, and only
        when nothing of an answer has come, the request goes out a second time.
        """
        lines = [f"{method} {path} HTTP/1.1\r\nHost: localhost:8080\r\nContent-Length: {len(body)}"]
        for name, value in headers.items():
            lines.append(f"{name}: {value}".replace("\r", " ").replace("\n", " "))
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
        sent = False  # whether anything of the request may have left
        if connection := self._kept():
            sent, began = True, time.monotonic()
            try:
                return connection.start(head, body, deadline)
            except Stale as error:
                if time.monotonic() - began > AT_ONCE:
                    raise Broken("the server closed the connection while it worked") from error
        try:
            connection = Connection(self._connect(max(0.001, deadline - time.monotonic())))
        except TimeoutError as error:
            raise Late from error
        except OSError as error:
            kind = Broken if sent else Unreached
            raise kind(f"no connection: {error.strerror or error}") from error
        try:
            return connection.start(head, body, deadline)
        except Stale as error:
            raise Broken("the server closed the connection without an answer") from error

    def _kept(self) -> "Connection | None":
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if connection.quiet():
                return connection
            connection.close()

    def _keep(self, connection: "Connection") -> None:
        with self._lock:
            kept = connection.keeps and len(self._idle) < KEPT
            if kept:
                self._idle.append(connection)
        if not kept:
            connection.close()


class Stale(Exception):
    """A connection ended before the first byte of an answer."""


class Connection:
    """One connection. After `start`: `status`, `headers`, and whether it can be kept (`keeps`)."""

    def __init__(self, handle: socket.socket) -> None:
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = handle
        self._rest = b""  # of what has been received
        self._poll = select.poll()
        self._poll.register(handle, select.POLLIN)
        self._deadline = 0.0
        self.status = 0
        self.headers: dict[str, str] = {}
        self.keeps = False

    def quiet(self) -> bool:
        """Tell whether nothing has come, not even the end, since the last answer."""
        return not self._rest and not self._poll.poll(0)

    def close(self) -> None:
        """Close it; what is under way in the server goes on."""
        self._socket.close()

    def start(self, head: bytes, body: bytes, deadline: float) -> "Connection":
        """Send a request and read the head of its answer; closes itself when it raises."""
        self._deadline = deadline
        try:
            try:
                self._left()
                if len(body) <= JOINED:
                    self._socket.sendall(head + body)
                else:
                    self._socket.sendall(head)
                    self._socket.sendall(body)
            except TimeoutError as error:
                raise Late from error
            except OSError:
                pass  # it may have answered before it read everything
            self._acknowledge()
            self._head()
            while 100 <= self.status < 200:
                self._head()
        except BaseException:
            self.close()
            raise
        return self

    def content(self) -> bytes:
        """Return the whole body."""
        length = self.headers.get("content-length")
        if length is not None and "transfer-encoding" not in self.headers:
            return self._exactly(_number(length, 10)) if self._has_body() else b""
        return b"".join(self.pieces())

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it comes."""
        if not self._has_body():
            return
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            yield from self._chunks()
        elif "content-length" in self.headers:
            left = _number(self.headers["content-length"], 10)
            while left:
                piece = self._some()[:left]
                left -= len(piece)
                yield piece
        else:
            self.keeps = False
            yield from iter(lambda: self._some(end=True), b"")

    def _has_body(self) -> bool:
        return self.status not in (204, 304)

    def _chunks(self) -> Iterator[bytes]:
        while size := _number(self._line().partition(b";")[0].strip().decode("latin-1"), 16):
            while size:
                piece = self._some(size)
                size -= len(piece)
                yield piece
            self._line()
        while self._line():  # trailers
            pass

    def _head(self) -> None:
        """Read the status and the headers."""
        data = self._rest
        while (end := data.find(b"\r\n\r\n")) < 0:
            if len(data) > HEAD:
                raise HeadTooLong
            data += self._receive(first=not data)
        if end > HEAD:
            raise HeadTooLong
        self._rest = data[end + 4 :]
        first, *lines = data[:end].decode("latin-1").split("\r\n")
        version, _, status = first.partition(" ")
        if not version.startswith("HTTP/1."):
            raise Broken(f"expected an HTTP answer, found {first[:80]!r}")
        self.status = _number(status[:3], 10)
        self.headers = headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        default = "keep-alive" if version == "HTTP/1.1" else "close"
        self.keeps = headers.get("connection", default).lower() == "keep-alive"

    def _line(self) -> bytes:
        while b"\n" not in self._rest:
            if len(self._rest) > HEAD:
                raise Broken("a line of a chunked answer is too long")
            self._rest += self._receive()
        line, _, self._rest = self._rest.partition(b"\n")
        return line.rstrip(b"\r")

    def _exactly(self, size: int) -> bytes:
        if len(self._rest) >= size:
            whole, self._rest = self._rest[:size], self._rest[size:]
            return whole
        filled = len(self._rest)
        body = bytearray(size)
        body[:filled], self._rest = self._rest, b""
        view = memoryview(body)
        while filled < size:
            self._left()
            try:
                got = self._socket.recv_into(view[filled:])
            except TimeoutError as error:
                raise Late from error
            except OSError as error:
                raise Broken(str(error)) from error
            if not got:
                raise Broken(f"the answer ended after {filled} of {size} bytes")
            filled += got
        return bytes(body)

    def _some(self, most: int = CHUNK, end: bool = False) -> bytes:
        """Return what has come, at most `most`; with `end`, b"" once the server has closed."""
        if not self._rest:
            try:
                self._rest = self._receive()
            except Broken:
                if end:
                    return b""
                raise
        piece, self._rest = self._rest[:most], self._rest[most:]
        return piece

    def _receive(self, first: bool = False) -> bytes:
        self._left()
        try:
            data = self._socket.recv(CHUNK)
        except TimeoutError as error:
            raise Late from error
        except OSError as error:
            raise (Stale if first else Broken)(str(error)) from error
        if not data:
            raise (Stale if first else Broken)("the server closed the connection")
        return data

    def _acknowledge(self) -> None:
        """Confirm what comes at once: many a server holds its body back until its head is confirmed.

        That costs 40 ms a request with the standard library's server, which leaves Nagle's algorithm
        on. Linux forgets the option, so it is set for each request.
        """
        if QUICK_ACK and self._socket.family == socket.AF_INET:
            self._socket.setsockopt(socket.IPPROTO_TCP, QUICK_ACK, 1)

    def _left(self) -> None:
        """Give the next operation the time that is left."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise Late
        self._socket.settimeout(left)


class Opened:
    """An answer whose body comes piece by piece; `close` it when nobody wants the rest."""

    def __init__(self, connection: Connection, keep: Callable[[Connection], None]) -> None:
        self._connection = connection
        self._keep = keep
        self._pieces = connection.pieces()
        self._open = True
        self.status = connection.status
        self.headers = connection.headers

    def read(self) -> bytes:
        """Return the next piece, b"" at the end; Late, Broken."""
        if not self._open:
            return b""
        try:
            for piece in self._pieces:
                return piece
        except BaseException:
            self.close()
            raise
        self._open = False
        self._keep(self._connection)
        return b""

    def close(self) -> None:
        """Let the connection go."""
        if self._open:
            self._open = False
            self._connection.close()


def _number(text: str, base: int) -> int:
    try:
        number = int(text, base)
    except ValueError as error:
        raise Broken(f"expected a number in the answer's head, found {text[:40]!r}") from error
    if number < 0:
        raise Broken(f"expected a length, found {number}")
    return number
