"""From reviews to evaluation.json with the real weights, and what evaluation refuses."""

import json
import shutil
import tarfile

import pytest
from pyarrow import parquet

from reviews.schema import NAMES

pytestmark = pytest.mark.slow
CATEGORIES = ("Gift Card", "Digital_Software")
WORDS = (
    "terrible broken waste",
    "bad poor weak",
    "okay average fine",
    "good nice",
    "great love it",
)


def packed(model, folder):
    folder.mkdir()
    with tarfile.open(folder / "model.tar.gz", "w:gz", compresslevel=1) as content:
        content.add(model, ".")
    return folder


@pytest.fixture(scope="module")
def evaluated(image, weights, tmp_path_factory):
    """The three jobs, one after the other, on a few reviews."""
    folder = tmp_path_factory.mktemp("chain")
    rows = [
        f"US\t1\tR{n}\tB1\t1\tT\t{CATEGORIES[n % 2]}\t{n % 5 + 1}\t0\t0\tN\tY\tH\t"
        f"{WORDS[n % 5]} number {n}\t2015-08-31"
        for n in range(150)
    ]
    (folder / "reviews.tsv").write_text("\n".join(["\t".join(NAMES), *rows]) + "\n")
    bert, model = folder / "features" / "bert", folder / "model"
    splits = ("--train-split-percentage", 0.6, "--validation-split-percentage", 0.1)
    ended = image.run(
        "prepare_features.py",
        *("--input", folder / "reviews.tsv", "--weights", weights, "--output", folder / "features"),
        *(*splits, "--test-split-percentage", 0.3, "--max-seq-length", 16),
    )
    assert ended.returncode == 0, ended.stderr
    ended = image.run(
        "train.py",
        *("--train", bert / "train", "--validation", bert / "validation", "--weights", weights),
        *("--model_output", model, "--checkpoints", folder / "checkpoints"),
        *("--freeze_bert_layer", "True", "--epochs", 6, "--learning_rate", 0.01),
        *("--train_batch_size", 16),
    )
    assert ended.returncode == 0, ended.stderr
    packed(model, folder / "packed")
    ended = image.run("evaluate.py", *arguments(folder, bert, folder / "metrics"))
    assert ended.returncode == 0, ended.stderr
    return folder, bert


def arguments(folder, bert, output):
    model, test, train = folder / "packed", bert / "test", bert / "train"
    return ("--model", model, "--test", test, "--train", train, "--output", output)


def test_the_model_learned_and_its_figures_stand_beside_the_baselines(evaluated):
    folder, bert = evaluated
    found = json.loads((folder / "metrics" / "evaluation.json").read_text())
    tests = sum(parquet.read_metadata(f).num_rows for f in (bert / "test").glob("*.parquet"))
    accuracy = found["metrics"]["accuracy"]["value"]
    assert found["reviews"] == tests
    assert accuracy > found["baselines"]["majority"]["accuracy"]["value"]
    assert found["baselines"]["tfidf_logistic"]["accuracy"]["value"] > 0.9
    names = {"accuracy", "balanced_accuracy", "macro_f1", "mcc", "auc"}
    assert names < set(found["metrics"])
    shares = [
        (part["reviews"], part["accuracy"]["value"]) for part in found["product_category"].values()
    ]
    assert set(found["product_category"]) == set(CATEGORIES)
    assert sum(n * value for n, value in shares) / tests == pytest.approx(accuracy)


def test_the_confusion_matrix_is_written_as_numbers_and_as_a_picture(evaluated):
    folder, _ = evaluated
    table = json.loads((folder / "metrics" / "confusion_matrix.json").read_text())
    found = json.loads((folder / "metrics" / "evaluation.json").read_text())
    rows = table["actual_by_predicted"]
    named = found["metrics"]["confusion_matrix"]
    assert [list(row.values()) for row in named.values()] == rows
    assert list(named) == list(map(str, table["star_ratings"]))
    right = sum(rows[n][n] for n in range(5))
    assert right / found["reviews"] == pytest.approx(found["metrics"]["accuracy"]["value"])
    assert (folder / "metrics" / "confusion_matrix.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_test_review_that_was_trained_on_fails_the_job(evaluated, image, tmp_path):
    folder, bert = evaluated
    leaky = tmp_path / "bert"
    shutil.copytree(bert, leaky)
    shutil.copy(next((bert / "test").glob("*.parquet")), leaky / "train" / "more.parquet")
    ended = image.run("evaluate.py", *arguments(folder, leaky, tmp_path / "metrics"))
    assert ended.returncode == 1
    assert "expected no review_id in both the training and the test split" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_model_that_is_not_there_is_named(evaluated, image, tmp_path):
    folder, bert = evaluated
    words = dict(zip(*[iter(arguments(folder, bert, tmp_path / "metrics"))] * 2, strict=True))
    words["--model"] = tmp_path
    ended = image.run("evaluate.py", *(word for pair in words.items() for word in pair))
    assert ended.returncode == 1
    assert f"evaluate: {tmp_path}: expected model.tar.gz, found none" in ended.stderr
