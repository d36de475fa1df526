"""Use a model artifact as a server would: texts in, probabilities of the star ratings out."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from reviews.spec import TOKENIZER, FeatureSpec
from reviews.tokenization import ReviewTokenizer
from reviews.training.layout import SAVED_MODEL


class StarRatingModel:
    """A model artifact: its specification, its tokenizer and its SavedModel."""

    def __init__(self, artifact: Path) -> None:
        """Load an unpacked artifact; FileNotFoundError or OSError where a part is missing."""
        self.spec = FeatureSpec.load(artifact)
        self._tokenizer = ReviewTokenizer(artifact / TOKENIZER, self.spec.max_seq_length)
        self._loaded: Any = tf.saved_model.load(
            str(artifact / SAVED_MODEL)
        )  # keeps variables alive
        self._predict = self._loaded.signatures["serving_default"]

    def probabilities(self, texts: Sequence[str], batch_size: int) -> NDArray[np.float64]:
        """Return the softmax of the logits; shape (texts, labels)."""
        found = []
        for start in range(0, len(texts), batch_size):
            ids, mask = self._tokenizer.encode(texts[start : start + batch_size]).padded()
            outputs = self._predict(input_ids=tf.constant(ids), input_mask=tf.constant(mask))
            found.append(tf.nn.softmax(tf.cast(outputs["logits"], tf.float64)).numpy())
        return np.concatenate(found)
