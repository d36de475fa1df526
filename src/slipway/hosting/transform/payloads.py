"""The requests that a file becomes: its records, one or many at a time. Reads as it goes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

from slipway.hosting.transform.records import READERS, BadInput, Record, too_large

Split = Literal["None", "Line", "RecordIO", "TFRecord"]
UNLIMITED = 1 << 62  # bytes; of MaxPayloadInMB = 0


@dataclass(frozen=True, slots=True)
class Payload:
    """What one request carries."""

    body: bytes  # as the model gets it
    source: bytes  # as it stands in the file
    first: int  # number of its first record, from 1; 0 for a whole file
    count: int = 1  # records

    @property
    def last(self) -> int:
        """The number of its last record."""
        return self.first + self.count - 1


@dataclass(frozen=True)
class Cut:
    """How files are cut into requests."""

    split: Split
    single: bool  # a request per record; else as many as there is room for
    limit: int = UNLIMITED  # bytes of a request
    select: Callable[[bytes], bytes] | None = None  # what the model gets of a record or file


def payloads(stream: BinaryIO, cut: Cut) -> Iterator[Payload]:
    """Yield the requests of a file, in its order; BadInput where a record cannot be sent."""
    if cut.split == "None":
        return iter([entire(stream, cut)])
    if cut.split == "Line" and not cut.single and not cut.select:
        return blocks(stream, cut.limit)
    return gathered(READERS[cut.split](stream, cut.limit), cut)


def entire(stream: BinaryIO, cut: Cut) -> Payload:
    """Return a whole file as one request."""
    source = stream.read() if cut.limit == UNLIMITED else stream.read(cut.limit + 1)
    if len(source) > cut.limit:
        raise BadInput(0, f"it has more than the {cut.limit} bytes of MaxPayloadInMB")
    return Payload(selected(cut, source, 0), source, 0)


def blocks(stream: BinaryIO, limit: int) -> Iterator[Payload]:
    """Yield blocks of whole lines, each as large as the limit allows; no line is looked at."""
    first, rest = 1, b""
    while True:
        more = stream.read() if limit == UNLIMITED else stream.read(limit + 1 - len(rest))
        held = rest + more
        if len(held) <= limit:
            break
        end = held.rfind(b"\n", 0, limit) + 1
        if not end:
            raise too_large(first, limit)
        count = held.count(b"\n", 0, end)
        yield Payload(held[:end], held[:end], first, count)
        first, rest = first + count, held[end:]
    if held:
        count = held.count(b"\n") + (not held.endswith(b"\n"))
        yield Payload(held, held, first, count)


def gathered(records: Iterator[Record], cut: Cut) -> Iterator[Payload]:
    """Yield requests of one record, or of as many as there is room for.

    The frame of a record is left out where it is alone (API: SplitType).
    """
    bodies: list[bytes] = []
    sources: list[bytes] = []
    size = first = 0
    for number, (frame, data) in enumerate(records, 1):
        body = selected(cut, data if cut.single else frame, number)
        if len(body) > cut.limit:
            raise too_large(number, cut.limit)
        if bodies and (cut.single or size + len(body) > cut.limit):
            yield Payload(b"".join(bodies), b"".join(sources), first, len(bodies))
            bodies, sources, size = [], [], 0
        if not bodies:
            first = number
        bodies.append(body)
        sources.append(frame)
        size += len(body)
    if bodies:
        yield Payload(b"".join(bodies), b"".join(sources), first, len(bodies))


def selected(cut: Cut, record: bytes, number: int) -> bytes:
    """Return what the model gets of a record; BadInput where the filter cannot be applied."""
    if cut.select is None:
        return record
    try:
        return cut.select(record)
    except ValueError as error:
        raise BadInput(number, str(error)) from error
