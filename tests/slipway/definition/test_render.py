"""Primitive values as text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.definition.render import render


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as is", "as is"),
        (3, "3"),
        (6.0, "6.0"),
        (0.2, "0.2"),
        (True, "true"),
        (False, "false"),
        (0.0, "0.0"),
        (0.001, "0.001"),
        (0.0005, "5.0E-4"),
        (3e-5, "3.0E-5"),
        (1.25e-7, "1.25E-7"),
        (9999999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (-123456789.5, "-1.234567895E8"),
    ],
)
def test_values_are_written_as_java_writes_them(value, text):
    assert render(value) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_reads_back_the_same_and_has_a_point(value):
    assert float(render(value)) == value
    assert "." in render(value)
