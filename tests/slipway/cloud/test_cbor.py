"""CBOR: what is written is read again, and what is none is refused."""

import contextlib
import io
import math
from datetime import UTC, datetime

import pytest
from botocore.parsers import create_parser
from hypothesis import given
from hypothesis import strategies as st

from slipway.cloud.cbor import NotCbor, decode, encode

SCALARS = (
    st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
)
VALUES = st.recursive(
    SCALARS, lambda each: st.lists(each) | st.dictionaries(st.text(), each), max_leaves=20
)


@given(VALUES)
def test_what_is_written_is_read_again_by_us_and_by_botocore(value):
    assert decode(encode(value)) == value
    parser = create_parser("smithy-rpc-v2-cbor")
    assert parser.parse_data_item(io.BufferedReader(io.BytesIO(encode(value)))) == value


def test_a_time_is_seconds_under_a_tag():
    time = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert encode(time)[0] == 0xC1
    assert decode(encode(time)) == time.timestamp()


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ("f97e00", math.nan), ("f93c00", 1.0), ("fa47c35000", 100000.0), ("3903e7", -1000),
        ("9f010203ff", [1, 2, 3]), ("bf6161016162029fffff", None), ("7f657374726561646d696e67ff",
                                                                    "streaming"),
        ("bf61610161629f0203ffff", {"a": 1, "b": [2, 3]}),
    ],
)  # fmt: skip
def test_examples_of_the_standard(data, value):  # RFC 8949, appendix A
    if value is None:
        with pytest.raises(NotCbor):
            decode(bytes.fromhex(data))
    elif value != value:
        assert math.isnan(decode(bytes.fromhex(data)))
    else:
        assert decode(bytes.fromhex(data)) == value


@given(st.binary(max_size=40))
def test_any_bytes_are_a_value_or_refused(data):
    with contextlib.suppress(NotCbor):
        decode(data)


def test_neither_depth_nor_length_brings_it_down():
    for data in (b"\x81" * 100_000, b"\x9b\xff\xff\xff\xff\xff\xff\xff\xff", b"\x5b" + b"\xff" * 8):
        with pytest.raises(NotCbor):
            decode(data)
