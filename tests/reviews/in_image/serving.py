"""Called by the tests in the TensorFlow image: what a model says in this process."""

from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from reviews.evaluation.model import StarRatingModel
from reviews.serving import code_folder
from reviews.spec import FeatureSpec
from reviews.training import artifact, job, network
from reviews.training.layout import CODE, SAVED_MODEL, signature


def make(folder, weights, length):
    """Write the artifact of an untrained classifier on real weights."""
    keras.utils.set_random_seed(3)
    encoder = network.load_encoder(Path(weights), length)
    classifier = network.make_classifier(encoder, network.make_head(encoder.hidden_dim, 5))
    artifact.write(Path(folder), classifier, FeatureSpec(length), Path(weights), {})
    code_folder.write(Path(folder) / CODE, job.PACKAGE, job.WHEELS)


def probabilities(folder, texts):
    """Return what the evaluation would judge."""
    return StarRatingModel(Path(folder)).probabilities(texts, 2).tolist()


def paddings_differ_by(folder, tokens, length):
    """Return the largest difference that a signature's padding makes, beside the spread of logits."""
    loaded = tf.saved_model.load(str(Path(folder) / SAVED_MODEL))
    ids = np.random.default_rng(0).integers(1, 30000, (9, tokens)).astype("int32")
    mask = np.ones_like(ids)
    found = []
    for name, padding in (("serving_default", 0), (signature(length), length - tokens)):
        inputs = [tf.constant(np.pad(each, ((0, 0), (0, padding)))) for each in (ids, mask)]
        outputs = loaded.signatures[name](input_ids=inputs[0], input_mask=inputs[1])
        found.append(outputs["logits"].numpy())
    return float(abs(found[0] - found[1]).max()), float(found[0].std())
