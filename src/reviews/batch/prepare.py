"""Prepare a batch: review files become lines for a transform; bad rows are set aside.

With `ShardedByS3Key` every instance does this to its share of the files.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from reviews.arguments import positive, share
from reviews.batch.lines import before
from reviews.host import current_host
from reviews.quarantine import Quarantine, TooManyRejects
from reviews.readers import ReadError, read_all, review_files
from reviews.schema import Review

PROCESSING = Path("/opt/ml/processing")


def parse(words: Sequence[str] | None = None) -> argparse.Namespace:
    """Parse the job's arguments."""
    parser = argparse.ArgumentParser(prog="prepare_batch.py")
    parser.add_argument("--max-reject-share", type=share, default=0.01, help="0 to 1")
    parser.add_argument(
        "--reviews-per-file", type=positive, default=20_000, help="instances share whole files"
    )
    parser.add_argument("--input", type=Path, default=PROCESSING / "input/data")
    parser.add_argument(
        "--output", type=Path, default=PROCESSING / "output", help="gets batch, report, quarantine"
    )
    return parser.parse_args(words)


def main(words: Sequence[str] | None = None) -> int:
    """Run the job; what is wrong with the data is one line on stderr and exit code 1."""
    options = parse(words)
    try:
        run(options)
    except (ReadError, TooManyRejects) as error:
        print(f"prepare_batch: {error}", file=sys.stderr)
        return 1
    return 0


def run(options: argparse.Namespace) -> None:
    """Write `batch/*.jsonl`, the report, and the quarantine; ReadError, TooManyRejects."""
    host = current_host()
    files = review_files(options.input)
    folder: Path = options.output / "batch"
    folder.mkdir(parents=True, exist_ok=True)
    rejects = options.output / "quarantine" / f"rejects-{host}.jsonl"
    with Quarantine(rejects, options.max_reject_share) as quarantine:
        accepted = (review for batch in quarantine.accept(read_all(files)) for review in batch)
        written = write(folder, host, accepted, options.reviews_per_file)
    content = {
        "files": [file.name for file in files],
        "quarantine": quarantine.report(),
        "batch_files": written,
    }
    report: Path = options.output / "report" / f"batch-{host}.json"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(json.dumps(content, indent=2) + "\n")
    print(f"{quarantine.rows - quarantine.rejected} reviews in {written} files")
    print(f"refused: {quarantine.rejected} of {quarantine.rows} rows")


def write(folder: Path, host: str, reviews: Iterable[Review], per_file: int) -> int:
    """Write reviews as lines, so many in a file; return how many files there are."""
    number = -1
    for number, some in enumerate(chunks(reviews, per_file)):
        with (folder / f"{host}-{number:05}.jsonl").open("w", encoding="utf-8") as file:
            file.writelines(map(before, some))
    return number + 1


def chunks(reviews: Iterable[Review], size: int) -> Iterator[list[Review]]:
    """Yield the reviews in lists of a size, the last one shorter."""
    some: list[Review] = []
    for review in reviews:
        some.append(review)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some
