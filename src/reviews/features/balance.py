"""Undersample the classes of a split to the size of the smallest: which rows stay.

Every row has a priority, a seeded hash of its `review_id`. A class of n rows keeps the m with the least
priorities: a uniform sample without replacement, since a hash knows nothing of the row's content. The
m-th least priority is found without holding n numbers: a histogram over the top 16 bits names the bucket
that holds it, and only the priorities in that bucket are looked at again, n / 65 536 of them on average.
Each kept row is at or below the limit and no other is, so exactly m stay wherever priorities differ
(two rows of 10^9 share one with a probability below 3 %).
"""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

BITS = 16
SHIFT = np.uint64(64 - BITS)


class CannotBalance(Exception):
    """A class has no rows, so all classes would be left with none."""


def histogram(priorities: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Count priorities by their top bits; shape (65 536,)."""
    return np.bincount((priorities >> SHIFT).astype(np.int64), minlength=1 << BITS)


def bucket_of(counts: NDArray[np.int64], wanted: int) -> tuple[int, int]:
    """Return the bucket that holds the `wanted`-th least priority (from 1), and its rank in there."""
    below = np.cumsum(counts)
    bucket = int(np.searchsorted(below, wanted))
    return bucket, wanted - int(below[bucket - 1] if bucket else 0)


def within(priorities: NDArray[np.uint64], bucket: int) -> NDArray[np.uint64]:
    """Return the priorities that a bucket holds."""
    found: NDArray[np.uint64] = priorities[(priorities >> SHIFT) == bucket]
    return found


def limit_in(bucket: Iterable[NDArray[np.uint64]], rank: int) -> np.uint64:
    """Return the `rank`-th least (from 1) of the priorities that one bucket holds."""
    found: NDArray[np.uint64] = np.sort(np.concatenate(list(bucket)))
    return np.uint64(found[rank - 1])


def smallest(counts: Mapping[int, int]) -> int:
    """Return the size of the smallest class; CannotBalance where that is 0."""
    star, size = min(counts.items(), key=lambda item: item[1])
    if size == 0:
        raise CannotBalance(
            f"expected training reviews of every star rating to balance them, found none of {star} "
            "stars; give more data, or pass --balance-dataset False"
        )
    return size
