"""Training runs: stopped and resumed, frozen or not, and what they leave behind."""

import json
import re
import signal
import subprocess

import pytest

from reviews.training.job import main
from reviews.training.metric_lines import METRIC_DEFINITIONS

pytestmark = pytest.mark.slow
PIPES = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}


def test_a_run_that_was_stopped_ends_like_one_that_was_not(image, hyperparameters):
    whole = image.call("training.train", hyperparameters("whole", freeze_bert_layer=True))
    words = hyperparameters("parts", freeze_bert_layer=True)
    assert image.call("training.train", words, 9) is None  # somewhere in the second epoch
    assert image.call("training.train", words) == pytest.approx(whole, rel=1e-5)


@pytest.fixture(scope="module")
def resumed(image, features, tiny_bert, tmp_path_factory):
    """A process that got SIGTERM after its first epoch, and one that went on from there."""
    folder = tmp_path_factory.mktemp("resumed")
    options = {
        "train": features / "train",
        "validation": features / "validation",
        "weights": tiny_bert,
        "model_output": folder / "model",
        "checkpoints": folder / "checkpoints",
        "train_batch_size": 4,
    }
    words = [str(word) for key, value in options.items() for word in (f"--{key}", value)]
    script = image.bundle / "train.py"
    process = image.start(script, *words, "--epochs", 100_000, **PIPES)
    first = next(line for line in process.stdout if line.startswith("epoch"))
    process.send_signal(signal.SIGTERM)
    rest, _ = process.communicate(timeout=100)
    assert process.returncode == 0
    done = int(re.search(r"saved after (\d+) epochs", rest)[1])
    return folder, first, rest, done, image.run("train.py", *words, "--epochs", done + 1)


def test_a_process_told_to_stop_leaves_a_checkpoint_and_no_model(resumed):
    _, first, rest, done, _ = resumed
    assert first.startswith("epoch 1/100000: ")
    assert done >= 1
    assert "wrote the model" not in rest


def test_the_next_process_goes_on_where_it_stopped(resumed):
    _, _, _, done, ended = resumed
    assert ended.returncode == 0, ended.stderr
    assert f"resuming: {done} epochs and " in ended.stdout
    assert ended.stdout.count("\nepoch ") == 1
    assert f"epoch {done + 1}/{done + 1}: " in ended.stdout
    assert "wrote the model" in ended.stdout
    for definition in METRIC_DEFINITIONS:
        (value,) = re.findall(definition["Regex"], ended.stdout)
        assert float(value) >= 0


def test_the_artifact_holds_all_that_its_user_needs(resumed, image, weights):
    model = resumed[0] / "model"
    inputs, outputs, logits = image.call("training.signature", model)
    assert inputs == {
        "input_ids": ["int32", [None, None]],
        "input_mask": ["int32", [None, None]],
    }
    assert outputs == {"logits": ["float32", [None, 5]]}
    assert logits[0] == pytest.approx(logits[1], rel=1e-4)
    assert abs(sum(logits[0]) - 1) > 1e-3  # logits: no softmax has been at them
    assert (model / "tokenizer.json").read_bytes() == (weights / "tokenizer.json").read_bytes()
    spec = json.loads((model / "features.json").read_text())
    assert spec == {"max_seq_length": 16, "star_ratings": [1, 2, 3, 4, 5]}
    card = json.loads((model / "model_card.json").read_text())
    assert card["base_model"]["model_type"] == "bert"
    assert card["hyperparameters"]["train_batch_size"] == 4
    assert 0 <= card["metrics"]["validation:accuracy"] <= 1
    assert (model / "code" / "inference.py").is_file()
    assert (model / "code" / "lib" / "tokenizers" / "__init__.py").is_file()


def test_a_checkpoint_of_another_network_is_refused(
    resumed, image, hyperparameters, tiny_distilbert
):
    words = hyperparameters(weights=tiny_distilbert, checkpoints=resumed[0] / "checkpoints")
    code, errors = image.call("training.main", words)
    assert code == 1
    assert "expected a checkpoint of this very network, found one of another" in errors


def test_what_the_channels_lack_is_named(image, features, hyperparameters, tmp_path):
    assert image.call("training.main", hyperparameters(train=tmp_path)) == [
        1,
        f"train: [Errno 2] No such file or directory: '{tmp_path}/features.json'\n",
    ]
    (tmp_path / "features.json").write_text((features / "train" / "features.json").read_text())
    assert image.call("training.main", hyperparameters(train=tmp_path)) == [
        1,
        f"train: {tmp_path}: expected files that end in .tfrecord, found none\n",
    ]


def test_more_than_one_instance_is_refused(monkeypatch, capsys):
    monkeypatch.setenv("SM_HOSTS", '["algo-1", "algo-2"]')
    assert main([]) == 1
    assert (
        "expected one instance, found 2; set TrainingInstanceCount to 1" in capsys.readouterr().err
    )
