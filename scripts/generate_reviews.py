"""Write sample reviews: Amazon-reviews TSV.gz files, the same bytes for the same options.

python scripts/generate_reviews.py OUTPUT [--rows 1000] [--seed 0] [--drift …] [--defect NAME[=COUNT] …]
"""

import argparse
import gzip
import sys
from collections import Counter
from pathlib import Path

import numpy as np
from sample_reviews.defects import DEFECTS, line
from sample_reviews.rows import COLUMNS, Drift, categories, rows

DRIFTS = ("new-category", "emoji", "stars", "length")


def main() -> int:
    """Write one file per category and say what was written."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path, help="folder of the files")
    parser.add_argument("--rows", type=int, default=10_000, help="rows over all files")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--drift", nargs="+", choices=DRIFTS, default=[], help="how the data have changed"
    )
    parser.add_argument(
        "--defect",
        nargs="+",
        type=defect,
        default=[],
        metavar="NAME[=COUNT]",
        help=f"rows to spoil in every file: {', '.join(DEFECTS)}",
    )
    options = parser.parse_args()
    drift = Drift(**{name.replace("-", "_"): name in options.drift for name in DRIFTS})
    options.output.mkdir(parents=True, exist_ok=True)
    for category, count in split(options.rows, categories(drift)).items():
        name = f"amazon_reviews_us_{category.replace(' ', '_')}_v1_00.tsv.gz"
        write(
            options.output / name,
            options.seed,
            category,
            count,
            drift,
            Counter(dict(options.defect)),
        )
        print(f"{options.output / name}: {count} reviews", file=sys.stderr)
    return 0


def defect(text: str) -> tuple[str, int]:
    """Read NAME or NAME=COUNT; argparse turns a ValueError into its own error."""
    name, _, count = text.partition("=")
    if name not in DEFECTS:
        raise argparse.ArgumentTypeError(f"expected one of {', '.join(DEFECTS)}, found {name!r}")
    return name, int(count or 1)


def split(total: int, shares: dict[str, float]) -> dict[str, int]:
    """Divide rows among categories; the counts add up to the total."""
    bounds = np.rint(np.cumsum([0, *shares.values()]) / sum(shares.values()) * total).astype(int)
    return dict(zip(shares, np.diff(bounds).tolist(), strict=True))


def write(
    path: Path, seed: int, category: str, count: int, drift: Drift, defects: Counter[str]
) -> None:
    """Write the file of one category, spoiling as many rows as asked at places the seed decides."""
    wanted = [name for name, times in sorted(defects.items()) for _ in range(times)]
    if len(wanted) >= count:
        raise SystemExit(f"{category}: {len(wanted)} defects do not fit into {count} rows")
    # Never the first row: a duplicate needs one before it.
    places = np.random.default_rng([seed, 1]).permutation(count - 1)[: len(wanted)] + 1
    spoiled = dict(zip(places.tolist(), wanted, strict=True))
    number, previous = 0, list[str]()
    # No file name and no time in the header, so that equal content is equal bytes.
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 6, raw, mtime=0) as file:
        file.write(line(COLUMNS) + b"\n")
        for chunk in rows(seed, category, count, drift):
            lines = []
            for fields in chunk:
                name = spoiled.get(number)
                lines.append(DEFECTS[name](fields, previous) if name else line(fields))
                number, previous = number + 1, fields
            file.write(b"\n".join(lines) + b"\n")


if __name__ == "__main__":
    sys.exit(main())
