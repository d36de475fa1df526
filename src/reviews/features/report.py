"""What the features job found: rows per split and class, and how much text `MaxSeqLength` cuts."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from reviews.features.split import SPLITS

PERCENTILES = (50, 80, 90, 95, 99, 100)


def cut(lengths: NDArray[np.int64], max_seq_length: int) -> dict[str, Any]:
    """Describe reviews by their number of tokens, from a histogram of it ([CLS] and [SEP] included).

    `share_of_reviews_cut` and `share_of_tokens_cut` are what `max_seq_length` costs, 0 to 1;
    a percentile p is the least length that at least p % of the reviews do not exceed.
    """
    tokens = np.arange(len(lengths))
    reviews = int(lengths.sum())
    if not reviews:
        return {"max_seq_length": max_seq_length, "reviews": 0}
    below = np.cumsum(lengths)
    over = np.maximum(tokens - max_seq_length, 0)
    return {
        "max_seq_length": max_seq_length,
        "reviews": reviews,
        "share_of_reviews_cut": float(lengths[max_seq_length + 1 :].sum() / reviews),
        "share_of_tokens_cut": float((lengths * over).sum() / (lengths * tokens).sum()),
        "percentiles": {
            f"p{p}": int(np.searchsorted(below, np.ceil(reviews * p / 100))) for p in PERCENTILES
        },
    }


def by_star(counts: NDArray[np.int64], star_ratings: tuple[int, ...]) -> dict[str, dict[str, int]]:
    """Name the counts of an array (split, label)."""
    return {
        split: {str(star): int(counts[s, n]) for n, star in enumerate(star_ratings)}
        for s, split in enumerate(SPLITS)
    }
