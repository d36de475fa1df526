"""Read TFRecord files of reviews as `tf.data`: files, shuffle, repeat, batch, parse, prefetch."""

from pathlib import Path
from typing import Any

import tensorflow as tf

SHUFFLED = 16_384  # records; a record is about 350 bytes
FEATURES = ("input_ids", "input_mask")


class NoRecords(Exception):
    """A channel holds no TFRecord file."""


def files_of(channel: Path) -> list[str]:
    """Return the TFRecord files of a channel in the order of their names; NoRecords if there is none."""
    found = sorted(str(path) for path in channel.rglob("*.tfrecord"))
    if not found:
        raise NoRecords(f"{channel}: expected files that end in .tfrecord, found none")
    return found


def records(files: list[str], shuffle: int | None = None) -> Any:
    """Return the serialized records of some files; `shuffle` is the seed of their order."""
    dataset = tf.data.Dataset.from_tensor_slices(files)
    if shuffle is not None:
        dataset = dataset.shuffle(len(files), seed=shuffle)
    dataset = dataset.interleave(tf.data.TFRecordDataset, cycle_length=4)
    if shuffle is not None:
        dataset = dataset.shuffle(SHUFFLED, seed=shuffle)
    return dataset


def batches(
    serialized: Any, max_seq_length: int, size: int, *, steps: int = 0, skip: int = 0
) -> Any:
    """Return batches ({input_ids, input_mask}: int32 (n, max_seq_length), label: int32 (n,)).

    `steps` batches, going over the records as often as that takes; 0 for one pass. The first `skip`
    batches are left out.
    """
    shapes = {name: tf.io.FixedLenFeature([max_seq_length], tf.int64) for name in FEATURES}
    shapes["label_ids"] = tf.io.FixedLenFeature([], tf.int64)

    def parse(some: Any) -> Any:
        found = tf.io.parse_example(some, shapes)
        label = tf.cast(found.pop("label_ids"), tf.int32)
        return {name: tf.cast(values, tf.int32) for name, values in found.items()}, label

    if steps:
        serialized = serialized.repeat()
    dataset = serialized.batch(size)
    if steps:
        dataset = dataset.take(steps)
    return dataset.skip(skip).map(parse, num_parallel_calls=tf.data.AUTOTUNE).prefetch(2)
