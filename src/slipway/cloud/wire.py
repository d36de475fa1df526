"""One HTTP request and one HTTP response, as every service of the cloud sees them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Protocol

CHUNK = 1 << 18  # bytes moved at a time


class Stream(Protocol):
    """The body of a request; ends after the body, whatever its transfer encoding."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes (all for -1); b"" at the end."""


@dataclass(frozen=True)
class Request:
    """An HTTP request whose body has not been read yet."""

    method: str
    path: str  # percent-encoded, as sent
    query: str  # without "?", as sent
    headers: Mapping[str, str]  # names in lower case
    body: Stream


@dataclass(frozen=True)
class Response:
    """An HTTP response; the body is sent chunk by chunk."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: Iterable[bytes] = ()


@dataclass(frozen=True)
class FilePart:
    """A part of an open file as a response body; closed when it has been sent."""

    file: BinaryIO
    offset: int
    length: int

    def __iter__(self) -> Iterator[bytes]:
        self.file.seek(self.offset)
        left = self.length
        while left and (chunk := self.file.read(min(left, CHUNK))):
            left -= len(chunk)
            yield chunk

    def close(self) -> None:
        """Close the file."""
        self.file.close()


class TooLarge(Exception):
    """A request that is larger than its service takes."""


class Limited:
    """A stream that may not be longer than `limit` bytes; TooLarge."""

    def __init__(self, stream: Stream, limit: int) -> None:
        self._stream, self._left, self._limit = stream, limit, limit

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes, all for -1."""
        most = self._left + 1
        data = self._stream.read(most if size < 0 else min(size, most))
        self._left -= len(data)
        if self._left < 0:
            raise TooLarge(f"expected a request of at most {self._limit} bytes, found more")
        return data
