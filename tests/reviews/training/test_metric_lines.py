"""SageMaker finds each metric in the log, and never another's value in its place."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviews.training.metric_lines import METRIC_DEFINITIONS, METRICS, line

VALUES = st.floats(1e-9, 1e9) | st.just(0.0)


def found_in(text):
    return {
        definition["Name"]: [float(value) for value in re.findall(definition["Regex"], text)]
        for definition in METRIC_DEFINITIONS
    }


@given(st.fixed_dictionaries(dict.fromkeys(METRICS, VALUES)), st.permutations(METRICS))
def test_every_value_is_found_under_its_own_name_only(values, order):
    text = "epoch 2/5: " + " ".join(line(name, values[name]) for name in order)
    assert found_in(text) == {name: [pytest.approx(values[name], rel=1e-5)] for name in METRICS}


def test_the_validation_loss_is_no_training_loss_and_an_exponent_is_not_cut():
    text = "epoch 1/1: " + line("validation:loss", 9.1e-05)
    assert found_in(text)["train:loss"] == []
    assert found_in(text)["validation:loss"] == [9.1e-05]


def test_kerass_own_lines_are_not_taken_for_metrics():
    text = "12/12 - 3s - accuracy: 0.5 - loss: 1.2 - val_accuracy: 0.4 - val_loss: 1.3"
    assert not any(found_in(text).values())


def test_a_metric_that_nobody_would_find_is_refused():
    with pytest.raises(ValueError, match="train:loss"):
        line("train:f1", 1.0)
