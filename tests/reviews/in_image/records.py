"""Called by the tests in the TensorFlow image: TFRecord files as TensorFlow itself reads them."""

import hashlib
from pathlib import Path

import tensorflow as tf
from tokenizers import Tokenizer

from reviews.features.tfrecord import ReviewRecords


def parse(file):
    """Return the features of every record; TensorFlow checks the checksums."""
    found = []
    for record in tf.data.TFRecordDataset(file):
        example = tf.train.Example.FromString(record.numpy())
        found.append(
            {name: list(f.int64_list.value) for name, f in example.features.feature.items()}
        )
    return found


def write(file, ids, labels, length):
    """Write records, then say what they hold, and whether a message written by TensorFlow is as long."""
    with ReviewRecords(Path(file), length) as records:
        records.write(ids, labels)
    for record in tf.data.TFRecordDataset(file):
        data = record.numpy()
        assert len(tf.train.Example.FromString(data).SerializeToString()) == len(data)
    return parse(file)


def tokenized(tokenizer, texts, length):
    """Return the ids that the tokenizer's own truncation and padding give."""
    own = Tokenizer.from_file(tokenizer)
    own.enable_truncation(length)
    own.enable_padding(length=length)
    return [encoding.ids for encoding in own.encode_batch(texts)]


def ours(tokenizer, texts, length):
    """Return the ids of our tokenization, padded, and the lengths before the cut."""
    from reviews.tokenization import ReviewTokenizer

    tokens = ReviewTokenizer(Path(tokenizer), length).encode(texts)
    ids, mask = tokens.padded()
    return ids.tolist(), mask.tolist(), tokens.lengths.tolist()


def digest(folder):
    """Return the hash of all files of a folder."""
    total = hashlib.sha256()
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file():
            total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()
