"""The reviews of the held-out test split and of the training split, and that no review is in both."""

from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

COLUMNS = ["review_id", "review_body", "label_id", "product_category"]
ROWS = 8192


class Leak(Exception):
    """A review of the test split is in the training split too."""


class NoReviews(Exception):
    """A split holds no review."""


def files_of(folder: Path) -> list[Path]:
    """Return the Parquet files of a split; NoReviews if there is none."""
    found = sorted(folder.rglob("*.parquet"))
    if not found:
        raise NoReviews(f"{folder}: expected Parquet files of the features job, found none")
    return found


def read(folder: Path) -> pa.Table:
    """Return all reviews of a split: id, text, label and category."""
    return pa.concat_tables(parquet.read_table(file, columns=COLUMNS) for file in files_of(folder))


def sample(folder: Path, most: int, seed: int) -> pa.Table:
    """Return up to `most` reviews of a split, chosen at random, in one pass over its files."""
    files = files_of(folder)
    sizes = [parquet.read_metadata(file).num_rows for file in files]
    total = sum(sizes)
    chosen = np.zeros(total, bool)
    chosen[np.random.default_rng(seed).permutation(total)[:most]] = True
    tables, start = [], 0
    for file, size in zip(files, sizes, strict=True):
        mask = pa.array(chosen[start : start + size])
        tables.append(parquet.read_table(file, columns=COLUMNS).filter(mask))
        start += size
    return pa.concat_tables(tables)


def check(train: Path, test: pa.Table) -> None:
    """Raise Leak where a `review_id` or a text of the test split is in the training split."""
    for name in ("review_id", "review_body"):
        held_out = np.sort(hashes(test[name]))
        for batch in batches(train, name):
            found = hashes(batch)
            at = np.searchsorted(held_out, found) % len(held_out)
            for n in np.flatnonzero(held_out[at] == found):
                raise Leak(
                    f"expected no {name} in both the training and the test split, found "
                    f"{str(batch[int(n)])[:80]!r} in both; prepare the features again"
                )


def batches(folder: Path, name: str) -> Iterator[pa.Array]:
    """Yield one column of a split."""
    for file in files_of(folder):
        for batch in parquet.ParquetFile(file).iter_batches(ROWS, columns=[name]):
            yield batch.column(0)


def hashes(texts: pa.Array | pa.ChunkedArray) -> NDArray[np.uint64]:
    """Return a 64-bit hash of each text."""
    digests = (blake2b(text.encode(), digest_size=8).digest() for text in texts.to_pylist())
    return np.frombuffer(b"".join(digests), np.uint64)
