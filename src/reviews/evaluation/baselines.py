"""What a model must beat: always the same answer, and a linear model of word counts."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


def majority(actual: NDArray[np.int64], labels: int) -> NDArray[np.float64]:
    """Return the probabilities (n, labels) of the best constant answer: the most frequent label.

    It is taken from the reviews that are judged, so no constant learned elsewhere does better.
    """
    counts = np.bincount(actual, minlength=labels)
    answer = np.zeros((len(actual), labels))
    answer[:, counts.argmax()] = 1
    return answer


def tfidf_logistic(
    texts: Sequence[str],
    known: NDArray[np.int64],
    judged: Sequence[str],
    labels: int,
    seed: int,
) -> NDArray[np.float64]:
    """Learn a logistic regression on TF-IDF of one and two words; return probabilities (n, labels)."""
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, max_features=50_000, sublinear_tf=True)
    model = make_pipeline(words, LogisticRegression(max_iter=1000, random_state=seed))
    model.fit(texts, known)
    found = np.zeros((len(judged), labels))
    found[:, model.classes_] = model.predict_proba(judged)
    return found
