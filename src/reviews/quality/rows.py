"""Reviews as a Spark DataFrame, read by the same readers as everywhere else.

Rows that are well-formed but break a column's rule stay in: they are for the check to judge. The others
come with what is wrong with them, in columns of their own.
"""

from collections.abc import Iterable, Iterator
from functools import reduce
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.functions import col, lit
from pyspark.sql.types import IntegerType, StringType, StructField, StructType

from reviews.readers import ReadError, partition_values, read_tsv
from reviews.schema import COLUMNS, NAMES, Reject

REJECT = ("reject_file", "reject_line", "reject_column", "reject_reason", "reject_text")
TASKS = 4  # that read files, for each that works at once
TYPES = {int: IntegerType()}  # all others are text
SCHEMA = StructType(
    [StructField(column.name, TYPES.get(column.type, StringType())) for column in COLUMNS]
    + [StructField(n, IntegerType() if n == "reject_line" else StringType()) for n in REJECT]
)


def load(spark: SparkSession, files: list[Path]) -> DataFrame:
    """Return all rows of the files: the 15 columns, and five that say why a row was refused.

    Every instance must have all files in the same place. A file is read by one task; gzip cannot be
    divided anyway. Of many files a task reads several: each pass over the rows costs some time a task.
    """
    tsv = [str(path) for path in files if not path.name.endswith(".parquet")]
    parquet = [path for path in files if path.name.endswith(".parquet")]
    parts = [typed(spark.read.parquet(f"file://{path}"), path) for path in parquet]
    if tsv:
        context = spark.sparkContext
        tasks = min(len(tsv), TASKS * context.defaultParallelism)
        found = context.parallelize(tsv, tasks).mapPartitions(parse)
        parts.append(spark.createDataFrame(found, SCHEMA))
    return reduce(DataFrame.union, parts)


def parse(files: Iterable[str]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of TSV files, in the order of `SCHEMA`."""
    nothing = (None,) * len(NAMES)
    accepted = (None,) * len(REJECT)
    for file in files:
        for batch in read_tsv(Path(file), valid=False):
            for review in batch.reviews:
                yield (*review, *accepted)
            for reject in batch.rejects:
                yield (
                    *nothing,
                    reject.file,
                    reject.line,
                    reject.column,
                    reject.reason,
                    reject.text,
                )


def typed(rows: DataFrame, file: Path) -> DataFrame:
    """Return the columns of a Parquet file as `SCHEMA` has them; ReadError where one is missing.

    A column may be a `name=value` folder instead, as Hive has it.
    """
    folders = partition_values(file)
    columns = []
    for field in SCHEMA.fields:
        if field.name in REJECT:
            value = lit(None)
        elif field.name in rows.columns:
            value = col(field.name)
        elif field.name in folders:
            value = lit(folders[field.name])
        else:
            raise ReadError(f"{file}: expected the {len(NAMES)} columns, missing {field.name}")
        columns.append(value.cast(field.dataType).alias(field.name))
    return rows.select(*columns)


def well_formed(rows: DataFrame) -> DataFrame:
    """Return the rows that were not refused, with the 15 columns only."""
    return rows.where(col("reject_reason").isNull()).select(*NAMES)


def rejects(rows: DataFrame) -> Iterator[Reject]:
    """Yield the refused rows, file by file in memory of one partition."""
    refused = rows.where(col("reject_reason").isNotNull()).select(*REJECT)
    for row in refused.toLocalIterator():
        yield Reject(*row)
