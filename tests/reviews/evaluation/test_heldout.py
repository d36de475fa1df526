"""No review is on both sides, and the baselines learn from a fair sample."""

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from reviews.evaluation import baselines, heldout, metrics


def write(folder, *files):
    """Write files of (review_id, text) pairs."""
    folder.mkdir()
    for number, rows in enumerate(files):
        content = {
            "review_id": [review for review, _ in rows],
            "review_body": [text for _, text in rows],
            "label_id": pa.array([4] * len(rows), pa.int32()),
            "product_category": ["Gift Card"] * len(rows),
        }
        parquet.write_table(pa.table(content), folder / f"part-{number}.parquet")
    return folder


@pytest.fixture
def held_out(tmp_path):
    return heldout.read(write(tmp_path / "test", [("R1", "one"), ("R2", "two")]))


def test_other_reviews_are_no_leak(held_out, tmp_path):
    heldout.check(write(tmp_path / "train", [("R3", "three")], [("R4", "four")]), held_out)


@pytest.mark.parametrize(
    ("row", "found"),
    [(("R2", "else"), "review_id .* found 'R2'"), (("R5", "one"), "review_body .* found 'one'")],
)
def test_an_id_or_a_text_of_the_test_split_in_any_training_file_is_a_leak(
    held_out, tmp_path, row, found
):
    train = write(tmp_path / "train", [("R3", "three")], [("R4", "four"), row])
    with pytest.raises(heldout.Leak, match=found):
        heldout.check(train, held_out)


def test_a_sample_is_without_repetition_the_same_for_the_same_seed_and_at_most_everything(tmp_path):
    rows = [(f"R{n}", f"text {n}") for n in range(100)]
    train = write(tmp_path / "train", rows[:30], rows[30:])

    def ids(most, seed=1):
        return heldout.sample(train, most, seed)["review_id"].to_pylist()

    assert len(set(ids(40))) == 40
    assert ids(40) == ids(40) != ids(40, seed=2)
    assert set(ids(1000)) == {review for review, _ in rows}


def test_a_split_without_files_is_named(tmp_path):
    with pytest.raises(heldout.NoReviews, match=f"{tmp_path}: expected Parquet files"):
        heldout.read(tmp_path)


def test_the_majority_is_the_best_constant_answer():
    actual = np.array([4, 4, 4, 0, 2])
    found = metrics.summary(actual, baselines.majority(actual, 5))
    assert found["accuracy"]["value"] == 3 / 5
    assert found["balanced_accuracy"]["value"] == 1 / 3
    assert found["auc"]["value"] == 1 / 2


def test_the_linear_baseline_learns_words_and_may_never_have_seen_a_label():
    texts = ["so good", "very good", "so bad", "very bad"] * 5
    known = np.array([4, 4, 0, 0] * 5)
    found = baselines.tfidf_logistic(texts, known, ["good", "bad"], 5, seed=1)
    assert found.argmax(axis=1).tolist() == [4, 0]
    assert found.sum(axis=1) == pytest.approx([1, 1])
    assert (found[:, [1, 2, 3]] == 0).all()
