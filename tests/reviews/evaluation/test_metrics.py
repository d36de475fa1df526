"""The metrics against scikit-learn's, and against values worked out by hand."""

import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from sklearn import metrics as sklearn

from reviews.evaluation import metrics

LABELS = 5
PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=60)


def matrix_of(pairs):
    actual, predicted = np.array(pairs).T
    return actual, predicted, metrics.confusion(actual, predicted, LABELS)


@pytest.mark.filterwarnings("ignore:A single label was found")
@given(PAIRS)
def test_metrics_of_a_confusion_matrix_are_those_of_scikit_learn(pairs):
    actual, predicted, matrix = matrix_of(pairs)
    assert np.array_equal(matrix, sklearn.confusion_matrix(actual, predicted, labels=range(LABELS)))
    assert metrics.accuracy(matrix) == pytest.approx(sklearn.accuracy_score(actual, predicted))
    assert metrics.macro_f1(matrix) == pytest.approx(
        sklearn.f1_score(actual, predicted, average="macro")
    )
    assert metrics.matthews(matrix) == pytest.approx(sklearn.matthews_corrcoef(actual, predicted))
    with warnings.catch_warnings():  # a predicted label that is not present: left out here as there
        warnings.simplefilter("ignore")
        expected = sklearn.balanced_accuracy_score(actual, predicted)
    assert metrics.balanced_accuracy(matrix) == pytest.approx(expected)


@given(st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=60))
def test_auc_is_that_of_scikit_learn_also_where_scores_are_equal(pairs):
    scores = np.array([score / 9 for score, _ in pairs])
    positive = np.array([there for _, there in pairs])
    assume(0 < positive.sum() < len(positive))
    assert metrics.auc(scores, positive) == pytest.approx(sklearn.roc_auc_score(positive, scores))


@given(st.integers(0, 10_000))
def test_macro_auc_is_scikit_learns_one_versus_rest(seed):
    random = np.random.default_rng(seed)
    actual = np.concatenate([np.arange(LABELS), random.integers(0, LABELS, 40)])
    probabilities = random.dirichlet(np.ones(LABELS), len(actual))
    expected = sklearn.roc_auc_score(actual, probabilities, multi_class="ovr", average="macro")
    assert metrics.macro_auc(probabilities, actual) == pytest.approx(expected)


def test_values_worked_out_by_hand():
    matrix = np.array([[3, 1], [2, 4]])
    assert metrics.accuracy(matrix) == pytest.approx(0.7)
    assert metrics.accuracy_deviation(matrix) == pytest.approx((0.7 * 0.3 / 10) ** 0.5)
    assert metrics.balanced_accuracy(matrix) == pytest.approx((3 / 4 + 4 / 6) / 2)
    assert metrics.macro_f1(matrix) == pytest.approx((6 / 9 + 8 / 11) / 2)
    assert metrics.matthews(matrix) == pytest.approx((3 * 4 - 1 * 2) / (4 * 6 * 5 * 5) ** 0.5)


def test_what_is_not_defined_is_null_in_the_report_and_no_number():
    found = metrics.summary(np.array([4, 4]), np.eye(LABELS)[[4, 4]])
    assert found["accuracy"]["value"] == 1.0
    assert found["auc"] == {"value": None}  # there is nothing but one label
    assert found["mcc"] == {"value": 0.0}
