"""How much text MaxSeqLength cuts, worked out by hand."""

import numpy as np
import pytest

from reviews.features.report import by_star, cut


def test_what_a_length_cuts():
    lengths = np.bincount([3, 4, 4, 10], minlength=20)  # tokens of four reviews
    found = cut(lengths, 4)
    assert found["share_of_reviews_cut"] == 1 / 4
    assert found["share_of_tokens_cut"] == pytest.approx(6 / 21)
    assert found["percentiles"] == {
        "p50": 4,
        "p80": 10,
        "p90": 10,
        "p95": 10,
        "p99": 10,
        "p100": 10,
    }


def test_nothing_is_said_of_no_reviews():
    assert cut(np.zeros(20, np.int64), 4) == {"max_seq_length": 4, "reviews": 0}


def test_counts_have_the_names_of_their_split_and_star_rating():
    counts = np.arange(15).reshape(3, 5)
    found = by_star(counts, (1, 2, 3, 4, 5))
    assert found["train"] == {"1": 0, "2": 1, "3": 2, "4": 3, "5": 4}
    assert found["test"]["5"] == 14
