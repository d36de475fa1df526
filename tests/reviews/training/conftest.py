"""A few reviews as features, and hyperparameters for runs on them."""

import pytest

from reviews.schema import NAMES

LENGTH = 16
WORDS = (
    "terrible broken waste",
    "bad poor weak",
    "okay average fine",
    "good nice",
    "great love it",
)


@pytest.fixture(scope="session")
def features(image, weights, tmp_path_factory):
    """The output of the features job: 60 reviews whose words tell the rating."""
    folder = tmp_path_factory.mktemp("features")
    rows = [
        f"US\t1\tR{n}\tB1\t1\tT\tGift Card\t{n % 5 + 1}\t0\t0\tN\tY\tH\t{WORDS[n % 5]} number {n}"
        "\t2015-08-31"
        for n in range(60)
    ]
    (folder / "reviews.tsv").write_text("\n".join(["\t".join(NAMES), *rows]) + "\n")
    words = ("--max-seq-length", LENGTH, "--balance-dataset", "False")
    splits = ("--train-split-percentage", 0.6, "--validation-split-percentage", 0.2)
    words = (*words, *splits, "--test-split-percentage", 0.2)
    output = folder / "output"
    ended = image.run(
        "prepare_features.py",
        *("--input", folder / "reviews.tsv", "--weights", weights, "--output", output, *words),
    )
    assert ended.returncode == 0, ended.stderr
    return output / "bert"


@pytest.fixture
def hyperparameters(features, tiny_bert, tmp_path):
    """Return a function that makes the words of a run in a folder of its own."""

    def words(name="run", **changed):
        options = {
            "train": features / "train",
            "validation": features / "validation",
            "weights": tiny_bert,
            "model_output": tmp_path / name / "model",
            "checkpoints": tmp_path / name / "checkpoints",
            "epochs": 2,
            "learning_rate": 0.01,
            "train_batch_size": 8,
            "validation_batch_size": 8,
            **changed,
        }
        return [str(word) for key, value in options.items() for word in (f"--{key}", value)]

    return words
