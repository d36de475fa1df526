"""Metrics of a classifier, from its confusion matrix and its probabilities. Pure functions.

A confusion matrix C is an array of counts, shape (labels, labels): C[i, j] reviews of label i were
predicted as j. "Present" labels are those that have reviews.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]


def confusion(actual: Counts, predicted: Counts, labels: int) -> Counts:
    """Count pairs of actual and predicted label; shape (labels, labels)."""
    return np.bincount(actual * labels + predicted, minlength=labels * labels).reshape(labels, -1)


def accuracy(matrix: Counts) -> float:
    """Return the share of reviews predicted right."""
    return float(np.trace(matrix) / matrix.sum())


def accuracy_deviation(matrix: Counts) -> float:
    """Return the standard deviation of the accuracy, sqrt(p (1 - p) / n)."""
    share = accuracy(matrix)
    return math.sqrt(share * (1 - share) / matrix.sum())


def recalls(matrix: Counts) -> NDArray[np.float64]:
    """Return the recall of each label, nan for one that is not present."""
    with np.errstate(invalid="ignore"):
        return np.asarray(np.diag(matrix) / matrix.sum(axis=1))


def balanced_accuracy(matrix: Counts) -> float:
    """Return the mean recall of the present labels."""
    return float(np.nanmean(recalls(matrix)))


def f1_scores(matrix: Counts) -> NDArray[np.float64]:
    """Return 2 TP / (2 TP + FP + FN) of each label; nan for one neither present nor predicted."""
    with np.errstate(invalid="ignore"):
        return np.asarray(2 * np.diag(matrix) / (matrix.sum(axis=0) + matrix.sum(axis=1)))


def macro_f1(matrix: Counts) -> float:
    """Return the mean F1 of the labels that are present or predicted."""
    return float(np.nanmean(f1_scores(matrix)))


def matthews(matrix: Counts) -> float:
    """Return the multiclass correlation coefficient (Gorodkin 2004); 0 where it is not defined.

    (c s - p·t) / sqrt((s² - p·p)(s² - t·t)): c right of s in all, p predicted and t actual per label.
    """
    counts = matrix.astype(np.float64)
    total, right = counts.sum(), np.trace(counts)
    predicted, actual = counts.sum(axis=0), counts.sum(axis=1)
    spread = (total**2 - predicted @ predicted) * (total**2 - actual @ actual)
    return float((right * total - predicted @ actual) / math.sqrt(spread)) if spread > 0 else 0.0


def auc(scores: NDArray[np.float64], positive: NDArray[np.bool_]) -> float:
    """Return the area under the ROC curve, the Mann-Whitney statistic; nan if only one side is present.

    The probability that a positive has a higher score than a negative, equal scores counting half.
    """
    positives, negatives = int(positive.sum()), int((~positive).sum())
    if not positives or not negatives:
        return math.nan
    _, group, size = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(size) - (size - 1) / 2)[group]  # from 1; equal scores share their mean rank
    return float((ranks[positive].sum() - positives * (positives + 1) / 2) / positives / negatives)


def macro_auc(probabilities: NDArray[np.float64], actual: Counts) -> float:
    """Return the mean one-versus-rest AUC of the labels for which it is defined; nan for none."""
    labels = range(probabilities.shape[1])
    found = [auc(probabilities[:, label], actual == label) for label in labels]
    defined = [value for value in found if not math.isnan(value)]
    return sum(defined) / len(defined) if defined else math.nan


def summary(actual: Counts, probabilities: NDArray[np.float64]) -> dict[str, Any]:
    """Return all metrics of a set of reviews as SageMaker's model quality has them, `{name: {value}}`."""
    matrix = confusion(actual, probabilities.argmax(axis=1), probabilities.shape[1])
    values = {
        "balanced_accuracy": balanced_accuracy(matrix),
        "macro_f1": macro_f1(matrix),
        "mcc": matthews(matrix),
        "auc": macro_auc(probabilities, actual),
    }
    deviation = accuracy_deviation(matrix)
    found: dict[str, Any] = {
        "accuracy": {"value": accuracy(matrix), "standard_deviation": deviation}
    }
    for name, value in values.items():
        found[name] = {"value": None if math.isnan(value) else value}
    return found
