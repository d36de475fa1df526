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

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import accumulate

SPLITS = ("train", "validation", "test")
WHOLE = 1 << 64


@dataclass(frozen=True)
class Keys:
    """The hashes of a review, each uniform in [0, 2^64)."""

    identity: int  # of the review_id: finds repeated ones, and the partition
    priority: int  # of the review_id: who stays when a split is balanced
    text: int  # of the normalized text: the split


class Splitter:
    """Hashes reviews under one seed and assigns them to `SPLITS`."""

    def __init__(self, shares: Sequence[float], seed: int) -> None:
        """Take the shares of train, validation and test, which sum to 1."""
        *inner, _ = accumulate(shares)
        self._bounds = [round(bound * WHOLE) for bound in inner]
        self._seed = str(seed).encode()

    def keys(self, review_id: str, text: str) -> Keys:
        """Return the hashes of a review."""
        first = blake2b(review_id.encode(), digest_size=16, key=self._seed).digest()
        second = blake2b(normalized(text).encode(), digest_size=8, key=self._seed).digest()
        return Keys(
            int.from_bytes(first[:8], "big"),
            int.from_bytes(first[8:], "big"),
            int.from_bytes(second, "big"),
        )

    def split(self, text_key: int) -> int:
        """Return the index in `SPLITS` of the split that a text's hash falls into."""
        return sum(text_key >= bound for bound in self._bounds)


def normalized(text: str) -> str:
    """Return a text without what the tokenizer may drop anyway: letter case and kinds of white space."""
    return " ".join(text.split()).casefold()
