"""The arguments of the evaluation job."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from reviews.arguments import positive

PROCESSING = Path("/opt/ml/processing")


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the job's arguments."""
    parser = argparse.ArgumentParser(prog="evaluate.py")
    parser.add_argument(
        "--model", type=Path, default=PROCESSING / "input/model", help="has model.tar.gz"
    )
    parser.add_argument(
        "--test", type=Path, default=PROCESSING / "input/test", help="the output bert-test"
    )
    parser.add_argument(
        "--train",
        type=Path,
        default=PROCESSING / "input/train",
        help="the output bert-train, for the baselines",
    )
    parser.add_argument("--batch-size", type=positive, default=128)
    parser.add_argument(
        "--baseline-rows", type=positive, default=100_000, help="most that the baseline learns from"
    )
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument(
        "--output",
        type=Path,
        default=PROCESSING / "output/metrics",
        help="gets evaluation.json, confusion_matrix.json and confusion_matrix.png",
    )
    return parser.parse_args(words)
