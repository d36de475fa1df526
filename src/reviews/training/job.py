"""Train the classifier on the channels `train` and `validation`, from the weights in `weights`."""

import json
import os
import signal
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from reviews.serving import code_folder
from reviews.spec import FeatureSpec
from reviews.training import arguments
from reviews.training.layout import CODE

PACKAGE = Path(__file__).parents[1]
WHEELS = PACKAGE.parent / "wheels"  # of the source bundle
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # errors only; must be set before the import


def main(words: Sequence[str] | None = None) -> int:
    """Run the job. On SIGTERM it saves a checkpoint and ends with 0, without a model."""
    options = arguments.parse(words)
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: told.append(number))
    hosts = json.loads(os.environ.get("SM_HOSTS", '["algo-1"]'))
    if len(hosts) > 1:
        print(
            f"train: expected one instance, found {len(hosts)}; set TrainingInstanceCount to 1 and "
            "choose a larger TrainingInstanceType",
            file=sys.stderr,
        )
        return 1
    from reviews.training.checkpoints import OtherModel
    from reviews.training.dataset import NoRecords
    from reviews.training.network import TooManyTokens

    try:
        run(options, lambda: bool(told))
    except (FileNotFoundError, NoRecords, OtherModel, TooManyTokens, code_folder.NoWheel) as error:
        print(f"train: {error}", file=sys.stderr)
        return 1
    return 0


def run(options: Namespace, stopping: Callable[[], bool]) -> None:
    """Train, and write the model artifact unless told to stop before."""
    import keras

    from reviews.training import artifact, network
    from reviews.training.checkpoints import Checkpoints
    from reviews.training.encoder_outputs import Interrupted
    from reviews.training.fit import fit

    code_folder.wheel(WHEELS)  # a reason to fail before the work, not after it
    keras.utils.set_random_seed(options.seed)
    spec = FeatureSpec.load(options.train)
    encoder = network.load_encoder(options.weights, spec.max_seq_length)
    encoder.trainable = not options.freeze_bert_layer
    head = network.make_head(encoder.hidden_dim, len(spec.star_ratings))
    classifier = network.make_classifier(encoder, head)
    trained = head if options.freeze_bert_layer else classifier
    network.prepare(trained, options.learning_rate, options.epsilon)
    print(f"{classifier.count_params():,} parameters, {count(trained):,} of them are trained")
    with tempfile.TemporaryDirectory() as temporary:
        try:
            training, validation = channels(options, spec, encoder, Path(temporary), stopping)
        except Interrupted:
            print("told to stop before the first step: there is nothing to save")
            return
        checkpoints = Checkpoints(options.checkpoints, trained)
        metrics = fit(trained, training, validation, options.epochs, checkpoints, stopping)
    if metrics is None:
        return
    card = {
        "task": "star rating of a review from its text",
        "base_model": json.loads((options.weights / "config.json").read_text()),
        "parameters": classifier.count_params(),
        "hyperparameters": {k: v for k, v in vars(options).items() if not isinstance(v, Path)},
        "metrics": metrics,
    }
    artifact.write(options.model_output, classifier, spec, options.train, card)
    code_folder.write(options.model_output / CODE, PACKAGE, WHEELS)
    print(f"wrote the model to {options.model_output}")


def count(model: Any) -> int:
    """Return the number of parameters that are trained."""
    return sum(int(variable.value.shape.num_elements()) for variable in model.trainable_variables)


def channels(
    options: Namespace,
    spec: FeatureSpec,
    encoder: Any,
    temporary: Path,
    stopping: Callable[[], bool],
) -> tuple[Callable[[int, int], Any], Callable[[], Any]]:
    """Return what gives the training batches of an epoch, and what gives the validation batches."""
    from reviews.training import dataset, encoder_outputs

    length, steps = spec.max_seq_length, options.train_steps_per_epoch
    train, valid = (dataset.files_of(folder) for folder in (options.train, options.validation))
    if not options.freeze_bert_layer:
        return (
            lambda epoch, skip: dataset.batches(
                dataset.records(train, shuffle=options.seed + epoch),
                length,
                options.train_batch_size,
                steps=steps,
                skip=skip,
            ),
            lambda: dataset.batches(
                dataset.records(valid),
                length,
                options.validation_batch_size,
                steps=options.validation_steps,
            ),
        )
    outputs = {
        name: encoder_outputs.compute(
            encoder,
            dataset.batches(dataset.records(files), length, 1024),
            temporary / name,
            stopping,
        )
        for name, files in (("train", train), ("validation", valid))
    }
    return (
        lambda epoch, skip: outputs["train"].batches(
            options.train_batch_size, shuffle=options.seed + epoch, steps=steps, skip=skip
        ),
        lambda: outputs["validation"].batches(
            options.validation_batch_size, steps=options.validation_steps
        ),
    )
