"""Write TFRecord files of `tf.train.Example` records as TensorFlow would, many times faster.

A record is length, masked CRC-32C of the length, data, masked CRC-32C of the data
(https://www.tensorflow.org/tutorials/load_data/tfrecord). The data is the protobuf
`Example{features: Features{feature: map<string, Feature{int64_list: Int64List{value: packed}}}}}`
(tensorflow/core/example/example.proto). Of a review's four features only `input_ids` has a length in
bytes that varies, so it comes first and all that follows is a constant of the number of tokens and the
label; equal numbers of bytes share their headers.
"""

import struct
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Self

from google_crc32c import value as crc32c


def varint(number: int) -> bytes:
    """Return the protobuf encoding of a whole number from 0."""
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    found.append(number)
    return bytes(found)


def field(number: int, content: bytes) -> bytes:
    """Return a length-delimited protobuf field."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def feature(name: str, packed: bytes) -> bytes:
    """Return one entry of the map of features, an int64 list of packed varints."""
    return field(1, field(1, name.encode()) + field(2, field(3, field(1, packed))))


def masked(crc: int) -> int:
    """Return a checksum as TFRecord stores it: rotated right by 15 bits, plus a constant."""
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


@cache
def header(size: int) -> bytes:
    """Return the length of a record's data and that length's checksum."""
    length = struct.pack("<Q", size)
    return length + struct.pack("<I", masked(crc32c(length)))


class ReviewRecords:
    """A TFRecord file of reviews. As a context it closes the file."""

    def __init__(self, path: Path, max_seq_length: int) -> None:
        """Open `path` for writing records of `max_seq_length` tokens."""
        self._length = max_seq_length
        self._file = path.open("wb", buffering=1 << 20)
        self._padding = [bytes(max_seq_length - tokens) for tokens in range(max_seq_length + 1)]
        self._varints = [varint(number) for number in range(1 << 14)]
        self._prefix = cache(self._make_prefix)
        self._suffix = cache(self._make_suffix)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def write(self, ids: Sequence[Sequence[int]], labels: Iterable[int]) -> None:
        """Append one record per review: its tokens, not padded, and its label (from 0)."""
        self._know(max(map(max, ids), default=0))
        varints, padding, prefix, suffix = self._varints, self._padding, self._prefix, self._suffix
        records: list[bytes] = []
        for tokens, label in zip(ids, labels, strict=True):
            count = len(tokens)
            packed = b"".join([varints[token] for token in tokens]) + padding[count]
            data = prefix(len(packed)) + packed + suffix(count, label)
            records += (header(len(data)), data, struct.pack("<I", masked(crc32c(data))))
        self._file.write(b"".join(records))

    def _know(self, token: int) -> None:
        self._varints.extend(varint(n) for n in range(len(self._varints), token + 1))

    def _make_prefix(self, size: int) -> bytes:
        """Return all that stands before the `size` bytes of packed `input_ids`."""
        entry = feature("input_ids", bytes(size))
        rest = len(self._make_suffix(0, 0))
        return varint(1 << 3 | 2) + varint(len(entry) + rest) + entry[:-size]

    def _make_suffix(self, tokens: int, label: int) -> bytes:
        """Return the features that follow `input_ids`."""
        return (
            feature("input_mask", b"\1" * tokens + self._padding[tokens])
            + feature("segment_ids", bytes(self._length))
            + feature("label_ids", varint(label))
        )
