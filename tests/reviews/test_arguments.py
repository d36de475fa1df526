"""What a pipeline's parameters become, and what makes no sense is refused."""

import pytest

from reviews.features import arguments as features
from reviews.training import arguments as training


@pytest.mark.parametrize(("text", "value"), [("True", True), ("false", False), ("1", True)])
def test_a_string_parameter_becomes_a_truth_value(text, value):
    assert features.parse(["--balance-dataset", text]).balance_dataset is value
    assert training.parse(["--freeze_bert_layer", text]).freeze_bert_layer is value


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--balance-dataset", "perhaps"], "--balance-dataset: invalid boolean value: 'perhaps'"),
        (["--train-split-percentage", "0.8"], "whose sum is 1.0, found 0.9"),
        (["--test-split-percentage", "5"], "--test-split-percentage: invalid share value: '5'"),
        (["--max-seq-length", "0"], "--max-seq-length: invalid positive value: '0'"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_name(words, message, capsys):
    with pytest.raises(SystemExit):
        features.parse(words)
    assert message in capsys.readouterr().err


def test_hyperparameters_come_as_sagemaker_passes_them(monkeypatch):
    monkeypatch.setenv("SM_CHANNEL_TRAIN", "/somewhere/train")
    found = training.parse(["--learning_rate", "1.2e-05", "--epochs", "7"])
    assert (found.learning_rate, found.epochs) == (1.2e-05, 7)
    assert str(found.train) == "/somewhere/train"
    assert str(found.validation) == "/opt/ml/input/data/validation"
