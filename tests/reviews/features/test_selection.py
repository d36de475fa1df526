"""Repeated ids are set aside, and classes made equal, over many partitions."""

import json
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reviews.features import balance, partitions, selection
from reviews.features.partitions import column, make_partitions, refused, scatter, share_out
from reviews.features.selection import balance_training, count, drop_repeated, marks
from reviews.features.split import Splitter
from reviews.quarantine import Quarantine
from reviews.schema import NAMES
from reviews.spec import FeatureSpec

SPEC = FeatureSpec(16)


def row(review_id, stars, body):
    return f"US\t1\t{review_id}\tB1\t1\tT\tGift Card\t{stars}\t0\t0\tN\tY\tH\t{body}\t2015-08-31"


def write(path, rows):
    path.write_text("\n".join(["\t".join(NAMES), *rows]) + "\n")
    return path


@pytest.fixture
def scattered(tmp_path, monkeypatch):
    """Scatter rows over several partitions."""
    monkeypatch.setattr(partitions, "BYTES", 2000)

    def scatter_rows(*files, shares=(0.8, 0.1, 0.1)):
        paths = [write(tmp_path / f"{n}.tsv", rows) for n, rows in enumerate(files)]
        quarantine = Quarantine(tmp_path / "rejects.jsonl", 1.0)
        found = make_partitions(paths, tmp_path / "partitions")
        for reading in share_out(paths, Splitter(shares, 7), found, 2):
            quarantine.add(scatter(reading), refused(reading))
        drop_repeated(found, paths, quarantine)
        quarantine.check()
        return found, quarantine

    return scatter_rows


def kept(found, name):
    return [v for path in found for v in column(path, name)[np.load(marks(path))]]


def test_every_good_row_is_in_one_partition(scattered):
    rows = [row(f"R{n}", n % 5 + 1, f"text {n}") for n in range(300)]
    found, quarantine = scattered(rows[:100], [*rows[100:], row("R!", 9, "no such rating")])
    assert len(found) > 5
    places = zip(kept(found, "file"), kept(found, "line"), strict=True)
    assert sorted(places) == [(0, n) for n in range(2, 102)] + [(1, n) for n in range(2, 202)]
    assert quarantine.report()["rejected"] == 1


def test_the_first_row_of_an_id_stays_and_the_others_are_set_aside_with_their_place(scattered):
    rows = [row(f"R{n}", 5, f"text {n}") for n in range(50)]
    found, quarantine = scattered([*rows, row("R3", 1, "again")], [row("R3", 2, "and again")])
    assert (quarantine.rows, quarantine.rejected) == (52, 2)
    refused = [json.loads(line) for line in quarantine.path.read_text().splitlines()]
    assert [(r["file"], r["line"], r["column"]) for r in refused] == [
        ("0.tsv", 52, "review_id"),
        ("1.tsv", 2, "review_id"),
    ]
    assert count(found, SPEC).sum() == 50
    assert kept(found, "star_rating").count(5) == 50


def test_balancing_makes_the_training_classes_equal_and_leaves_the_other_splits(scattered):
    sizes = {1: 70, 2: 40, 3: 90, 4: 300, 5: 800}
    rows = [row(f"R{s}N{n}", s, f"{s} {n}") for s, size in sizes.items() for n in range(size)]
    found, _ = scattered(rows)
    before = count(found, SPEC)
    balance_training(found, SPEC)
    after = count(found, SPEC)
    assert set(after[0]) == {before[0].min()}
    assert np.array_equal(after[1:], before[1:])


def test_balancing_keeps_the_rows_of_least_priority(scattered):
    rows = [row(f"R{n}", n % 5 + 1 if n < 50 else 5, f"text {n}") for n in range(400)]
    found, _ = scattered(rows, shares=(1, 0, 0))
    every = Counter()
    for path in found:
        for star, priority in zip(
            column(path, "star_rating"), column(path, "priority"), strict=True
        ):
            every[int(star), int(priority)] += 1
    balance_training(found, SPEC)
    stay = set(zip(kept(found, "star_rating"), kept(found, "priority"), strict=True))
    fives = sorted(priority for star, priority in every if star == 5)
    assert {priority for star, priority in stay if star == 5} == set(fives[:10])


def test_a_class_without_training_rows_cannot_be_balanced(scattered):
    found, _ = scattered([row(f"R{n}", 5, f"text {n}") for n in range(20)])
    with pytest.raises(balance.CannotBalance, match=r"found none of 1 stars; give more data"):
        selection.balance_training(found, SPEC)


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=20), st.integers(1, 8))
def test_files_are_shared_out_whole_in_order_and_fairly(sizes, most):
    with TemporaryDirectory() as folder:
        files = [Path(folder) / str(n) for n in range(len(sizes))]
        for file, size in zip(files, sizes, strict=True):
            file.write_bytes(bytes(size))
        found = share_out(files, Splitter((1, 0, 0), 7), [], most)
        assert [file for reading in found for file in reading.files] == files
        assert [files[reading.first] for reading in found] == [r.files[0] for r in found]
        assert len(found) <= most
        for reading in found:
            load = sum(file.stat().st_size for file in reading.files)
            assert load < sum(sizes) / most + max(sizes) or load == 0


@given(
    arrays(np.uint64, st.integers(1, 200), elements=st.integers(0, 2**64 - 1), unique=True),
    st.data(),
)
def test_the_limit_is_the_wanted_least_priority(priorities, data):
    wanted = data.draw(st.integers(1, len(priorities)))
    bucket, rank = balance.bucket_of(balance.histogram(priorities), wanted)
    limit = balance.limit_in([balance.within(priorities, bucket)], rank)
    assert (priorities <= limit).sum() == wanted
