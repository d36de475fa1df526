"""Encode the reviews of one partition: TFRecord for training and, beside it, Parquet."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from reviews.features.partitions import batches
from reviews.features.split import SPLITS
from reviews.features.tfrecord import ReviewRecords
from reviews.spec import FeatureSpec
from reviews.tokenization import ReviewTokenizer, Tokens

ROWS = 2048  # per batch
LONGEST = 1 << 16  # a review has at most 65 535 characters and at least one per token, plus two


@dataclass(frozen=True)
class Part:
    """A piece of work: the rows of a partition to keep, and the names of what they become."""

    partition: Path
    keep: Path  # an .npy file, one truth value per row of the partition
    name: str
    folder: Path  # gets train/, validation/ and test/
    tokenizer: Path
    spec: FeatureSpec
    metadata: dict[str, str]  # of the Parquet files


@dataclass
class Counts:
    """What came of some parts."""

    rows: NDArray[np.int64] = field(default_factory=lambda: np.zeros((3, 5), np.int64))
    lengths: NDArray[np.int64] = field(default_factory=lambda: np.zeros(LONGEST + 2, np.int64))

    def add(self, other: "Counts") -> None:
        """Take up the counts of another part."""
        self.rows += other.rows
        self.lengths += other.lengths


def encode(part: Part) -> Counts:
    """Write the files of a part; return reviews by split and label, and by their number of tokens."""
    tokenizer = ReviewTokenizer(part.tokenizer, part.spec.max_seq_length)
    labels = np.zeros(max(part.spec.star_ratings) + 1, np.int64)
    for star in part.spec.star_ratings:
        labels[star] = part.spec.label_of(star)
    schema = parquet_schema(part.spec, part.metadata)
    counts = Counts()
    with ExitStack() as stack:
        writers: dict[int, tuple[ReviewRecords, parquet.ParquetWriter]] = {}
        for table in batches(part.partition, np.load(part.keep), ROWS):
            tokens = tokenizer.encode(table["review_body"].to_pylist())
            splits = table["split"].to_numpy()
            label = labels[table["star_rating"].to_numpy()]
            counts.lengths += np.bincount(tokens.lengths, minlength=LONGEST + 2)
            np.add.at(counts.rows, (splits, label), 1)
            features = feature_table(table, tokens, label, schema)
            for split in np.unique(splits):
                if split not in writers:
                    stem = part.folder / SPLITS[split] / part.name
                    records = ReviewRecords(stem.with_suffix(".tfrecord"), tokens.max_seq_length)
                    rows = parquet.ParquetWriter(stem.with_suffix(".parquet"), schema)
                    writers[split] = stack.enter_context(records), stack.enter_context(rows)
                at = np.flatnonzero(splits == split)
                records, rows = writers[split]
                records.write([tokens.ids[n] for n in at], label[at].tolist())
                rows.write_table(features.take(pa.array(at)))
    return counts


def parquet_schema(spec: FeatureSpec, metadata: dict[str, str]) -> pa.Schema:
    """Return the columns of the Parquet files: a feature group's record, and what evaluation needs.

    `review_id` is the record identifier, `date` the event time (ISO 8601, UTC).
    """
    tokens = pa.list_(pa.int32(), spec.max_seq_length)
    return pa.schema(
        [
            ("review_id", pa.string()),
            ("date", pa.string()),
            ("input_ids", tokens),
            ("input_mask", tokens),
            ("segment_ids", tokens),
            ("label_id", pa.int32()),
            ("label", pa.int32()),
            ("split_type", pa.string()),
            ("product_category", pa.string()),
            ("review_body", pa.string()),
        ],
        metadata=metadata,
    )


def feature_table(
    table: pa.Table, tokens: Tokens, label: NDArray[np.int64], schema: pa.Schema
) -> pa.Table:
    """Return the Parquet rows of some reviews."""
    ids, mask = tokens.padded()
    size = tokens.max_seq_length
    dates = [day and f"{day}T00:00:00Z" for day in table["review_date"].to_pylist()]
    names = [SPLITS[split] for split in table["split"].to_pylist()]
    columns = [
        table["review_id"],
        pa.array(dates, pa.string()),
        pa.FixedSizeListArray.from_arrays(pa.array(ids.ravel()), size),
        pa.FixedSizeListArray.from_arrays(pa.array(mask.ravel()), size),
        pa.FixedSizeListArray.from_arrays(pa.array(np.zeros(ids.size, np.int32)), size),
        pa.array(label, pa.int32()),
        table["star_rating"].cast(pa.int32()),
        pa.array(names, pa.string()),
        table["product_category"],
        table["review_body"],
    ]
    return pa.table(columns, schema=schema)
