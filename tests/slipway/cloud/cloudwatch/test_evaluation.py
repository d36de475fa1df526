"""Alarms are evaluated as the CloudWatch user guide says: its own tables, and laws."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.cloud.cloudwatch.evaluation import BEYOND, Point, Rule, judge, window

THREE_OF_THREE = [  # "Configuring how CloudWatch alarms treat missing data", first table
    # datapoints     missing              ignore  breaching  notBreaching
    ("0 - X - X", ("OK", "OK", "OK", "OK")),
    ("0 - - - -", ("OK", "OK", "OK", "OK")),
    ("- - - - -", ("INSUFFICIENT_DATA", None, "ALARM", "OK")),
    ("0 X X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
    ("- - X - -", ("ALARM", None, "ALARM", "OK")),
]
TWO_OF_THREE = [  # the second table
    ("0 - X - X", ("ALARM", "ALARM", "ALARM", "ALARM")),
    ("0 0 X 0 X", ("ALARM", "ALARM", "ALARM", "ALARM")),
    ("0 - X - -", ("OK", "OK", "ALARM", "OK")),
    ("- - - - 0", ("OK", "OK", "ALARM", "OK")),
    ("- - - X -", ("ALARM", None, "ALARM", "OK")),
]
TREATMENTS = ("missing", "ignore", "breaching", "notBreaching")


def points(text):
    values = {"0": 0.0, "X": 10.0, "-": None}
    return [Point(n * 60, values[each]) for n, each in enumerate(text.split())]


def rule(datapoints, missing="missing"):
    return Rule("GreaterThanThreshold", 5, 3, datapoints, missing)


@pytest.mark.parametrize(
    ("datapoints", "text", "states"),
    [(3, *row) for row in THREE_OF_THREE] + [(2, *row) for row in TWO_OF_THREE],
)
def test_the_tables_of_the_user_guide(datapoints, text, states):
    found = tuple(judge(rule(datapoints, each), points(text)).state for each in TREATMENTS)
    assert found == states


@pytest.mark.parametrize("text", ["- - - - X", "- - - X -"])
def test_an_alarm_does_not_go_off_before_the_next_datapoint_can_be_good(text):
    assert judge(rule(3), points(text)).state is None


@given(st.lists(st.sampled_from("0X-"), min_size=5, max_size=5), st.integers(1, 3))
def test_how_missing_data_is_taken_moves_the_state_one_way_only(marks, datapoints):
    severity = {"OK": 0, None: 1, "INSUFFICIENT_DATA": 1, "ALARM": 2}
    states = {each: judge(rule(datapoints, each), points(" ".join(marks))) for each in TREATMENTS}
    assert severity[states["notBreaching"].state] <= severity[states["missing"].state]
    assert severity[states["missing"].state] <= severity[states["breaching"].state]
    if marks.count("-") <= 2:
        assert len({each.state for each in states.values()}) == 1


@given(st.integers(0, 2_000_000_000), st.sampled_from([10, 30, 60, 300, 3600]), st.integers(1, 20))
def test_the_range_ends_with_the_last_whole_period(now, period, periods):
    start, end = window(now, period, periods)
    assert 0 <= now - end < min(period, 60)
    assert end - start == period * (periods + BEYOND)
