"""The statistics of a distribution."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.cloud.cloudwatch.aggregate import Aggregate, of
from slipway.cloud.cloudwatch.statistics import UnknownStatistic, parse, percentile, value

HUNDRED = of({float(n): 1.0 for n in range(1, 101)})


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SampleCount", 100), ("Sum", 5050), ("Minimum", 1), ("Maximum", 100), ("Average", 50.5),
        ("p50", 50), ("p90", 90), ("p99.9", 100), ("p100", 100), ("p0", 1),
        ("tm90", 45.5), ("TM(10%:90%)", 50.5), ("TM(150:1000)", None), ("TM(:10)", 5.5), ("iqm", 50.5),
        ("wm90", 49.95), ("tc90", 90), ("TC(20:30)", 10), ("ts90", 4095), ("TS(98:)", 199),
        ("PR(:20)", 20), ("PR(90:)", 10), ("PR(40:60)", 20),
    ],
)  # fmt: skip
def test_a_statistic_has_the_value_of_its_definition(name, expected):
    found = value(parse(name), HUNDRED)
    assert found == (expected if expected is None else pytest.approx(expected))


@pytest.mark.parametrize("name", ["", "average", "p", "p101", "px", "TM(:)", "TM(90%:10%)", "PR(1%:2%)",
                                  "TM(1:5%)"])  # fmt: skip
def test_a_name_that_no_statistic_has_is_refused(name):
    with pytest.raises(UnknownStatistic):
        parse(name)


def test_a_statistic_set_has_no_percentiles():
    assert value(parse("p90"), Aggregate(3, 6, 1, 3, None)) is None
    assert value(parse("p90"), Aggregate(3, 6, 2, 2, None)) == 2


@settings(max_examples=20)
@given(
    st.dictionaries(st.floats(-1e6, 1e6), st.integers(1, 9).map(float), min_size=1, max_size=30),
    st.floats(0, 100),
    st.floats(0, 100),
)
def test_percentiles_are_values_that_were_sent_and_rise(counts, one, other):
    low, high = sorted((one, other))
    found = [value(parse(f"p{each:.4f}"), of(counts)) for each in (low, high)]
    assert found[0] <= found[1]
    assert set(found) <= set(counts)


@settings(max_examples=20)
@given(st.lists(st.floats(1, 1e6), min_size=200, max_size=400, unique=True), st.floats(1, 99))
def test_percentiles_of_many_values_are_off_by_one_percent_at_most(values, percent):
    counts = dict.fromkeys(values, 1.0)
    found = value(parse(f"p{percent:.3f}"), of(counts))
    exact = percentile(counts, float(f"{percent:.3f}"))
    assert found == pytest.approx(exact, rel=0.0101)
    assert min(values) <= found <= max(values)
