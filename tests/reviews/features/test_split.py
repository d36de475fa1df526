"""The laws of the split that its module's docstring proves."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from reviews.features.split import SPLITS, Splitter, normalized

SHARES = (0.9, 0.05, 0.05)
TEXTS = st.text(min_size=1, max_size=40)


def split_of(splitter, review_id, text):
    (found,) = splitter.split(splitter.keys([review_id], [text]).text)
    return found


@given(TEXTS, st.integers(0, 100))
def test_a_text_has_one_split_whatever_the_review(text, seed):
    first, second = Splitter(SHARES, seed), Splitter(SHARES, seed)
    assert split_of(first, "R1", text) == split_of(second, "R2", text)


@given(TEXTS, st.integers(0, 100))
def test_letter_case_and_white_space_do_not_part_texts(text, seed):
    splitter = Splitter(SHARES, seed)
    variant = "  " + normalized(text).replace(" ", " \t ") + "\n"
    assert split_of(splitter, "R1", text) == split_of(splitter, "R1", variant)


@given(st.integers(0, 2**64 - 1))
def test_splits_are_consecutive_intervals_of_the_wanted_widths(key):
    expected = 0 if key < 0.9 * 2**64 else 1 if key < 0.95 * 2**64 else 2
    near = any(abs(key - bound * 2**64) < 2**16 for bound in (0.9, 0.95))  # float rounding
    assert near or Splitter(SHARES, 1).split(np.array([key], np.uint64)) == [expected]


def test_a_split_of_share_0_gets_nothing_and_of_share_1_everything():
    every = np.array([*range(0, 2**64, 2**57), 2**64 - 1], np.uint64)
    assert set(Splitter((1, 0, 0), 1).split(every)) == {0}
    assert set(Splitter((0, 0, 1), 1).split(every)) == {2}


@settings(max_examples=10)
@given(st.integers(0, 1000))
def test_shares_keep_to_hoeffdings_bound_in_every_stratum(seed):
    splitter = Splitter(SHARES, seed)
    texts = 2000
    allowed = math.sqrt(math.log(2 / 1e-9) / 2 / texts)
    for stars in (1, 5):
        keys = splitter.keys(["R"] * texts, [f"{stars} stars, text {n}" for n in range(texts)])
        found = splitter.split(keys.text)
        for split, share in enumerate(SHARES):
            assert abs((found == split).mean() - share) < allowed, SPLITS[split]


def test_another_seed_is_another_split():
    one, two = Splitter(SHARES, 1), Splitter(SHARES, 2)
    texts = [f"text {n}" for n in range(1000)]
    assert [split_of(one, "R", t) for t in texts] != [split_of(two, "R", t) for t in texts]
