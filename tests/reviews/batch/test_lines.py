"""The lines before and after a batch transform, and the jobs that write and read them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import dataset

from reviews.batch import prepare, write
from reviews.batch.lines import NotAsExpected, Prediction, after, before
from reviews.schema import NAMES, Review

REVIEW = Review(
    *("US", "1", "R1", "B1", "1", None, "Gift Card", 5, 0, 2, "N", "Y", None, "It works.", None)
)
texts = st.text(min_size=1, max_size=20).filter(str.strip)


def joined(review, answer):
    """Return the line that a transform makes of a review's line and the model's answer."""
    return json.dumps({"review": json.loads(before(review))["review"], "SageMakerOutput": answer})


@given(texts)
def test_a_review_comes_back_with_its_prediction(text):
    review = REVIEW._replace(review_body=text)
    line = before(review)
    assert line.count("\n") == 1
    assert json.loads(line)["request"] == {"features": [text]}
    answer = {"predicted_label": 4, "score": 0.25}
    assert after(joined(review, answer)) == (review, Prediction(4, 0.25, None))


def test_a_line_that_the_model_could_not_read_has_its_error():
    assert after(joined(REVIEW, {"error": "empty"}))[1] == Prediction(None, None, "empty")


@pytest.mark.parametrize(
    "line", ["", "[]", "{}", joined(REVIEW, 7), joined(REVIEW, {}), '{"review": {"a": 1}}']
)
def test_any_other_line_is_told(line):
    with pytest.raises(NotAsExpected, match="expected an object with review"):
        after(line)


def test_the_jobs_hand_reviews_on(tmp_path, capsys):
    rows = ["\t".join(NAMES)]
    for number in range(5):
        values = REVIEW._replace(review_id=f"R{number}", product_category="ab"[number % 2])
        rows.append("\t".join("" if value is None else str(value) for value in values))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.tsv").write_text("\n".join([*rows, "broken"]) + "\n")
    paths = ["--input", str(tmp_path / "in"), "--output", str(tmp_path / "out")]
    assert prepare.main([*paths, "--reviews-per-file", "2"]) == 1
    assert "1 of 6 rows (16.67%) were refused" in capsys.readouterr().err
    assert prepare.main([*paths, "--reviews-per-file", "2", "--max-reject-share", "0.5"]) == 0
    files = sorted((tmp_path / "out" / "batch").iterdir())
    assert [len(path.read_text().splitlines()) for path in files] == [2, 2, 1]

    answers = [{"predicted_label": 3, "score": 0.5}, {"error": "no"}]
    (tmp_path / "joined").mkdir()
    for path in files:
        lines = map(json.loads, path.read_text().splitlines())
        text = "".join(
            json.dumps({"review": line["review"], "SageMakerOutput": answers[n]}) + "\n"
            for n, line in enumerate(lines)
        )
        (tmp_path / "joined" / f"{path.name}.out").write_text(text)
    paths = ["--input", str(tmp_path / "joined"), "--output", str(tmp_path / "scored")]
    assert write.main([*paths, "--model-package-arn", "arn"]) == 0
    table = dataset.dataset(tmp_path / "scored" / "predictions", partitioning="hive").to_table()
    rows = sorted(table.to_pylist(), key=lambda row: row["review_id"])
    assert [row["predicted_label"] for row in rows] == [3, None, 3, None, 3]
    assert [row["product_category"] for row in rows] == ["a", "b", "a", "b", "a"]
    assert [row["error"] for row in rows] == [None, "no", None, "no", None]
    report = json.loads((tmp_path / "scored" / "report" / "predictions-algo-1.json").read_text())
    assert (report["reviews"], report["predicted"], report["errors"]) == (5, {"3": 3}, 2)
