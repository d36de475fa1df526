"""Evaluate the model artifact on the held-out test split, beside baselines that learn from training."""

import os
import sys
import tempfile
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from reviews.evaluation import arguments, baselines, heldout, metrics, report
from reviews.evaluation.artifact import NoModel, unpack

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # errors only; must be set before the import


def main(words: Sequence[str] | None = None) -> int:
    """Run the job; what is wrong with its inputs is one line on stderr and exit code 1."""
    options = arguments.parse(words)
    try:
        run(options)
    except (NoModel, heldout.NoReviews, heldout.Leak) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 1
    return 0


def run(options: Namespace) -> None:
    """Write evaluation.json and the confusion matrix into `options.output`."""
    test = heldout.read(options.test)
    if not len(test):
        raise heldout.NoReviews(
            f"{options.test}: expected reviews to judge the model by, found none"
        )
    heldout.check(options.train, test)
    texts = test["review_body"].to_pylist()
    actual = test["label_id"].to_numpy().astype(np.int64)
    with tempfile.TemporaryDirectory() as temporary:
        unpacked = unpack(options.model, Path(temporary))
        from reviews.evaluation.model import StarRatingModel  # takes seconds: not before the checks

        model = StarRatingModel(unpacked)
        probabilities = model.probabilities(texts, options.batch_size)
    stars = model.spec.star_ratings
    train = heldout.sample(options.train, options.baseline_rows, options.seed)
    linear = baselines.tfidf_logistic(
        train["review_body"].to_pylist(),
        train["label_id"].to_numpy().astype(np.int64),
        texts,
        len(stars),
        options.seed,
    )
    content = report.evaluation(
        actual,
        probabilities,
        np.array(test["product_category"].to_pylist()),
        {"majority": baselines.majority(actual, len(stars)), "tfidf_logistic": linear},
        stars,
    )
    matrix = metrics.confusion(actual, probabilities.argmax(axis=1), len(stars))
    report.write(options.output, content, matrix, stars)
    for name, found in {"model": content["metrics"], **content["baselines"]}.items():
        print(
            f"{name}: accuracy {found['accuracy']['value']:.3f}, "
            f"balanced accuracy {found['balanced_accuracy']['value']:.3f}, "
            f"macro F1 {found['macro_f1']['value']:.3f} on {len(texts)} reviews"
        )
