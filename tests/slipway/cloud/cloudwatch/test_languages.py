"""Metric math and the rules of composite alarms mean what Python means by the same text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.cloud.cloudwatch import rules
from slipway.cloud.cloudwatch.expressions import BadExpression, parse
from slipway.cloud.cloudwatch.metric_math import Scope, evaluate
from slipway.cloud.cloudwatch.timeseries import Range

NUMBERS = st.integers(1, 9).map(str)
MATH = st.recursive(
    NUMBERS,
    lambda part: (
        st.tuples(part, st.sampled_from(["+", "-", "*", "==", "<", ">="]), part).map(" ".join)
        | part.map(lambda inner: f"({inner})")
        | part.map(lambda inner: f"-{inner}")
    ),
    max_leaves=12,
)


@settings(max_examples=60)
@given(MATH)
def test_arithmetic(text):
    grouped = text.replace("==", "<").replace(">=", "<")  # Python's comparisons chain; ours do not
    if grouped.count("<") > 1 or ("<" in grouped and "(" in grouped):
        parse(text)
        return
    found = evaluate(parse(text), Scope({}, [], Range(0, 60, 60)))
    assert found == float(eval(text))


@given(st.text(alphabet="m1+-*/^()[],.<>=!&| \"'AVGIFx", max_size=30))
def test_any_text_is_an_expression_or_refused(text):
    try:
        evaluate(parse(text), Scope({"m": 1.0}, [], Range(0, 60, 60)))
    except BadExpression as error:
        assert str(error)


NAMES = ("a", "b", "c d")
RULES = st.recursive(
    st.sampled_from(
        ["TRUE", "FALSE", 'ALARM("a")', "OK(b)", 'INSUFFICIENT_DATA("c d")', "ALARM(b)"]
    ),
    lambda part: (
        st.tuples(part, st.sampled_from(["AND", "OR"]), part).map(" ".join)
        | part.map(lambda inner: f"({inner})")
        | part.map(lambda inner: f"NOT {inner}")
    ),
    max_leaves=10,
)


@settings(max_examples=60)
@given(RULES, st.fixed_dictionaries({name: st.sampled_from(rules.STATES) for name in NAMES}))
def test_rules(text, states):
    python = text.replace("OK(b)", 'OK("b")').replace("ALARM(b)", 'ALARM("b")')
    for word, meaning in (("AND", "and"), ("OR", "or"), ("NOT", "not")):
        python = f" {python} ".replace(f" {word} ", f" {meaning} ").replace(
            f"({word} ", f"({meaning} "
        )
    python = python.replace("NOT ", "not ").replace("TRUE", "True").replace("FALSE", "False")
    tests = {word: (lambda name, word=word: states[name] == word) for word in rules.STATES}
    rule = rules.parse(text)
    assert rule.holds(states.__getitem__) == eval(python.strip(), tests)
    assert set(rule.names) <= set(NAMES)


@pytest.mark.parametrize("text", ["", "AND", "ALARM", "ALARM(", "ALARM()", "TRUE TRUE", "NOT", "(TRUE",
                                  "NOT " * 60 + "TRUE", 'ALARM("a', "AT_LEAST(1, ALARM, (a, b))"])  # fmt: skip
def test_what_is_no_rule_is_refused(text):
    with pytest.raises(rules.BadRule):
        rules.parse(text)


def test_an_alarm_may_be_named_by_its_arn():
    arn = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:a"
    assert rules.parse(f"ALARM({arn})").names == ("a",)
