"""Outputs of a frozen encoder, computed once and read again in every epoch.

They do not change while only the head learns, and computing them is nearly all the work of an epoch.
They lie in a file as float16 (2 * tokens * hidden bytes per review), mapped into memory.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from reviews.training.network import encode

BATCH = 64  # reviews per call of the encoder


class Interrupted(Exception):
    """The job was told to stop while the encoder's outputs were computed."""


@dataclass(frozen=True)
class EncoderOutputs:
    """The outputs for all reviews of a channel."""

    sequence: NDArray[np.float16]  # (reviews, tokens, hidden), 0 where padded
    mask: NDArray[np.int32]  # (reviews, tokens)
    labels: NDArray[np.int32]  # (reviews,)

    def batches(
        self, size: int, *, shuffle: int | None = None, steps: int = 0, skip: int = 0
    ) -> Any:
        """Return batches ({sequence, input_mask}, label) as `tf.data`; see `dataset.batches`."""
        total = steps or -(-len(self.labels) // size)

        def generate() -> Iterator[tuple[dict[str, NDArray[Any]], NDArray[np.int32]]]:
            order = self._order(shuffle, size * steps)
            for step in range(skip, total):
                at = order[step * size : (step + 1) * size]
                sequence = self.sequence[at].astype(np.float32)
                yield {"sequence": sequence, "input_mask": self.mask[at]}, self.labels[at]

        shape = {
            "sequence": tf.TensorSpec((None, *self.sequence.shape[1:]), tf.float32),
            "input_mask": tf.TensorSpec((None, self.mask.shape[1]), tf.int32),
        }
        signature = (shape, tf.TensorSpec((None,), tf.int32))
        dataset = tf.data.Dataset.from_generator(generate, output_signature=signature)
        return dataset.apply(tf.data.experimental.assert_cardinality(total - skip)).prefetch(2)

    def _order(self, shuffle: int | None, wanted: int) -> NDArray[np.int64]:
        """Return the order in which reviews are taken: `wanted` of them, all before any comes again.

        One pass over all where `wanted` is 0.
        """
        reviews = len(self.labels)
        rounds = max(1, -(-wanted // reviews))
        random = np.random.default_rng(shuffle)
        every = np.arange(reviews)
        order = [every if shuffle is None else random.permutation(reviews) for _ in range(rounds)]
        return np.concatenate(order)[: wanted or reviews]


def compute(
    encoder: Any, batches: Any, file: Path, stopping: Callable[[], bool] = lambda: False
) -> EncoderOutputs:
    """Run the encoder over batches of a channel, and keep its outputs in `file`.

    Reviews of similar length go together and are cut to the longest of them, which saves about half
    of the work; the mask makes that no difference to the outputs. Interrupted when `stopping` says so.
    """
    found = [
        (inputs["input_ids"], inputs["input_mask"], labels)
        for inputs, labels in batches.as_numpy_iterator()
    ]
    ids, mask, labels = (np.concatenate(part) for part in zip(*found, strict=True))
    shape = (*ids.shape, encoder.hidden_dim)
    sequence = np.memmap(file, np.float16, "w+", shape=shape)
    run = tf.function(
        lambda ids, mask: encode(encoder, ids, mask),
        input_signature=[tf.TensorSpec((None, None), tf.int32)] * 2,
    )
    lengths = mask.sum(axis=1)
    order = np.argsort(lengths, kind="stable")
    for start in range(0, len(order), BATCH):
        if stopping():
            raise Interrupted
        at = order[start : start + BATCH]
        longest = int(lengths[at].max())
        outputs = run(ids[at, :longest], mask[at, :longest]).numpy() * mask[at, :longest, None]
        sequence[at, :longest] = outputs
    return EncoderOutputs(sequence, mask, labels)
