"""What the tests of the quality job do inside Spark: one JVM for all of it. Prints one JSON document."""

import contextlib
import io
import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

os.environ["SPARK_VERSION"] = "3.5"

from pyspark.sql import SparkSession

from reviews.quality import checks, job


def example(spark, file):
    """Suggest constraints for Deequ's own published table."""
    table = json.loads(Path(file).read_text())
    schema = ", ".join(f"{name} string" for name in table["columns"])
    rows = spark.createDataFrame(table["rows"], schema)
    return checks.suggest(spark, rows)


def attempt(spark, folder, history):
    """Run the job on good reviews; return its report and the metrics it kept."""
    output = Path(folder) / "output"
    options = SimpleNamespace(
        input=Path(folder) / "input",
        output=output,
        history=Path(history),
        minimum_review_count=100,
        max_reject_share=0.02,
    )
    job.run(spark, options)
    return outcome(output)


def outcome(output):
    """Read what the job wrote."""
    kept = [json.loads(file.read_text()) for file in (output / "metrics").glob("*.json")]
    rejects = (output / "quarantine" / "rejects.jsonl").read_text().splitlines()
    return {
        "report": json.loads((output / "quality" / "quality.json").read_text()),
        "page": (output / "quality" / "quality.html").read_text(),
        "kept": kept,
        "rejects": [json.loads(line) for line in rejects],
    }


def refused(folder):
    """Run the job as its container does, on bad reviews; Spark and its threads have ended then."""
    output = Path(folder) / "output"
    words = ["--input", Path(folder) / "input", "--output", output, "--minimum-review-count", 601]
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        code = job.main([*map(str, words), "--max-reject-share", "0.02"])
    return {"code": code, "complaint": said.getvalue(), **outcome(output)}


if __name__ == "__main__":
    plan = json.loads(sys.argv[1])
    spark = SparkSession.builder.appName("tests").getOrCreate()
    found = {name: attempt(spark, **how) for name, how in plan["good"].items()}
    if plan["example"]:
        found["example"] = example(spark, plan["example"])
    found["bad"] = refused(plan["bad"])
    Path(plan["answer"]).write_text(json.dumps(found))
