"""The body of an upload: plain, or in the `aws-chunked` encoding with checksums at its end."""

from collections.abc import Mapping

from slipway.cloud.s3.errors import S3Error
from slipway.cloud.wire import Request, Stream

LINE = 16 * 1024  # bytes of a chunk's header or a trailer


class Plain:
    """A body that is the object itself."""

    def __init__(self, stream: Stream) -> None:
        self.read = stream.read
        self.trailers: Mapping[str, str] = {}


class Chunked:
    """A body of `size;signature CRLF data CRLF` chunks, then trailers. Signatures are not checked."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._buffer = b""
        self._left = 0  # bytes of the present chunk
        self._ended = False
        self._began = False
        self.trailers: dict[str, str] = {}

    def read(self, size: int = -1) -> bytes:
        """Return up to `size` bytes of the object, b"" at its end; IncompleteBody when cut off."""
        if not self._left and not self._ended:
            self._next()
        if self._ended:
            return b""
        data = self._take(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        return data

    def _next(self) -> None:
        if self._began and self._line() != b"":
            raise S3Error("IncompleteBody", "expected CRLF after a chunk")
        self._began = True
        try:
            self._left = int(self._line().partition(b";")[0], 16)
        except ValueError as error:
            raise S3Error("IncompleteBody", "expected a chunk's size in hexadecimal") from error
        if self._left == 0:
            self._ended = True
            while line := self._line(at_end=True):
                name, _, value = line.decode("latin-1").partition(":")
                self.trailers[name.strip().lower()] = value.strip()

    def _take(self, size: int) -> bytes:
        if not self._buffer:
            data = self._stream.read(size)
            if not data:
                raise S3Error("IncompleteBody")
            return data
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def _line(self, *, at_end: bool = False) -> bytes:
        while b"\r\n" not in self._buffer:
            more = self._stream.read(LINE) if len(self._buffer) < LINE else b""
            if not more and at_end:
                line, self._buffer = self._buffer, b""
                return line
            if not more:
                raise S3Error("IncompleteBody")
            self._buffer += more
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line


def content(request: Request) -> Plain | Chunked:
    """Return the object in a request's body."""
    headers = request.headers
    streaming = headers.get("x-amz-content-sha256", "").startswith("STREAMING-")
    if streaming or "aws-chunked" in headers.get("content-encoding", ""):
        return Chunked(request.body)
    return Plain(request.body)
