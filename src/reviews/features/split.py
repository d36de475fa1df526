"""Which split a review belongs to: a threshold on a hash of its text.

Let u(t) in [0, 1) be the seeded hash of the normalized text t, and the splits be consecutive intervals
of [0, 1) whose widths are the wanted shares. Then:

- Identical texts share u, hence their split: no text is on both sides. A `review_id` is on one side
  because rows that repeat one are dropped first (`partitions`; the evaluation job checks it again).
- u depends on nothing but the row and the seed: any sharding of the input, in any order, and any
  number of passes give the same splits, in constant memory.
- Stratified: u is independent of the star rating, so of the n different texts of each rating a split
  of share p gets Binomial(n, p) of them: p in expectation in every stratum, and by Hoeffding's
  inequality off by more than sqrt(ln(2/d) / 2n) with a probability of at most d. For n = 100 000 and
  d = 1e-6 that is 0.9 percentage points. Ranking within each stratum would make the shares exact, but
  a rank depends on the other rows, so no shard could know it, and equal texts of different ratings
  could part.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

SPLITS = ("train", "validation", "test")
WHOLE = 1 << 64


@dataclass(frozen=True)
class Keys:
    """The hashes of some reviews, each uniform in [0, 2^64)."""

    identity: NDArray[np.uint64]  # of the review_id: finds repeated ones, and the partition
    priority: NDArray[np.uint64]  # of the review_id: who stays when a split is balanced
    text: NDArray[np.uint64]  # of the normalized text: the split


class Splitter:
    """Hashes reviews under one seed and assigns them to `SPLITS`."""

    def __init__(self, shares: Sequence[float], seed: int) -> None:
        """Take the shares of train, validation and test, which sum to 1."""
        *inner, _ = accumulate(shares)
        self._bounds = [round(bound * WHOLE) for bound in inner]
        self._salt = seed.to_bytes(blake2b.SALT_SIZE, "big", signed=True)

    def keys(self, review_ids: Sequence[str], texts: Sequence[str]) -> Keys:
        """Return the hashes of reviews."""
        ids = self._digests(review_ids, 16).reshape(-1, 2)
        return Keys(ids[:, 0], ids[:, 1], self._digests(map(normalized, texts), 8))

    def _digests(self, texts: Iterable[str], size: int) -> NDArray[np.uint64]:
        salt = self._salt
        found = [blake2b(t.encode(), digest_size=size, salt=salt).digest() for t in texts]
        return np.frombuffer(b"".join(found), ">u8").astype(np.uint64)

    def split(self, keys: NDArray[np.uint64]) -> NDArray[np.int8]:
        """Return the indices in `SPLITS` of the splits that hashes of texts fall into."""
        found = np.zeros(len(keys), np.int8)
        for bound in self._bounds:
            if bound < WHOLE:
                found += keys >= np.uint64(bound)
        return found


def normalized(text: str) -> str:
    """Return a text without what the tokenizer may drop anyway: letter case and kinds of white space."""
    return " ".join(text.split()).casefold()
