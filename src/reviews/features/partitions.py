"""Scatter reviews over partitions by the hash of their `review_id`.

Rows with the same `review_id` land in the same partition, so repeated ones are found with the keys of
one partition in memory; and a partition is a piece of work for one process. The number of partitions
grows with the input, so neither memory nor the size of a piece of work does. A partition is a folder:
one Arrow file from each process that read input files, in the order of these.
"""

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import ipc

from reviews.features.split import Splitter
from reviews.readers import Batch, read
from reviews.schema import Reject, Review

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


def make_partitions(files: Iterable[Path], folder: Path) -> list[Path]:
    """Make as many partitions in a folder as the input is worth; the number depends on it alone."""
    text = sum(f.stat().st_size * (1 if f.suffix == ".tsv" else PACKED) for f in files)
    found = [folder / f"{number:04}" for number in range(min(MOST, 1 + text // BYTES))]
    for partition in found:
        partition.mkdir(parents=True)
    return found


@dataclass(frozen=True)
class Reading:
    """A piece of work: consecutive input files to read, and the partitions to scatter them over."""

    files: Sequence[Path]
    first: int  # the index of the first of these among all files
    splitter: Splitter
    partitions: Sequence[Path]

    @property
    def name(self) -> str:
        """What its files in the partitions are called; names sort in the order of the input."""
        return f"from-{self.first:06}"

    @property
    def rejects(self) -> Path:
        """The file that gets the refused rows, as JSON lines."""
        return self.partitions[0].parent / f"{self.name}.jsonl"


def share_out(
    files: Sequence[Path], splitter: Splitter, partitions: Sequence[Path], most: int
) -> list[Reading]:
    """Return up to `most` pieces of work whose files are about equally large together."""
    ends = list(accumulate(file.stat().st_size for file in files))
    readings, first = [], 0
    for piece in range(1, most + 1):
        last = bisect_right(ends, ends[-1] * piece // most)
        if last > first:
            readings.append(Reading(files[first:last], first, splitter, partitions))
            first = last
    return readings


def scatter(reading: Reading) -> int:
    """Read files, and write good rows to the partitions; return their number."""
    accepted = 0
    with ExitStack() as stack:
        rejects = stack.enter_context(reading.rejects.open("w", encoding="utf-8"))
        names = [partition / f"{reading.name}.arrow" for partition in reading.partitions]
        sinks = [stack.enter_context(ipc.new_file(name, SCHEMA)) for name in names]
        for index, file in enumerate(reading.files, reading.first):
            line = 1 if file.suffix == ".parquet" else 2
            for batch in read(file):
                accepted += len(batch.reviews)
                rejects.writelines(json.dumps(asdict(r)) + "\n" for r in batch.rejects)
                rows = keyed(batch.reviews, list(lines(batch, line)), index, reading.splitter)
                line += len(batch.reviews) + len(batch.rejects)
                write(rows, sinks)
    return accepted


def refused(reading: Reading) -> Iterator[Reject]:
    """Yield the rows that were refused while files were read."""
    with reading.rejects.open(encoding="utf-8") as file:
        for line in file:
            yield Reject(**json.loads(line))


def write(rows: pa.RecordBatch, sinks: Sequence[ipc.RecordBatchFileWriter]) -> None:
    """Append each row to the partition that its identity names."""
    owner = rows["identity"].to_numpy() % np.uint64(len(sinks))
    order = np.argsort(owner, kind="stable")
    bounds = np.searchsorted(owner[order], np.arange(len(sinks) + 1, dtype=np.uint64))
    rows = rows.take(pa.array(order))
    for sink, start, end in zip(sinks, bounds[:-1], bounds[1:], strict=True):
        if end > start:
            sink.write(rows.slice(start, end - start))


def lines(batch: Batch, first: int) -> Iterator[int]:
    """Yield the line of each good row of a batch whose rows begin at line `first`."""
    refused = {reject.line for reject in batch.rejects}
    total = len(batch.reviews) + len(batch.rejects)
    return (line for line in range(first, first + total) if line not in refused)


def keyed(
    reviews: Sequence[Review], numbers: Sequence[int], file: int, splitter: Splitter
) -> pa.RecordBatch:
    """Return what the job needs of some reviews, with their hashes and splits, as `SCHEMA`."""
    ids, texts = [r.review_id for r in reviews], [r.review_body for r in reviews]
    keys = splitter.keys(ids, texts)
    columns = (
        ids,
        [r.review_date for r in reviews],
        [r.product_category for r in reviews],
        [r.star_rating for r in reviews],
        texts,
        splitter.split(keys.text),
        keys.identity,
        keys.priority,
        np.full(len(ids), file, np.int32),
        numbers,
    )
    return pa.record_batch(
        [pa.array(c, f.type) for c, f in zip(columns, SCHEMA, strict=True)], schema=SCHEMA
    )


def contents(partition: Path) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a partition in the order of the input, mapped into memory."""
    for file in sorted(partition.glob("*.arrow")):
        with pa.memory_map(str(file)) as source:
            content = ipc.open_file(source)
            for number in range(content.num_record_batches):
                yield content.get_batch(number)


def column(partition: Path, name: str) -> NDArray[Any]:
    """Return a whole numeric column of a partition."""
    found = [batch.column(name) for batch in contents(partition)]
    return cast(NDArray[Any], pa.chunked_array(found, SCHEMA.field(name).type).to_numpy())


def batches(partition: Path, keep: NDArray[np.bool_], rows: int) -> Iterator[pa.Table]:
    """Yield the rows of a partition that are to be kept, in tables of about `rows` rows."""
    position = 0
    waiting: list[pa.RecordBatch] = []
    for batch in contents(partition):
        chosen = keep[position : position + batch.num_rows]
        position += batch.num_rows
        waiting.append(batch.filter(pa.array(chosen)))
        if sum(found.num_rows for found in waiting) >= rows:
            yield pa.Table.from_batches(waiting, SCHEMA)
            waiting = []
    if any(found.num_rows for found in waiting):
        yield pa.Table.from_batches(waiting, SCHEMA)


def repeated(partition: Path) -> NDArray[np.bool_]:
    """Mark the rows whose `review_id` an earlier row of the input has: all but the first of each."""
    identity = column(partition, "identity")
    _, first = np.unique(identity, return_index=True)
    found = np.ones(len(identity), bool)
    found[first] = False
    return found


def rows_at(partition: Path, marked: NDArray[np.bool_]) -> Iterator[dict[str, Any]]:
    """Yield marked rows as dictionaries."""
    for table in batches(partition, marked, 1024):
        yield from table.to_pylist()
