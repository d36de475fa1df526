"""CBOR as Smithy's RPC protocol uses it (RFC 8949): what JSON has, and times. Pure."""

import struct
from datetime import UTC, datetime
from typing import Any

DEEPEST = 64  # structures within structures; the deepest shape of AWS needs a dozen
UNSIGNED, NEGATIVE, BYTES, TEXT, ARRAY, MAP, TAG, SIMPLE = range(8)
OPEN = 31  # the length is not told; a break ends it
BREAK = object()
EPOCH = 1  # the tag of a time in seconds since 1970
SIMPLES = {20: False, 21: True, 22: None, 23: None}
FLOATS = {25: ">e", 26: ">f", 27: ">d"}


class NotCbor(ValueError):
    """Bytes that are not one item of CBOR."""


def decode(data: bytes) -> Any:
    """Return the value of the only item; times become epoch seconds. NotCbor."""
    reader = Reader(data)
    try:
        value = reader.item()
    except (IndexError, struct.error, UnicodeDecodeError, RecursionError, TypeError) as error:
        raise NotCbor(f"at byte {reader.at}: {error}") from error
    if value is BREAK or reader.at != len(data):
        raise NotCbor(f"expected one item of {len(data)} bytes, found its end at {reader.at}")
    return value


class Reader:
    """A position in bytes of CBOR."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def item(self, depth: int = 0) -> Any:
        """Return the next item, or BREAK."""
        if depth > DEEPEST:
            raise NotCbor(f"more than {DEEPEST} levels")
        first = self._data[self.at]
        self.at += 1
        kind, info = first >> 5, first & 31
        if kind == SIMPLE:
            return self._simple(info)
        size = None if info == OPEN else self._number(info)
        if size is None and kind in (UNSIGNED, NEGATIVE, TAG):
            raise NotCbor("a number without an end")
        if kind in (BYTES, TEXT):
            data = self._bytes(size) if size is not None else self._chunks(kind)
            return data.decode() if kind == TEXT else data
        if kind == ARRAY:
            return self._array(size, depth)
        if kind == MAP:
            return self._map(size, depth)
        assert size is not None  # noqa: S101
        if kind == TAG:
            return self.item(depth + 1)  # of the tags only times are sent, as seconds
        return size if kind == UNSIGNED else -1 - size

    def _number(self, info: int) -> int:
        if info < 24:
            return info
        if info > 27:
            raise NotCbor(f"no length of kind {info}")
        return int.from_bytes(self._bytes(1 << (info - 24)), "big")

    def _bytes(self, size: int) -> bytes:
        if size > len(self._data) - self.at:
            raise NotCbor(f"expected {size} bytes more, found {len(self._data) - self.at}")
        self.at += size
        return self._data[self.at - size : self.at]

    def _chunks(self, kind: int) -> bytes:
        chunks = []
        while self._data[self.at] != 0xFF:
            first = self._data[self.at]
            if first >> 5 != kind or first & 31 == OPEN:
                raise NotCbor("a chunk of another kind")
            self.at += 1
            chunks.append(self._bytes(self._number(first & 31)))
        self.at += 1
        return b"".join(chunks)

    def _array(self, size: int | None, depth: int) -> list[Any]:
        found: list[Any] = []
        while size is None or len(found) < size:
            value = self.item(depth + 1)
            if value is BREAK:
                if size is None:
                    return found
                raise NotCbor("a list that ends too early")
            found.append(value)
        return found

    def _map(self, size: int | None, depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        read = 0
        while size is None or read < size:
            key = self.item(depth + 1)
            if key is BREAK and size is None:
                return found
            value = self.item(depth + 1)
            if key is BREAK or value is BREAK or not isinstance(key, str):
                raise NotCbor("a map whose keys are not texts with values")
            found[key] = value
            read += 1
        return found

    def _simple(self, info: int) -> Any:
        if info in SIMPLES:
            return SIMPLES[info]
        if info in FLOATS:
            return struct.unpack(FLOATS[info], self._bytes(1 << (info - 24)))[0]
        if info == OPEN:
            return BREAK
        raise NotCbor(f"no simple value {info}")


def encode(value: Any) -> bytes:
    """Return a value as CBOR: what JSON has, bytes, and datetimes as times."""
    out = bytearray()
    write(out, value)
    return bytes(out)


def write(out: bytearray, value: Any) -> None:
    """Append one item."""
    if value is None:
        out.append(0xF6)
    elif isinstance(value, bool):
        out.append(0xF5 if value else 0xF4)
    elif isinstance(value, int):
        head(out, UNSIGNED if value >= 0 else NEGATIVE, value if value >= 0 else -1 - value)
    elif isinstance(value, float):
        out += b"\xfb" + struct.pack(">d", value)
    elif isinstance(value, str):
        data = value.encode()
        head(out, TEXT, len(data))
        out += data
    elif isinstance(value, bytes):
        head(out, BYTES, len(value))
        out += value
    elif isinstance(value, datetime):
        head(out, TAG, EPOCH)
        write(out, round(value.astimezone(UTC).timestamp(), 3))
    elif isinstance(value, dict):
        head(out, MAP, len(value))
        for key, member in value.items():
            write(out, key)
            write(out, member)
    elif isinstance(value, list | tuple):
        head(out, ARRAY, len(value))
        for member in value:
            write(out, member)
    else:
        raise TypeError(f"no CBOR for {type(value).__name__}")


def head(out: bytearray, kind: int, number: int) -> None:
    """Append the head of an item."""
    if number < 24:
        out.append(kind << 5 | number)
        return
    for info, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * size):
            out.append(kind << 5 | info)
            out += number.to_bytes(size, "big")
            return
    raise TypeError(f"no CBOR for {number}")
