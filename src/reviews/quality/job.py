"""Check the quality of reviews; a check that fails ends the job with its reason, and so the pipeline."""

import json
import os
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pyspark import StorageLevel
from pyspark.sql import SparkSession

from reviews.quality import arguments, history, report, rows
from reviews.quarantine import Quarantine, TooManyRejects
from reviews.readers import ReadError, review_files

OUTPUT = Path("/opt/ml/output")  # where a container says why it ended


class CheckFailed(Exception):
    """The reviews do not pass the check."""


def main(words: Sequence[str] | None = None) -> int:
    """Run the job; what is wrong with the data is one line on stderr, the exit message, and code 1."""
    options = arguments.parse(words)
    os.environ.setdefault("SPARK_VERSION", "3.5")  # PyDeequ asks for it when imported
    spark = SparkSession.builder.appName("check-quality").getOrCreate()
    spark.sparkContext.setLogLevel("WARN")
    try:
        run(spark, options)
    except (CheckFailed, TooManyRejects, ReadError, ValueError) as error:
        message = f"check_quality: {error}"
        print(message, file=sys.stderr)
        if OUTPUT.is_dir():
            for name in ("failure", "message"):
                (OUTPUT / name).write_text(message[:1024])
        return 1
    finally:
        stop(spark)
    return 0


def stop(spark: SparkSession) -> None:
    """Stop Spark, and the server for Python callbacks that Deequ's assertions started.

    The process would never end with that server's threads alive.
    """
    gateway = spark.sparkContext._gateway
    if gateway is not None and getattr(gateway, "_callback_server", None):
        gateway.shutdown_callback_server()
    spark.stop()


def run(spark: SparkSession, options: Namespace) -> None:
    """Read, check, and write the report; CheckFailed or TooManyRejects after everything is written."""
    from pydeequ.repository import FileSystemMetricsRepository, ResultKey

    from reviews.quality import checks

    spark.conf.set("spark.sql.shuffle.partitions", 2 * spark.sparkContext.defaultParallelism)
    everything = rows.load(spark, review_files(options.input)).persist(StorageLevel.MEMORY_AND_DISK)
    good = rows.well_formed(everything)
    moment = int(time.time() * 1000)
    with (
        Quarantine(options.output / "quarantine" / "rejects.jsonl", options.max_reject_share) as q,
        tempfile.TemporaryDirectory() as scratch,
    ):
        q.add(good.count(), rows.rejects(everything))
        file = Path(scratch) / "metrics.json"
        earlier = history.gather(options.history, file)
        repository = FileSystemMetricsRepository(spark, file.as_uri())
        key = ResultKey(spark, moment, {"rows": str(q.rows)})
        check = checks.review_check(spark, options.minimum_review_count)
        verdict = checks.verify(spark, good, check, repository, key)
        history.keep(file, moment, options.output / "metrics")
        write(
            options.output / "quality",
            {
                "check": {
                    "name": "Review Check",
                    "status": verdict.status,
                    "constraints": verdict.constraints,
                },
                "metrics": verdict.metrics,
                "rejects": q.report(),
                "suggestions": checks.suggest(spark, good),
                "earlier_runs": earlier,
            },
        )
        q.check()
    if verdict.failures:
        raise CheckFailed("the Review Check failed: " + "; ".join(verdict.failures))


def write(folder: Path, content: dict[str, Any]) -> None:
    """Write the report as quality.json and as a page."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "quality.json").write_text(json.dumps(content, indent=2) + "\n")
    (folder / "quality.html").write_text(report.page(content), encoding="utf-8")
