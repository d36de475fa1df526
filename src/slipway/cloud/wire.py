"""One HTTP request and one HTTP response, as every service of the cloud sees them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO


@dataclass(frozen=True)
class Request:
    """An HTTP request whose body has not been read yet."""

    method: str
    path: str  # percent-encoded, as sent
    query: str  # without "?", as sent
    headers: Mapping[str, str]  # names in lower case
    body: BinaryIO  # ends after the body, whatever its transfer encoding
    environ: Mapping[str, Any] = field(repr=False, default_factory=dict)


@dataclass(frozen=True)
class Response:
    """An HTTP response; the body is sent chunk by chunk."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: Iterable[bytes] = ()
