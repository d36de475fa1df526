"""The features job against the bare fast tokenizer, on the same cores, side by side."""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest

from slipway.images import environment

ROOT = Path(__file__).resolve().parents[2]
WEIGHTS = environment.cache() / "assets" / "weights"
WHEELS = environment.cache() / "assets" / "training-wheels"
ROWS = 1_000_000
GIB = 1 << 30
pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

BARE = """
import sys, time
from pathlib import Path
from tokenizers import Tokenizer
from reviews.readers import read_all, review_files
tokenizer = Tokenizer.from_file(sys.argv[2])
tokenizer.enable_truncation(64)
tokenizer.enable_padding(length=64)
spent = count = 0
for batch in read_all(review_files(Path(sys.argv[1]))):
    texts = [review.review_body for review in batch.reviews]
    started = time.perf_counter()
    tokenizer.encode_batch(texts)
    spent += time.perf_counter() - started
    count += len(texts)
print(count / spent)
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """Return a command of the scikit-learn image, with our package and the wheels."""
    site = tmp_path_factory.mktemp("site")
    interpreter = environment.prefix("sklearn") / "bin" / "python"
    install = ["-m", "pip", "install", "-q", "--no-index", "--no-deps", "--find-links", WHEELS]
    subprocess.run(
        [interpreter, *install, "--target", site, "tokenizers", "google-crc32c"], check=True
    )
    environ = os.environ | {"PYTHONPATH": f"{ROOT / 'src'}:{site}"}

    def run(*words):
        return subprocess.run(
            [str(word) for word in (interpreter, *words)],
            env=environ,
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    return run


def reviews(folder, rows):
    script = ROOT / "scripts" / "generate_reviews.py"
    subprocess.run(
        [sys.executable, script, "--rows", str(rows), folder], check=True, capture_output=True
    )
    return folder


def test_throughput_and_memory(python, tmp_path):
    """Whole job, disk included, expected ≥ 60 % of `encode_batch` alone; 1 million rows < 3 GiB.

    Memory is that of the largest process; each of them is counted for every core.
    """
    source = reviews(tmp_path / "in", ROWS)
    bare = float(python("-c", BARE, source, WEIGHTS / "tokenizer.json"))
    started = time.perf_counter()
    python(
        ROOT / "src/reviews/entry_points/prepare_features.py",
        *("--input", source, "--weights", WEIGHTS, "--output", tmp_path / "out"),
        *("--balance-dataset", "False"),
    )
    seconds = time.perf_counter() - started
    (report,) = (tmp_path / "out" / "report").glob("*.json")
    counted = json.loads(report.read_text())["text"]["reviews"]
    largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
    memory = largest * (1 + len(os.sched_getaffinity(0)))
    print(
        f"\nfeatures job {counted / seconds:,.0f} reviews/s, bare tokenizer {bare:,.0f}, ratio "
        f"{counted / seconds / bare:.2f}; memory at most {memory / GIB:.2f} GiB"
    )
    assert counted / seconds >= 0.6 * bare
    assert memory < 3 * GIB
