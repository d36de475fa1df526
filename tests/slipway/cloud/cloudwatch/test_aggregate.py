"""Aggregates: the order in which values come does not matter, and little is lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.cloud.cloudwatch.aggregate import EXACT, Aggregate, coarse, merged, of, on_grid

VALUES = st.floats(-1e9, 1e9).map(lambda value: round(value, 3))
COUNTS = st.dictionaries(VALUES, st.integers(1, 50).map(float), min_size=1, max_size=400)


@settings(max_examples=20)
@given(st.lists(COUNTS, min_size=1, max_size=4))
def test_merging_is_as_if_all_had_come_at_once(parts):
    all_of = {}
    for part in parts:
        for value, count in part.items():
            all_of[value] = all_of.get(value, 0) + count
    found, wanted = merged(map(of, parts)), of(all_of)
    assert found.count == wanted.count
    assert found.sum == pytest.approx(wanted.sum, abs=1e-3)
    assert (found.minimum, found.maximum) == (min(all_of), max(all_of))
    assert sum(found.distribution.values()) == found.count


@given(VALUES)
def test_the_grid_is_fine_and_stands_still(value):
    assert on_grid(value) == pytest.approx(value, rel=0.0101)
    assert on_grid(on_grid(value)) == pytest.approx(on_grid(value), rel=1e-12)


def test_few_values_are_kept_exactly_and_many_stay_bounded():
    few = {float(n): 1.0 for n in range(EXACT)}
    assert coarse(few) == few
    many = of({n / 7: 1.0 for n in range(1, 100_000)})
    assert len(many.distribution) < 1000
    assert sum(many.distribution.values()) == many.count


def test_a_statistic_set_has_a_distribution_only_where_all_values_are_the_same():
    assert Aggregate(3, 6, 2, 2, None).distribution == {2: 3}
    assert Aggregate(3, 6, 1, 3, None).distribution is None
    assert merged([Aggregate(3, 6, 1, 3, None), of({1: 1})]).distribution is None
