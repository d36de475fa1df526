"""The records of a file: lines, or what RecordIO and TFRecord frame. Reads as it goes; no I/O of its own."""

import struct
from collections.abc import Callable, Iterator
from typing import BinaryIO

from awscrt.checksums import crc32c

MAGIC = 0xCED7230A  # of RecordIO: dmlc-core, recordio.h
WHOLE, BEGIN, MIDDLE, END = range(4)  # the parts of a record that holds the magic number itself

# (the record as it stands in the file, what it says)
Record = tuple[bytes, bytes]
Reader = Callable[[BinaryIO, int], Iterator[Record]]


class BadInput(Exception):
    """A file that cannot be cut into records, or a record that cannot be sent.

    `record` is its number from 1, 0 where the whole file is meant.
    """

    def __init__(self, record: int, reason: str) -> None:
        super().__init__(reason)
        self.record = record


def lines(stream: BinaryIO, limit: int) -> Iterator[Record]:
    """Yield lines with what ends them; BadInput for one of more bytes than the limit."""
    number = 0
    while line := stream.readline(limit + 1):
        number += 1
        if len(line) > limit:
            raise too_large(number, limit)
        yield line, line


def recordio(stream: BinaryIO, limit: int) -> Iterator[Record]:
    """Yield the records of a RecordIO file: magic, flag and length, data, up to 3 bytes of padding.

    A record that holds the magic number is cut into parts where it stood.
    """
    number, frames, data, within = 1, b"", b"", False
    while head := stream.read(8):
        magic, about = struct.unpack("<II", whole(head, 8, number))
        if magic != MAGIC:
            raise BadInput(number, f"expected RecordIO's magic number, found {magic:#010x}")
        part, size = about >> 29, about & (1 << 29) - 1
        if part > END or within != (part in (MIDDLE, END)):
            raise BadInput(number, "the parts of a RecordIO record are out of order")
        if len(data) + size > limit:
            raise too_large(number, limit)
        body = whole(stream.read(size + -size % 4), size + -size % 4, number)
        frames += head + body
        data += (struct.pack("<I", MAGIC) if within else b"") + body[:size]
        within = part in (BEGIN, MIDDLE)
        if not within:
            yield frames, data
            number, frames, data = number + 1, b"", b""
    if within:
        whole(b"", 1, number)


def tfrecord(stream: BinaryIO, limit: int) -> Iterator[Record]:
    """Yield the records of a TFRecord file: length and its checksum, data and its checksum.

    https://www.tensorflow.org/tutorials/load_data/tfrecord#tfrecords_format_details
    """
    number = 0
    while head := stream.read(12):
        number += 1
        size, check = struct.unpack("<QI", whole(head, 12, number))
        if check != masked(head[:8]):
            raise BadInput(number, "the checksum of a TFRecord's length is wrong")
        if size > limit:
            raise too_large(number, limit)
        body = whole(stream.read(size + 4), size + 4, number)
        if body[size:] != struct.pack("<I", masked(body[:size])):
            raise BadInput(number, "the checksum of a TFRecord is wrong")
        yield head + body, body[:size]


def masked(data: bytes) -> int:
    """Return the CRC-32C of data as TFRecord stores it: rotated right by 15 bits, plus a constant."""
    crc: int = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def whole(found: bytes, size: int, number: int) -> bytes:
    """Return bytes that were read; BadInput where the file ended before."""
    if len(found) < size:
        raise BadInput(number, "the file ends within a record")
    return found


def too_large(number: int, limit: int) -> BadInput:
    """Return the error of a record that no request may hold."""
    return BadInput(number, f"the record has more than the {limit} bytes of MaxPayloadInMB")


READERS: dict[str, Reader] = {"Line": lines, "RecordIO": recordio, "TFRecord": tfrecord}
