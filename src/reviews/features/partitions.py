"""Scatter reviews over partition files by the hash of their `review_id`.

Rows with the same `review_id` land in the same partition, so repeated ones are found with the keys of
one partition in memory; and a partition is a piece of work for one process. The number of partitions
grows with the input, so neither memory nor the size of a piece of work does.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import ipc

from reviews.features.split import Keys, Splitter
from reviews.quarantine import Quarantine
from reviews.readers import Batch, read
from reviews.schema import Review

BYTES = 8 << 20  # of input text per partition
MOST = 256  # partitions, each of which is an open file
PACKED = 3  # how many times smaller a gzipped or Parquet file is than its text
SCHEMA = pa.schema(
    [
        ("review_id", pa.string()),
        ("review_date", pa.string()),
        ("product_category", pa.string()),
        ("star_rating", pa.int8()),
        ("review_body", pa.string()),
        ("split", pa.int8()),
        ("identity", pa.uint64()),
        ("priority", pa.uint64()),
        ("file", pa.int32()),  # index in the list of input files
        ("line", pa.int64()),
    ]
)


def count_partitions(files: Iterable[Path]) -> int:
    """Return how many partitions the input is worth; a function of the input alone."""
    text = sum(f.stat().st_size * (1 if f.suffix == ".tsv" else PACKED) for f in files)
    return min(MOST, 1 + text // BYTES)


def scatter(
    files: Sequence[Path], splitter: Splitter, quarantine: Quarantine, folder: Path
) -> list[Path]:
    """Read all files, set refused rows aside, and write the others to partition files in `folder`."""
    folder.mkdir(parents=True)
    paths = [folder / f"{number:04}.arrow" for number in range(count_partitions(files))]
    sinks = [ipc.new_file(path, SCHEMA) for path in paths]
    for index, file in enumerate(files):
        line = 1 if file.suffix == ".parquet" else 2
        for batch in read(file):
            quarantine.add(len(batch.reviews), batch.rejects)
            rows = keyed(batch.reviews, list(lines(batch, line)), index, splitter)
            line += len(batch.reviews) + len(batch.rejects)
            owner = rows["identity"].to_numpy() % np.uint64(len(sinks))
            order = np.argsort(owner, kind="stable")
            bounds = np.searchsorted(owner[order], np.arange(len(sinks) + 1, dtype=np.uint64))
            rows = rows.take(pa.array(order))
            for sink, start, end in zip(sinks, bounds[:-1], bounds[1:], strict=True):
                if end > start:
                    sink.write(rows.slice(start, end - start))
    for sink in sinks:
        sink.close()
    return paths


def lines(batch: Batch, first: int) -> Iterator[int]:
    """Yield the line of each good row of a batch whose rows begin at line `first`."""
    refused = {reject.line for reject in batch.rejects}
    total = len(batch.reviews) + len(batch.rejects)
    return (line for line in range(first, first + total) if line not in refused)


def keyed(
    reviews: Sequence[Review], numbers: Sequence[int], file: int, splitter: Splitter
) -> pa.RecordBatch:
    """Return what the job needs of some reviews, with their hashes and splits, as `SCHEMA`."""
    keys: list[Keys] = [splitter.keys(r.review_id, r.review_body) for r in reviews]
    columns = (
        [r.review_id for r in reviews],
        [r.review_date for r in reviews],
        [r.product_category for r in reviews],
        [r.star_rating for r in reviews],
        [r.review_body for r in reviews],
        [splitter.split(key.text) for key in keys],
        np.fromiter((key.identity for key in keys), np.uint64, len(keys)),
        np.fromiter((key.priority for key in keys), np.uint64, len(keys)),
        np.full(len(keys), file, np.int32),
        numbers,
    )
    return pa.record_batch(
        [pa.array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )


def column(path: Path, name: str) -> NDArray[Any]:
    """Return a whole numeric column of a partition."""
    with pa.memory_map(str(path)) as source:
        content = ipc.open_file(source)
        at = content.schema.get_field_index(name)
        found = [content.get_batch(n).column(at) for n in range(content.num_record_batches)]
        whole = pa.chunked_array(found, content.schema.field(at).type)
        return cast(NDArray[Any], whole.to_numpy())


def batches(path: Path, keep: NDArray[np.bool_], rows: int) -> Iterator[pa.Table]:
    """Yield the rows of a partition that are to be kept, in tables of about `rows` rows."""
    with pa.memory_map(str(path)) as source:
        content = ipc.open_file(source)
        position = 0
        waiting: list[pa.RecordBatch] = []
        for number in range(content.num_record_batches):
            batch = content.get_batch(number)
            chosen = keep[position : position + batch.num_rows]
            position += batch.num_rows
            waiting.append(batch.filter(pa.array(chosen)))
            if sum(found.num_rows for found in waiting) >= rows:
                yield pa.Table.from_batches(waiting, SCHEMA)
                waiting = []
        if any(found.num_rows for found in waiting):
            yield pa.Table.from_batches(waiting, SCHEMA)


def repeated(path: Path) -> NDArray[np.bool_]:
    """Mark the rows whose `review_id` an earlier row of the input has: all but the first of each."""
    identity = column(path, "identity")
    _, first = np.unique(identity, return_index=True)
    found = np.ones(len(identity), bool)
    found[first] = False
    return found


def rows_at(path: Path, marked: NDArray[np.bool_]) -> Iterator[dict[str, object]]:
    """Yield marked rows as dictionaries."""
    for table in batches(path, marked, 1024):
        yield from islice(table.to_pylist(), len(table))
