import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from reviews.readers import Batch, read_all, review_files
from reviews.schema import Review
from slipway.images import environment

ROOT = Path(__file__).resolve().parents[2]
PUBLISHED = {1: 0.0801, 2: 0.0484, 3: 0.0804, 4: 0.1737, 5: 0.6174}  # of 150 962 278 reviews


def generate(folder: Path, *options: str) -> Path:
    script = ROOT / "scripts" / "generate_reviews.py"
    subprocess.run([sys.executable, script, folder, *options], check=True, capture_output=True)
    return folder


def batches(folder: Path, *, valid: bool = True) -> list[Batch]:
    return list(read_all(review_files(folder), valid=valid))


def reviews(folder: Path) -> list[Review]:
    return [review for batch in batches(folder) for review in batch.reviews]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generate(tmp_path_factory.mktemp("sample"), "--rows", "30000")


@pytest.fixture(scope="module")
def sample(folder: Path) -> list[Review]:
    return reviews(folder)


def test_every_row_is_valid_and_has_its_own_id(folder: Path, sample: list[Review]) -> None:
    assert not [reject for batch in batches(folder) for reject in batch.rejects]
    assert len({review.review_id for review in sample}) == 30000


def test_shares_are_near_the_published_ones(sample: list[Review]) -> None:
    stars = Counter(review.star_rating for review in sample)
    for star, share in PUBLISHED.items():
        assert stars[star] / len(sample) == pytest.approx(share, abs=0.01)
    cards = [r.star_rating for r in sample if r.product_category == "Gift Card"]
    assert np.mean(cards) == pytest.approx(4.73, abs=0.04)
    assert {r.product_category for r in sample} == {
        "Gift Card",
        "Digital_Software",
        "Digital_Video_Games",
    }
    assert Counter(r.vine for r in sample)["N"] / len(sample) >= 0.99


def test_lengths_are_near_the_published_percentiles(sample: list[Review]) -> None:
    words = [len(review.review_body.split()) for review in sample]
    assert np.percentile(words, 50) == pytest.approx(26, abs=2)
    assert np.percentile(words, 80) == pytest.approx(63, abs=4)
    assert np.percentile(words, 90) == pytest.approx(110, rel=0.15)


def test_votes_correlate_as_published(sample: list[Review]) -> None:
    stars, helpful, total = np.array([r[7:10] for r in sample]).T
    assert np.corrcoef(helpful, total)[0, 1] > 0.98
    assert -0.1 < np.corrcoef(total, stars)[0, 1] < 0
    assert (helpful <= total).all()


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    options = ("--rows", "3000", "--seed", "7", "--defect", "rating-7=3")
    first, again = generate(tmp_path / "a", *options), generate(tmp_path / "b", *options)
    other = generate(tmp_path / "c", "--rows", "3000", "--seed", "8", "--defect", "rating-7=3")
    for file in review_files(first):
        assert file.read_bytes() == (again / file.name).read_bytes()
        assert file.read_bytes() != (other / file.name).read_bytes()


@pytest.mark.parametrize(
    ("defect", "column"),
    [
        ("rating-7", "star_rating"),
        ("missing-marketplace", "marketplace"),
        ("wrong-encoding", "review_body"),
    ],
)
def test_a_defect_spoils_the_rows_asked_for(tmp_path: Path, defect: str, column: str) -> None:
    found = batches(generate(tmp_path, "--rows", "900", "--defect", f"{defect}=2"))
    rejects = [reject.column for batch in found for reject in batch.rejects]
    assert rejects == [column] * 6  # two in each of three files
    assert sum(len(batch.reviews) for batch in found) == 894


def test_a_broken_row_is_two_rejects_of_the_row(tmp_path: Path) -> None:
    found = batches(generate(tmp_path, "--rows", "900", "--defect", "broken-row"))
    rejects = [reject for batch in found for reject in batch.rejects]
    assert len(rejects) == 6
    assert all("expected 15 columns" in reject.reason for reject in rejects)


def test_a_duplicate_id_is_well_formed(tmp_path: Path) -> None:
    found = reviews(generate(tmp_path, "--rows", "900", "--defect", "duplicate-review-id=4"))
    assert len(found) - len({review.review_id for review in found}) == 12


def test_an_unknown_defect_is_named(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError) as error:
        generate(tmp_path, "--defect", "rating-8")
    assert b"expected one of rating-7" in error.value.stderr


def test_drift_changes_what_it_names(tmp_path: Path, sample: list[Review]) -> None:
    drifted = reviews(
        generate(tmp_path, "--rows", "6000", "--drift", "new-category", "emoji", "stars", "length")
    )
    assert "Mobile_Apps" in {review.product_category for review in drifted}
    assert sum("\U0001f4af" in r.review_body for r in drifted) > 100
    assert not any("\U0001f4af" in r.review_body for r in sample)
    ones = sum(review.star_rating == 1 for review in drifted)
    assert ones / len(drifted) == pytest.approx(0.30, abs=0.03)
    assert np.median([len(r.review_body.split()) for r in drifted]) > 50


@pytest.mark.slow
def test_a_good_model_learns_much_but_never_everything(folder: Path) -> None:
    """Trained to weigh all stars alike, as the pipeline's balanced split makes a model do."""
    python = environment.prefix("sklearn") / "bin" / "python"
    if not python.exists():
        pytest.skip("the sklearn image is not set up")
    script = Path(__file__).parent / "learnable.py"
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        [python, script, folder], env=environ, check=True, capture_output=True, text=True
    )
    found = json.loads(done.stdout)
    assert 0.55 < found["accuracy"] < 0.75
    assert 0.45 < found["balanced_accuracy"] < 0.75
