"""Cutting files into requests: against writers of the formats, and against the obvious way."""

import io
import itertools
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.hosting.transform.payloads import UNLIMITED, Cut, payloads
from slipway.hosting.transform.records import (
    MAGIC,
    BadInput,
    lines,
    masked,
    recordio,
    tfrecord,
)

NUMBER = struct.pack("<I", MAGIC)
contents = st.lists(
    st.one_of(
        st.binary(max_size=20), st.lists(st.sampled_from([NUMBER, b"abcd", b"x"])).map(b"".join)
    )
)
texts = st.lists(st.sampled_from([b"a", b"bb", b"\n", b"\n\n", b"\r\n", b"0123456789"])).map(
    b"".join
)


def framed_as_recordio(data: bytes) -> bytes:
    """Write a record as dmlc-core does: cut where the magic number stands at a multiple of 4 bytes."""
    cuts = [at for at in range(0, len(data) - 3, 4) if data[at : at + 4] == NUMBER]
    parts = [
        data[a:b] for a, b in zip([0, *(c + 4 for c in cuts)], [*cuts, len(data)], strict=True)
    ]
    found = b""
    for index, part in enumerate(parts):
        flag = 0
        if len(parts) > 1:
            flag = 1 if index == 0 else 3 if index == len(parts) - 1 else 2
        found += NUMBER + struct.pack("<I", flag << 29 | len(part)) + part + bytes(-len(part) % 4)
    return found


def framed_as_tfrecord(data: bytes) -> bytes:
    size = struct.pack("<Q", len(data))
    checks = [struct.pack("<I", masked(each)) for each in (size, data)]
    return size + checks[0] + data + checks[1]


FRAMES = {"RecordIO": (framed_as_recordio, recordio), "TFRecord": (framed_as_tfrecord, tfrecord)}


@pytest.mark.parametrize("form", FRAMES)
@given(contents)
def test_what_was_framed_is_read_again(form, data):
    frame, read = FRAMES[form]
    frames = [frame(each) for each in data]
    assert list(read(io.BytesIO(b"".join(frames)), UNLIMITED)) == list(
        zip(frames, data, strict=True)
    )


@pytest.mark.parametrize("form", FRAMES)
def test_a_broken_frame_is_told_with_its_number(form):
    frame, read = FRAMES[form]
    good = frame(b"first")
    for bad in (b"\0" * 20, frame(b"second")[:-1], frame(b"second")[:6]):
        with pytest.raises(BadInput) as told:
            list(read(io.BytesIO(good + bad), UNLIMITED))
        assert told.value.record == 2
    with pytest.raises(BadInput, match="MaxPayloadInMB"):
        list(read(io.BytesIO(good), 4))


@given(texts, st.integers(10, 40), st.booleans(), st.booleans())
def test_requests_of_lines_are_the_file_again_and_as_full_as_they_can_be(
    file, limit, single, filtered
):
    cut = Cut("Line", single, limit, (lambda record: record) if filtered else None)
    expected = [line for line, _ in lines(io.BytesIO(file), 99)]
    if any(len(line) > limit for line in expected):
        with pytest.raises(BadInput):
            list(payloads(io.BytesIO(file), cut))
        return
    found = list(payloads(io.BytesIO(file), cut))
    assert b"".join(each.body for each in found) == file
    assert [each.first for each in found] == [1, *(each.last + 1 for each in found)][
        :-1
    ] or not found
    assert sum(each.count for each in found) == len(expected)
    assert all(len(each.body) <= limit for each in found)
    if single:
        assert [each.body for each in found] == expected
    for one, other in itertools.pairwise(found):  # what comes next had no room
        assert single or len(one.body) + len(expected[other.first - 1]) > limit


@pytest.mark.parametrize("filtered", [False, True])
def test_a_line_that_no_request_can_hold_is_told_with_its_number(filtered):
    cut = Cut("Line", False, 8, (lambda record: record) if filtered else None)
    with pytest.raises(BadInput, match="8 bytes of MaxPayloadInMB") as told:
        list(payloads(io.BytesIO(b"one\ntwo\nthirteen!\nfour\n"), cut))
    assert told.value.record == 3


def test_a_frame_is_left_out_of_a_record_that_is_alone():
    frames = [framed_as_recordio(each) for each in (b"one", b"two")]
    file = b"".join(frames)
    alone = payloads(io.BytesIO(file), Cut("RecordIO", True))
    assert [each.body for each in alone] == [b"one", b"two"]
    together = list(payloads(io.BytesIO(file), Cut("RecordIO", False)))
    assert [(each.body, each.first, each.last) for each in together] == [(file, 1, 2)]


def test_without_a_split_a_file_is_one_request():
    assert [each.body for each in payloads(io.BytesIO(b"a\nb"), Cut("None", True))] == [b"a\nb"]
    with pytest.raises(BadInput):
        list(payloads(io.BytesIO(b"a\nb"), Cut("None", True, 2)))
