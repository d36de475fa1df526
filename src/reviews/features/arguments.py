"""The arguments of the features job."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from reviews.arguments import boolean, positive, share

PROCESSING = Path("/opt/ml/processing")


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the job's arguments; exits with 2 and a line on stderr where they make no sense."""
    parser = argparse.ArgumentParser(prog="prepare_features.py")
    parser.add_argument("--train-split-percentage", type=share, default=0.90, help="0 to 1")
    parser.add_argument("--validation-split-percentage", type=share, default=0.05, help="0 to 1")
    parser.add_argument("--test-split-percentage", type=share, default=0.05, help="0 to 1")
    parser.add_argument("--max-seq-length", type=positive, default=64, help="tokens per review")
    parser.add_argument("--balance-dataset", type=boolean, default=True, help="True or False")
    parser.add_argument("--feature-store-offline-prefix", default="reviews-feature-store")
    parser.add_argument("--feature-group-name", default="reviews-feature-group")
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--max-reject-share", type=share, default=0.01, help="0 to 1")
    parser.add_argument("--input", type=Path, default=PROCESSING / "input/data")
    parser.add_argument(
        "--weights", type=Path, default=PROCESSING / "input/weights", help="has tokenizer.json"
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=PROCESSING / "output",
        help="gets bert/train, bert/validation, bert/test, report and quarantine",
    )
    options = parser.parse_args(words)
    total = (
        options.train_split_percentage
        + options.validation_split_percentage
        + options.test_split_percentage
    )
    if abs(total - 1) > 1e-6:
        parser.error(f"expected split percentages whose sum is 1.0, found {total:g}")
    return options
