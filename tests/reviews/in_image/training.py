"""Called by the tests in the TensorFlow image: laws of the network, its data and its training."""

import contextlib
import io
import itertools
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from reviews.training import arguments, dataset, encoder_outputs, job, network
from reviews.training.layout import SAVED_MODEL


def head_parameters(hidden):
    """Return the parameters of the head's layers that have any."""
    head = network.make_head(hidden, 5)
    return [layer.count_params() for layer in head.layers if layer.count_params()]


def padding_changes_logits_by(weights, length, longer):
    """Return the largest difference that more padding makes, beside the spread of the logits."""
    encoder = network.load_encoder(Path(weights), longer)
    classifier = network.make_classifier(encoder, network.make_head(encoder.hidden_dim, 5))
    random = np.random.default_rng(0)
    mask = np.arange(length) < random.integers(1, length + 1, 20)[:, None]
    ids = random.integers(1, 30000, mask.shape) * mask
    padded = [np.pad(part, ((0, 0), (0, longer - length))) for part in (ids, mask)]
    short, long = (
        classifier({"input_ids": a.astype("int32"), "input_mask": b.astype("int32")}).numpy()
        for a, b in ((ids, mask), padded)
    )
    return float(abs(short - long).max()), float(short.std())


def cached_outputs_differ_by(weights, channel, length, folder):
    """Return the largest difference of logits with and without the cache of encoder outputs."""
    encoder = network.load_encoder(Path(weights), length)
    head = network.make_head(encoder.hidden_dim, 5)
    classifier = network.make_classifier(encoder, head)
    files = dataset.files_of(Path(channel))
    direct, known = [], []
    for inputs, labels in dataset.batches(dataset.records(files), length, 7):
        direct.append(classifier(inputs).numpy())
        known.append(labels.numpy())
    outputs = encoder_outputs.compute(
        encoder,
        dataset.batches(dataset.records(files), length, 5),
        Path(folder) / "outputs",
    )
    cached = [(head(inputs).numpy(), labels.numpy()) for inputs, labels in outputs.batches(7)]
    logits, labels = (np.concatenate(part) for part in zip(*cached, strict=True))
    assert np.array_equal(labels, np.concatenate(known))
    difference = abs(logits - np.concatenate(direct)).max()
    return float(difference), float(np.concatenate(direct).std())


def keys_of(batches):
    return [
        [bytes(row).hex() for row in inputs["input_ids"]]
        for inputs, _ in batches.as_numpy_iterator()
    ]


def orders(channel, length, size):
    """Return the reviews of each batch of several epochs."""
    files = dataset.files_of(Path(channel))

    def epoch(seed=None, **options):
        return keys_of(dataset.batches(dataset.records(files, seed), length, size, **options))

    return {
        "plain": epoch(),
        "first": epoch(1),
        "first again": epoch(1),
        "second": epoch(2),
        "first, from the third batch": epoch(1, skip=2),
        "20 steps": epoch(1, steps=20),
    }


def cached_orders(reviews, size):
    """Return the reviews of each batch of several epochs, as numbers."""
    labels = np.arange(reviews, dtype=np.int32)
    mask = np.ones((reviews, 2), np.int32)
    outputs = encoder_outputs.EncoderOutputs(np.zeros((reviews, 2, 1), np.float16), mask, labels)

    def epoch(**options):
        return [
            labels.tolist() for _, labels in outputs.batches(size, **options).as_numpy_iterator()
        ]

    return {
        "plain": epoch(),
        "first": epoch(shuffle=1),
        "first again": epoch(shuffle=1),
        "second": epoch(shuffle=2),
        "first, from the third batch": epoch(shuffle=1, skip=2),
        "20 steps": epoch(shuffle=1, steps=20),
    }


def train(words, stop_after=None):
    """Run the job; told to stop at the `stop_after`-th time it asks. Return what it trained, flat."""
    asked = itertools.count(1)
    told = [False]

    def stopping():
        told[0] = told[0] or (stop_after is not None and next(asked) >= stop_after)
        return told[0]

    options = arguments.parse([str(word) for word in words])
    job.run(options, stopping)
    keras.backend.clear_session()
    saved = Path(options.model_output) / SAVED_MODEL
    if not saved.exists():
        return None
    return [float(abs(v.numpy()).sum()) for v in tf.saved_model.load(str(saved)).variables_of_model]


def main(words):
    """Run the job as a process would; return the exit code and what it wrote to stderr."""
    with contextlib.redirect_stderr(io.StringIO()) as errors:
        code = job.main([str(word) for word in words])
    return code, errors.getvalue()


def changed_by_a_step(weights, freeze):
    """Return how many arrays of the encoder and of the head one training step changes."""
    encoder = network.load_encoder(Path(weights), 8)
    encoder.trainable = not freeze
    head = network.make_head(encoder.hidden_dim, 5)
    classifier = network.make_classifier(encoder, head)
    network.prepare(classifier, 0.01, 1e-8)
    before = [[v.numpy() for v in part.weights] for part in (encoder, head)]
    ids = np.arange(1, 33, dtype=np.int32).reshape(4, 8)
    inputs = {"input_ids": ids, "input_mask": np.ones_like(ids)}
    logs = classifier.train_on_batch(inputs, np.array([0, 1, 2, 4]), return_dict=True)
    after = [[v.numpy() for v in part.weights] for part in (encoder, head)]
    changed = [
        sum(not np.array_equal(a, b) for a, b in zip(*pair, strict=True))
        for pair in zip(before, after, strict=True)
    ]
    return changed, float(logs["gradient_norm"])


def signature(model):
    """Return the inputs and outputs of the model's `serving_default`, and logits of two reviews."""
    loaded = tf.saved_model.load(str(Path(model) / SAVED_MODEL))
    found = loaded.signatures["serving_default"]
    _, inputs = found.structured_input_signature
    ids = tf.constant([[101, 2009, 102] + [0] * 13] * 2)
    outputs = found(input_ids=ids, input_mask=tf.cast(ids > 0, tf.int32))

    def shapes(specs):
        return {name: [spec.dtype.name, spec.shape.as_list()] for name, spec in specs.items()}

    return shapes(inputs), shapes(found.structured_outputs), outputs["logits"].numpy().tolist()
