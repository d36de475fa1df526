"""The arithmetic of target tracking and of steps: laws, and the examples of the user guide."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from slipway.cloud.autoscaling import stepping
from slipway.cloud.autoscaling.tracking import IN, OUT, Window, back_in, out, wanted, window

CAPACITY = st.integers(1, 500)
METRIC = st.floats(0, 1e6)
TARGET = st.floats(0.01, 1e5)


@given(CAPACITY, METRIC, TARGET)
@example(1, 5e-5, 1e5)  # the least load still wants somebody
def test_the_capacity_that_is_wanted_is_the_least_that_meets_the_target(current, metric, target):
    found = wanted(current, metric, target)
    total = current * metric
    assert total <= found * target * (1 + 1e-6) + 1e-6
    if found > 1:
        assert total > (found - 1) * target * (1 - 1e-6) - 1e-6


@given(CAPACITY, st.lists(METRIC, min_size=1, max_size=15), TARGET)
def test_out_grows_and_in_never_does(current, metrics, target):
    assert out(current, metrics, target) > current
    assert 0 <= back_in(current, metrics, target) <= current


@given(CAPACITY, st.lists(METRIC, min_size=1, max_size=15), TARGET)
def test_going_in_does_not_call_for_going_out(current, metrics, target):
    after = back_in(current, metrics, target)
    if 0 < after < current:
        assert max(metrics) * current / after <= target * (1 + 1e-6)


@given(CAPACITY, METRIC, METRIC, TARGET)
def test_more_load_never_wants_less(current, one, other, target):
    low, high = sorted((one, other))
    assert wanted(current, low, target) <= wanted(current, high, target)


@given(st.floats(1 / 900, 4))
def test_windows_are_awss_times_the_factor(factor):
    for seconds in (OUT, IN):
        found = window(seconds, 60, factor)
        assert found.period * found.count == pytest.approx(seconds * factor, rel=0.35, abs=1)
    assert window(OUT, 60, 1) == Window(60, 3)
    assert window(IN, 60, 1) == Window(60, 15)


STEPS = [  # "Step adjustments", with a threshold of 50
    {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 0},
    {"MetricIntervalLowerBound": 10, "MetricIntervalUpperBound": 20, "ScalingAdjustment": 10},
    {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 30},
    {"MetricIntervalUpperBound": -20, "ScalingAdjustment": -30},
    {"MetricIntervalLowerBound": -20, "MetricIntervalUpperBound": -10, "ScalingAdjustment": -10},
    {"MetricIntervalLowerBound": -10, "MetricIntervalUpperBound": 0, "ScalingAdjustment": 0},
]


@pytest.mark.parametrize(
    ("metric", "current", "expected"),
    [
        (55, 10, 10),
        (60, 10, 11),
        (70, 10, 13),
        (69, 11, 12),
        (40, 10, 9),
        (30, 10, 7),
        (45, 10, 10),
    ],
)
def test_the_steps_of_the_user_guide(metric, current, expected):
    amount = stepping.adjustment(STEPS, metric - 50)
    assert stepping.capacity(current, "PercentChangeInCapacity", amount) == expected


@pytest.mark.parametrize(
    ("current", "percent", "least", "expected"),
    [
        (10, 125, 0, 22),
        (3, 25, 0, 4),
        (3, -25, 0, 2),
        (10, -67, 0, 4),
        (4, 25, 2, 6),
        (0, 50, 2, 0),
    ],
)
def test_percentages_are_rounded_as_aws_rounds(current, percent, least, expected):
    assert stepping.capacity(current, "PercentChangeInCapacity", percent, least) == expected


def test_other_adjustments():
    assert stepping.capacity(4, "ChangeInCapacity", -6) == 0
    assert stepping.capacity(4, "ExactCapacity", 7) == 7
    assert stepping.adjustment(STEPS[:3], -5) is None


@pytest.mark.parametrize(
    ("steps", "says"),
    [([], "At least one"), (STEPS[:1] + STEPS[:1], "overlap"), ([STEPS[0], STEPS[2]], "gap"),
     ([{"MetricIntervalLowerBound": 1, "MetricIntervalUpperBound": 1, "ScalingAdjustment": 1}], "less")],
)  # fmt: skip
def test_steps_that_do_not_fit_together(steps, says):
    assert says in stepping.faults(steps)
    assert stepping.faults(STEPS) == ""
