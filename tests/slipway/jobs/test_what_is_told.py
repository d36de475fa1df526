"""Reasons and metrics: what is made of what a job left and printed."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.jobs.failure import LONGEST, cut
from slipway.jobs.metrics import compile_all, final, found, series


@given(st.text(max_size=3000))
def test_a_reason_is_never_too_long_and_keeps_its_ends(text):
    short = cut(text)
    assert len(short) <= LONGEST
    if len(text) > LONGEST:
        assert short.startswith(text[:200]) and short.endswith(text[-700:])
    else:
        assert short == text


def test_a_long_traceback_keeps_its_kind_and_its_exit_code(bench):
    script = """
open("/opt/ml/output/failure", "w").write("ValueError: " + "x" * 5000 + " at row 7")
raise SystemExit(2)
"""
    reason = bench.outcome(script).failure
    assert len(reason) == LONGEST
    assert reason.startswith("AlgorithmError: ValueError: xxx")
    assert reason.endswith("xxx at row 7, exit code: 2")


def test_metrics_with_names_that_lie_in_each_other_are_kept_apart():
    patterns = compile_all(
        [("train:loss", r"(?<!val_)loss: ([0-9.]+)"), ("validation:loss", r"val_loss: ([0-9.]+)")]
    )
    line = "100/100 - loss: 0.5 - accuracy: 0.8 - val_loss: 0.7"
    assert list(found(patterns, line)) == [("train:loss", 0.5), ("validation:loss", 0.7)]


def test_what_is_no_number_or_has_no_group_is_no_metric():
    patterns = compile_all([("a", "a=(.*)"), ("b", "b=1"), ("c", "c=(1)|d")])
    assert list(found(patterns, "a=many b=1 d")) == []


def test_the_final_value_is_the_last_finite_one():
    values = [(1, "loss", 0.9), (2, "loss", 0.4), (3, "loss", math.nan), (3, "x", math.inf)]
    assert final(values) == [("loss", 0.4, 2)]


def test_a_job_keeps_the_series_of_what_it_prints(bench):
    from slipway.jobs.job import Metric

    script = "for n in range(3): print(f'loss={1 / (n + 1)}')"
    bench.outcome(script, metrics=(Metric("loss", "loss=(.*)"),))
    found = series(bench.path / "job" / "logs" / "metrics.jsonl")
    assert [(name, value) for _, name, value in found] == [
        ("loss", 1.0),
        ("loss", 0.5),
        ("loss", 1 / 3),
    ]


def test_a_broken_regex_is_named():
    with pytest.raises(re.error):
        compile_all([("a", "(")])
