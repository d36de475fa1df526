"""Write the predictions of a batch: what the transform joined becomes Parquet, and a report of it.

With `ShardedByS3Key` every instance does this to its share of the files.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from reviews.batch.lines import NotAsExpected, Prediction, after
from reviews.host import current_host
from reviews.schema import Review

PROCESSING = Path("/opt/ml/processing")
SUFFIX = ".out"  # of what a transform writes


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the job's arguments."""
    parser = argparse.ArgumentParser(prog="write_predictions.py")
    parser.add_argument("--input", type=Path, default=PROCESSING / "input/joined")
    parser.add_argument("--model-package-arn", required=True, help="of the model that was asked")
    parser.add_argument(
        "--output", type=Path, default=PROCESSING / "output", help="gets predictions and report"
    )
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Run the job; what is wrong with its input is one line on stderr and exit code 1."""
    options = parse(words)
    try:
        run(options)
    except NotAsExpected as error:
        print(f"write_predictions: {error}", file=sys.stderr)
        return 1
    return 0


def run(options: argparse.Namespace) -> None:
    """Write `predictions/product_category=…/*.parquet` and the report; NotAsExpected."""
    from reviews.batch import table

    host, now = current_host(), datetime.now(UTC)
    files = sorted(path for path in options.input.rglob(f"*{SUFFIX}") if path.is_file())
    if not files:
        raise NotAsExpected(f"{options.input}: expected files that end in {SUFFIX}, found none")
    counts = Counts()
    (options.output / "predictions").mkdir(parents=True, exist_ok=True)
    table.write(
        options.output / "predictions",
        counts.counted(read(files)),
        options.model_package_arn,
        now,
        host,
    )
    content = counts.report() | {
        "files": len(files),
        "model_package_arn": options.model_package_arn,
        "predicted_at": now.isoformat(timespec="milliseconds"),
    }
    report: Path = options.output / "report" / f"predictions-{host}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(content, indent=2) + "\n")
    print(f"{content['reviews']} reviews, predicted {content['predicted']}")
    print(f"without a prediction: {content['errors']}")


def read(files: Iterable[Path]) -> Iterator[tuple[Review, Prediction]]:
    """Yield the scored reviews of files; NotAsExpected names the file and the line."""
    for file in files:
        with file.open(encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                try:
                    yield after(line)
                except NotAsExpected as error:
                    raise NotAsExpected(f"{file.name}, line {number}: {error}") from error


class Counts:
    """How often each label was predicted, and how often none."""

    def __init__(self) -> None:
        self._labels: Counter[int] = Counter()
        self._errors: Counter[str] = Counter()

    def counted(
        self, scored: Iterable[tuple[Review, Prediction]]
    ) -> Iterator[tuple[Review, Prediction]]:
        """Yield what comes, and count it."""
        for review, said in scored:
            if said.error is not None:
                self._errors[said.error] += 1
            elif said.predicted_label is not None:
                self._labels[said.predicted_label] += 1
            yield review, said

    def report(self) -> dict[str, Any]:
        """Return the counts; of the errors the ten most frequent ones."""
        errors = sum(self._errors.values())
        return {
            "reviews": sum(self._labels.values()) + errors,
            "predicted": {str(label): n for label, n in sorted(self._labels.items())},
            "errors": errors,
            "reasons": dict(self._errors.most_common(10)),
        }
