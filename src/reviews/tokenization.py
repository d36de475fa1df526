"""Turn review texts into token ids of a BERT-family model, with the fast tokenizer."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer


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


class UnfitTokenizer(Exception):
    """The tokenizer cannot make the model's inputs."""


class ReviewTokenizer:
    """A Hugging Face `tokenizer.json` of the BERT family, whose padding token has the id 0."""

    def __init__(self, file: Path, max_seq_length: int) -> None:
        """Load a tokenizer; UnfitTokenizer where it cannot pad with 0 or where nothing would be left."""
        if not file.is_file():
            raise UnfitTokenizer(
                f"{file}: expected the tokenizer of a Hugging Face folder, found none"
            )
        self._tokenizer = Tokenizer.from_file(str(file))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.max_seq_length = max_seq_length
        if max_seq_length < 3:
            raise UnfitTokenizer(f"expected a max_seq_length from 3, found {max_seq_length}")
        if self._tokenizer.token_to_id("[PAD]") != 0:
            raise UnfitTokenizer(
                f"{file}: expected a BERT-family tokenizer whose [PAD] has the id 0"
            )

    def encode(self, texts: Sequence[str]) -> Tokens:
        """Tokenize texts; what is too long keeps its beginning and its last token, [SEP]."""
        cut = self.max_seq_length
        found = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]
        lengths = np.fromiter(map(len, found), np.int64, count=len(found))
        ids = [every if len(every) <= cut else [*every[: cut - 1], every[-1]] for every in found]
        return Tokens(ids, lengths, cut)
