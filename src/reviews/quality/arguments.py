"""The arguments of the quality job."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from reviews.arguments import positive, share

PROCESSING = Path("/opt/ml/processing")


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the job's arguments."""
    parser = argparse.ArgumentParser(prog="check_quality.py")
    parser.add_argument("--minimum-review-count", type=positive, default=150_000_000)
    parser.add_argument("--max-reject-share", type=share, default=0.01, help="0 to 1")
    parser.add_argument("--input", type=Path, default=PROCESSING / "input/data")
    parser.add_argument(
        "--history", type=Path, default=PROCESSING / "input/metrics", help="metrics of earlier runs"
    )
    parser.add_argument(
        "--output",
        type=Path,
        default=PROCESSING / "output",
        help="gets quality, quarantine, and in metrics a file with this run's metrics",
    )
    return parser.parse_args(words)
