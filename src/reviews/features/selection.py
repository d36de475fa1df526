"""Choose the rows of the partitions that become features; a `.npy` file beside each marks them."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray

from reviews.features import balance
from reviews.features.partitions import column, repeated, rows_at
from reviews.features.split import SPLITS
from reviews.quarantine import Quarantine
from reviews.schema import Reject
from reviews.spec import FeatureSpec

TRAIN = SPLITS.index("train")


def marks(partition: Path) -> Path:
    """Return the file that marks the rows to keep of a partition."""
    return partition.with_suffix(".npy")


def drop_repeated(
    partitions: Sequence[Path], files: Sequence[Path], quarantine: Quarantine
) -> None:
    """Keep the first row of each `review_id`, and set the others aside."""
    for partition in partitions:
        again = repeated(partition)
        np.save(marks(partition), ~again)
        quarantine.add(-int(again.sum()), refused(partition, again, files))


def refused(partition: Path, again: NDArray[np.bool_], files: Sequence[Path]) -> Iterator[Reject]:
    """Yield a reject per row that repeats a `review_id`."""
    for row in rows_at(partition, again):
        file = files[row["file"]].name
        reason = f"expected an id that no earlier row has, found {row['review_id']!r}"
        text = "\t".join(str(row[name]) for name in ("review_id", "star_rating", "review_body"))
        yield Reject(file, row["line"], "review_id", reason, text)


def count(partitions: Sequence[Path], spec: FeatureSpec) -> NDArray[np.int64]:
    """Count the rows kept by split and label; shape (3, labels)."""
    found = np.zeros((len(SPLITS), len(spec.star_ratings)), np.int64)
    for partition in partitions:
        keep = np.load(marks(partition))
        stars, splits = column(partition, "star_rating")[keep], column(partition, "split")[keep]
        for label, star in enumerate(spec.star_ratings):
            found[:, label] += np.bincount(splits[stars == star], minlength=len(SPLITS))
    return found


def balance_training(partitions: Sequence[Path], spec: FeatureSpec) -> None:
    """Keep as many training rows of each class as the smallest has (see `balance`)."""
    counts = np.zeros((len(spec.star_ratings), 1 << balance.BITS), np.int64)
    for partition in partitions:
        for label, star in enumerate(spec.star_ratings):
            counts[label] += balance.histogram(training_priorities(partition, star))
    size = balance.smallest(dict(zip(spec.star_ratings, counts.sum(axis=1).tolist(), strict=True)))
    limits = {}
    for label, star in enumerate(spec.star_ratings):
        bucket, rank = balance.bucket_of(counts[label], size)
        limits[star] = balance.limit_in(
            (balance.within(training_priorities(p, star), bucket) for p in partitions), rank
        )
    for partition in partitions:
        keep = np.load(marks(partition))
        stars, splits = column(partition, "star_rating"), column(partition, "split")
        highest = np.zeros(max(spec.star_ratings) + 1, np.uint64)
        for star, limit in limits.items():
            highest[star] = limit
        over = column(partition, "priority") > highest[stars.astype(np.int64)]
        np.save(marks(partition), keep & ~((splits == TRAIN) & over))


def training_priorities(partition: Path, star: int) -> NDArray[np.uint64]:
    """Return the priorities of the training rows kept with a star rating."""
    chosen = np.load(marks(partition))
    chosen &= column(partition, "split") == TRAIN
    chosen &= column(partition, "star_rating") == star
    return cast(NDArray[np.uint64], column(partition, "priority")[chosen])
