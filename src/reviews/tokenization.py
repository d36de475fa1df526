"""Turn review texts into token ids of a BERT-family model, with the fast tokenizer."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reviews.tokenizer import cut, load


@dataclass(frozen=True)
class Tokens:
    """The tokens of some reviews."""

    ids: list[list[int]]  # at most `max_seq_length` each, with [CLS] and [SEP], not padded
    lengths: NDArray[np.int64]  # what each review has in all, before the cut
    max_seq_length: int

    def padded(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Return input_ids and input_mask, both (reviews, max_seq_length); padding is 0 in both."""
        kept = np.minimum(self.lengths, self.max_seq_length)
        mask = np.arange(self.max_seq_length) < kept[:, None]
        ids = np.zeros(mask.shape, np.int32)
        ids[mask] = np.fromiter(chain.from_iterable(self.ids), np.int32, count=int(kept.sum()))
        return ids, mask.astype(np.int32)


class ReviewTokenizer:
    """The tokenizer of a model, for many texts at once."""

    def __init__(self, file: Path, max_seq_length: int) -> None:
        """Load a tokenizer; see `tokenizer.load`."""
        self._tokenizer = load(file, max_seq_length)
        self.max_seq_length = max_seq_length

    def encode(self, texts: Sequence[str]) -> Tokens:
        """Tokenize texts; what is too long is cut."""
        found = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]
        lengths = np.fromiter(map(len, found), np.int64, count=len(found))
        return Tokens(
            [cut(ids, self.max_seq_length) for ids in found], lengths, self.max_seq_length
        )
