"""The network: a BERT-family encoder and, on its outputs, a bidirectional LSTM classifier."""

from pathlib import Path
from typing import Any

import keras
import keras_hub
import tensorflow as tf
from keras import layers, ops


class TooManyTokens(Exception):
    """The features hold more tokens per review than the encoder can take."""


def load_encoder(folder: Path, max_seq_length: int) -> Any:
    """Load the encoder of a Hugging Face folder (BERT, DistilBERT, …: its config.json says which).

    TooManyTokens where it cannot take so many.
    """
    encoder = keras_hub.models.Backbone.from_preset(str(folder), dtype="float32")
    most = getattr(encoder, "max_sequence_length", max_seq_length)
    if max_seq_length > most:
        raise TooManyTokens(
            f"{folder}: this encoder takes at most {most} tokens, found MaxSeqLength "
            f"{max_seq_length}; prepare the features with fewer"
        )
    return encoder


def encode(encoder: Any, input_ids: Any, input_mask: Any) -> Any:
    """Return the encoder's outputs per token, float32 (n, tokens, hidden)."""
    inputs = {"token_ids": input_ids, "padding_mask": input_mask}
    if "segment_ids" in encoder.input:  # DistilBERT has none; a review is one segment
        inputs["segment_ids"] = ops.zeros_like(input_ids)
    outputs = encoder(inputs)
    return outputs["sequence_output"] if isinstance(outputs, dict) else outputs


class Classifier(keras.Model):  # type: ignore[misc]
    """A functional model that also reports the global norm of its gradients."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.gradient_norm = keras.metrics.Mean(name="gradient_norm")

    def train_step(self, data: Any) -> Any:
        """Take one step; return loss, metrics and the mean gradient norm of the epoch so far."""
        inputs, labels, _ = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            logits = self(inputs, training=True)
            loss = self.compute_loss(x=inputs, y=labels, y_pred=logits)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        self.gradient_norm.update_state(tf.linalg.global_norm(gradients))
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss, sample_weight=ops.shape(labels)[0])
        return self.compute_metrics(inputs, labels, logits)


def make_head(hidden: int, labels: int) -> Classifier:
    """Return the classifier: encoder outputs (n, tokens, hidden) and mask to logits (n, labels).

    Logits, not a softmax: the loss takes them, and what wants probabilities applies a softmax once.
    Padding can win no maximum, so logits do not depend on how far a review is padded.
    """
    sequence = keras.Input((None, hidden), name="sequence")
    mask = keras.Input((None,), dtype="int32", name="input_mask")
    real = ops.cast(mask, "bool")
    lstm = layers.LSTM(50, return_sequences=True, dropout=0.1, recurrent_dropout=0.1)
    each = layers.Bidirectional(lstm)(sequence, mask=real)
    highest = layers.GlobalMaxPooling1D()(ops.where(ops.expand_dims(real, -1), each, -1.0))
    dense = layers.Dropout(0.2)(layers.Dense(50, activation="relu")(highest))
    logits = layers.Dense(labels, name="logits")(dense)
    return Classifier({"sequence": sequence, "input_mask": mask}, logits, name="head")


def make_classifier(encoder: Any, head: Any) -> Classifier:
    """Return the whole network: input_ids and input_mask, int32 (n, tokens), to logits (n, labels)."""
    ids = keras.Input((None,), dtype="int32", name="input_ids")
    mask = keras.Input((None,), dtype="int32", name="input_mask")
    logits = head({"sequence": encode(encoder, ids, mask), "input_mask": mask})
    return Classifier({"input_ids": ids, "input_mask": mask}, logits, name="classifier")


def prepare(model: Classifier, learning_rate: float, epsilon: float) -> None:
    """Give a network its optimizer, loss and metric."""
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate, epsilon=epsilon),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy("accuracy")],
    )
    model.optimizer.build(model.trainable_variables)
