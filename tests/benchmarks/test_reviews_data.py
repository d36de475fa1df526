"""How quickly sample reviews are made and read, and that memory does not grow with them."""

import csv
import gzip
import io
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from reviews.readers import read_all, review_files

ROOT = Path(__file__).resolve().parents[2]
ROWS = 1_000_000
MEASURED = """
import json, resource, runpy, sys, time
started = time.perf_counter()
try:
    runpy.run_path(sys.argv[1], run_name="__main__")
except SystemExit:
    pass
took = time.perf_counter() - started
print(json.dumps([took, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""

pytestmark = pytest.mark.bench


def generate(folder, rows):
    """Return seconds and the largest memory in MiB."""
    script = ROOT / "scripts" / "generate_reviews.py"
    code = MEASURED.replace("sys.argv[1]", "sys.argv.pop(1)")
    command = [sys.executable, "-c", code, script, folder, "--rows", str(rows)]
    environ = {"PYTHONPATH": str(ROOT / "scripts"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environ)
    return json.loads(done.stdout)


def test_a_million_reviews_in_a_minute_and_in_constant_memory(tmp_path):
    _, little = generate(tmp_path / "few", ROWS // 10)
    took, most = generate(tmp_path / "many", ROWS)
    print(f"\ngenerate {ROWS} reviews: {took:.1f} s, {most:.0f} MiB (a tenth: {little:.0f} MiB)")
    assert took < 60
    assert most < 1.5 * little


def test_reading_with_all_rules_beside_the_csv_module_without_any(tmp_path):
    generate(tmp_path, 200_000)
    files = review_files(tmp_path)
    started = time.perf_counter()
    ours = sum(len(batch.reviews) for batch in read_all(files))
    took = time.perf_counter() - started
    started = time.perf_counter()
    plain = 0
    for file in files:
        with gzip.open(file) as raw:
            text = io.TextIOWrapper(raw, "utf-8", newline="\n")
            rows = csv.reader(text, delimiter="\t", quoting=csv.QUOTE_NONE)
            plain += sum(1 for _ in rows) - 1
    bare = time.perf_counter() - started
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"\nread {ours} reviews: {ours / took:,.0f} rows/s; csv module, nothing checked: "
        f"{plain / bare:,.0f} rows/s; ratio {bare / took:.2f}; process at most {memory:.0f} MiB"
    )
    assert ours == plain == 200_000
