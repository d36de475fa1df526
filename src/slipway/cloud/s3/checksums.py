"""The checksums of S3, computed while the bytes go by."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO, Protocol

from slipway.cloud.s3.errors import S3Error
from slipway.cloud.wire import CHUNK, Stream

PREFIX = "x-amz-checksum-"


class Sum(Protocol):
    """A checksum in the making, like hashlib's."""

    def update(self, data: bytes, /) -> None:
        """Add bytes."""

    def digest(self) -> bytes:
        """Return the checksum of the bytes so far, big-endian."""


class Crc:
    """A CRC from a function `(data, previous) -> int`."""

    def __init__(self, function: Callable[[bytes, int], int], size: int) -> None:
        self._function, self._size, self._value = function, size, 0

    def update(self, data: bytes) -> None:
        """Add bytes."""
        self._value = self._function(data, self._value)

    def digest(self) -> bytes:
        """Return `size` bytes."""
        return self._value.to_bytes(self._size, "big")


def crt(name: str, size: int) -> Sum:
    """Return a CRC from AWS's own runtime: Python's library has one of them only, and a slower one."""
    from awscrt import checksums

    return Crc(getattr(checksums, name), size)


ALGORITHMS: dict[str, Callable[[], Sum]] = {
    "CRC32": lambda: crt("crc32", 4),
    "CRC32C": lambda: crt("crc32c", 4),
    "CRC64NVME": lambda: crt("crc64nvme", 8),
    "SHA1": hashlib.sha1,
    "SHA256": hashlib.sha256,
}


def algorithm(name: str) -> str:
    """Return the algorithm of a request in AWS's spelling; InvalidRequest when there is none such."""
    if name.upper() not in ALGORITHMS:
        raise S3Error(
            "InvalidRequest",
            f"Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
            f"[{', '.join(ALGORITHMS)}]",
        )
    return name.upper()


def announced(headers: Mapping[str, str]) -> str:
    """Return the algorithm whose checksum a request carries, names as trailer or asks for; or ""."""
    for name in headers:
        if name.startswith(PREFIX) and name not in (PREFIX + "algorithm", PREFIX + "type"):
            return "" if name == PREFIX + "mode" else algorithm(name.removeprefix(PREFIX))
    trailer = headers.get("x-amz-trailer", "").strip().lower()
    if trailer.startswith(PREFIX):
        return algorithm(trailer.removeprefix(PREFIX))
    for name in ("x-amz-sdk-checksum-algorithm", PREFIX + "algorithm"):
        if headers.get(name):
            return algorithm(headers[name])
    return ""


class Intake:
    """Copy a request's body into a file, with its MD5 and one more checksum, and verify both."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.size = 0
        self.md5 = hashlib.md5(usedforsecurity=False)
        self.algorithm = announced(headers)
        self._headers = headers
        self._sum = ALGORITHMS[self.algorithm]() if self.algorithm else None

    @property
    def checksums(self) -> dict[str, str]:
        """Return {algorithm: base64}, or {}."""
        if not self._sum:
            return {}
        return {self.algorithm: base64.b64encode(self._sum.digest()).decode()}

    def fill(self, source: Stream, target: BinaryIO, limit: int) -> None:
        """Copy all of `source`; EntityTooLarge beyond `limit` bytes."""
        hashed: Future[None] | None = None
        with ThreadPoolExecutor(1) as beside:  # its thread starts with the second chunk, if any
            while chunk := source.read(CHUNK):
                first, self.size = not self.size, self.size + len(chunk)
                if self.size > limit:
                    raise S3Error("EntityTooLarge", MaxSizeAllowed=str(limit))
                if hashed:
                    hashed.result()  # one chunk ahead at most: memory does not grow
                if first:
                    self.md5.update(chunk)
                else:
                    hashed = beside.submit(self.md5.update, chunk)
                if self._sum:
                    self._sum.update(chunk)
                write_all(target, chunk)

    def verify(self, trailers: Mapping[str, str]) -> None:
        """Compare with what the headers and trailers promise; BadDigest, IncompleteBody."""
        headers = self._headers
        length = headers.get("x-amz-decoded-content-length", headers.get("content-length"))
        if length is not None and int(length) != self.size:
            raise S3Error("IncompleteBody")
        if (given := headers.get("content-md5")) is not None:
            if len(given) != 24:
                raise S3Error("InvalidDigest")
            if given != base64.b64encode(self.md5.digest()).decode():
                raise S3Error("BadDigest")
        if self.algorithm:
            name = PREFIX + self.algorithm.lower()
            given = headers.get(name, trailers.get(name))
            if given is not None and given != self.checksums[self.algorithm]:
                raise S3Error(
                    "BadDigest",
                    f"The {self.algorithm} you specified did not match the calculated checksum.",
                )


def write_all(target: BinaryIO, data: bytes) -> None:
    """Write all of `data` to an unbuffered file."""
    view = memoryview(data)
    while view:
        view = view[target.write(view) :]
