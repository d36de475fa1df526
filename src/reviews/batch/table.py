"""Scored reviews as Parquet: the 15 columns, the prediction beside them, and where it comes from."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

import pyarrow as pa
from pyarrow import dataset

from reviews.batch.lines import Prediction
from reviews.schema import COLUMNS, Review

PARTITION = "product_category"
ROWS = 8192  # of a batch in memory
GROUP = 5_000  # rows of a category that are written together, where it has so many

REVIEW_FIELDS = [
    pa.field(column.name, pa.int32() if column.type is int else pa.string()) for column in COLUMNS
]
SCHEMA = pa.schema(
    [
        *REVIEW_FIELDS,
        pa.field("predicted_label", pa.int32()),  # null where the model has none
        pa.field("score", pa.float64()),
        pa.field("error", pa.string()),
        pa.field("model_package_arn", pa.string()),
        pa.field("predicted_at", pa.timestamp("ms", tz="UTC")),
    ]
)


def write(
    folder: Path,
    scored: Iterable[tuple[Review, Prediction]],
    model_package_arn: str,
    predicted_at: datetime,
    host: str,
) -> None:
    """Write scored reviews below `folder/product_category=…/`, in memory that does not grow with rows."""
    dataset.write_dataset(
        batches(scored, model_package_arn, predicted_at),
        folder,
        schema=SCHEMA,
        format="parquet",
        partitioning=dataset.partitioning(pa.schema([SCHEMA.field(PARTITION)]), flavor="hive"),
        basename_template=f"{host}-{{i}}.parquet",
        existing_data_behavior="overwrite_or_ignore",
        max_partitions=10_000,
        min_rows_per_group=GROUP,
        max_rows_per_group=10 * GROUP,
    )


def batches(
    scored: Iterable[tuple[Review, Prediction]], model_package_arn: str, predicted_at: datetime
) -> Iterator[pa.RecordBatch]:
    """Yield scored reviews as batches of the schema."""
    each = iter(scored)
    while rows := list(islice(each, ROWS)):
        values = [
            (*review, said.predicted_label, said.score, said.error, model_package_arn, predicted_at)
            for review, said in rows
        ]
        columns = zip(*values, strict=True)
        arrays = [
            pa.array(column, field.type) for column, field in zip(columns, SCHEMA, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)
