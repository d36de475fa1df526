"""Every condition operator, with present, absent and several values."""

import fnmatch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.cloud.iam.conditions import NEGATED, OPERATORS, holds
from slipway.cloud.iam.wildcards import like


@pytest.mark.parametrize(
    ("operator", "wanted", "found", "expected"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a*", "ab", False),
        ("StringEqualsIgnoreCase", "a", "A", True),
        ("StringLike", "a*c?", "abbbcd", True),
        ("StringLike", "a*", "b", False),
        ("NumericEquals", "10", "10.0", True),
        ("NumericLessThan", "10", "9", True),
        ("NumericLessThan", "10", "10", False),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericGreaterThan", "0.1", "0.3", True),
        ("NumericGreaterThanEquals", "86400", "86399", False),
        ("NumericEquals", "1", "one", False),
        ("DateLessThan", "2026-01-02T00:00:00Z", "2026-01-01T23:00:00Z", True),
        ("DateLessThan", "2026-01-02T00:00:00Z", "1767225600", True),
        ("DateGreaterThan", "2026-01-02T00:00:00+02:00", "2026-01-01T23:00:00Z", True),
        ("DateEquals", "2026-01-01", "2026-01-01T00:00:00Z", True),
        ("DateGreaterThanEquals", "2026-01-01", "soon", False),
        ("Bool", "true", "True", True),
        ("Bool", "true", "false", False),
        ("BinaryEquals", "QmlM", "QmlM", True),
        ("BinaryEquals", "QmlM", "Qmlm", False),
        ("IpAddress", "10.0.0.0/8", "10.1.2.3", True),
        ("IpAddress", "10.0.0.0/8", "11.1.2.3", False),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", True),
        ("IpAddress", "10.0.0.1", "10.0.0.1", True),
        ("IpAddress", "10.0.0.0/8", "nowhere", False),
        ("ArnEquals", "arn:aws:sns:*:123:x", "arn:aws:sns:eu-west-1:123:x", True),
        ("ArnLike", "arn:aws:s3:::*", "arn:aws:s3:::b/a:b", True),
        ("ArnLike", "arn:aws:*:x", "arn:aws:sns:eu-west-1:123:x", False),
    ],
)
def test_one_value_against_one(operator, wanted, found, expected):
    assert holds(operator, [wanted], "k", {"k": (found,)}, True) is expected
    for negated in (name for name, base in NEGATED.items() if base == operator):
        assert holds(negated, [wanted], "k", {"k": (found,)}, True) is not expected


@pytest.mark.parametrize("operator", sorted(OPERATORS - {"Null"}))
def test_an_absent_key(operator):
    assert holds(operator, ["1"], "k", {}, True) is (operator in NEGATED)
    assert holds(f"{operator}IfExists", ["1"], "k", {}, True)
    assert holds(f"ForAllValues:{operator}", ["1"], "k", {}, True)
    assert not holds(f"ForAnyValue:{operator}", ["1"], "k", {}, True)


@pytest.mark.parametrize(
    ("wanted", "context", "expected"),
    [
        ("true", {}, True),
        ("true", {"k": ("x",)}, False),
        ("false", {}, False),
        ("false", {"k": ("x",)}, True),
    ],
)
def test_null(wanted, context, expected):
    assert holds("Null", [wanted], "k", context, True) is expected


def test_one_of_several_wanted_values_is_enough_and_a_negated_one_wants_none():
    assert holds("StringEquals", ["a", "b"], "k", {"k": ("b",)}, True)
    assert not holds("StringNotEquals", ["a", "b"], "k", {"k": ("b",)}, True)
    assert holds("StringNotEquals", ["a", "b"], "k", {"k": ("c",)}, True)


VALUES = st.lists(st.sampled_from("abc"), min_size=1, max_size=3)


@given(VALUES, VALUES)
def test_the_set_operators_are_sets(wanted, found):
    context = {"k": tuple(found)}

    def test(name):
        return holds(name, wanted, "k", context, True)

    assert test("ForAllValues:StringEquals") == (set(found) <= set(wanted))
    assert test("ForAnyValue:StringEquals") == bool(set(found) & set(wanted))
    assert test("ForAllValues:StringNotEquals") == (not set(found) & set(wanted))
    assert test("ForAnyValue:StringNotEquals") == bool(set(found) - set(wanted))


def test_a_variable_in_a_value_is_filled_in():
    context = {"s3:prefix": ("home/ann/x",), "aws:username": ("ann",)}
    assert holds("StringLike", ["home/${aws:username}/*"], "s3:prefix", context, True)
    assert not holds("StringLike", ["home/${aws:username}/*"], "s3:prefix", context, False)
    assert not holds("StringLike", ["home/${aws:userid}/*"], "s3:prefix", context, True)


@given(st.text("ab*?", max_size=6), st.text("ab", max_size=6))
def test_wildcards_are_a_shells(pattern, value):
    assert like(pattern, value) == fnmatch.fnmatchcase(value, pattern)
