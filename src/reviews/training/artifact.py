"""Write the model artifact: a SavedModel, and all that its user must know of its inputs and outputs."""

import json
from pathlib import Path
from typing import Any

import tensorflow as tf

from reviews.spec import TOKENIZER, FeatureSpec
from reviews.training.layout import CARD, SAVED_MODEL


def write(
    folder: Path, classifier: Any, spec: FeatureSpec, train: Path, card: dict[str, Any]
) -> None:
    """Write the artifact into the folder that SageMaker packs as model.tar.gz.

    The signature `serving_default` takes input_ids and input_mask, int32 (n, tokens), and gives logits,
    float32 (n, labels). Logits do not depend on padding, so a batch is padded to its longest review.
    """

    def serving_default(input_ids: Any, input_mask: Any) -> Any:
        inputs = {"input_ids": input_ids, "input_mask": input_mask}
        return {"logits": classifier(inputs, training=False)}

    tokens = (None, None)
    signature = tf.function(serving_default).get_concrete_function(
        tf.TensorSpec(tokens, tf.int32, "input_ids"), tf.TensorSpec(tokens, tf.int32, "input_mask")
    )
    module = tf.Module()
    module.variables_of_model = classifier.variables
    target = str(folder / SAVED_MODEL)
    tf.saved_model.save(module, target, signatures={"serving_default": signature})
    spec.save(folder, train / TOKENIZER)
    (folder / CARD).write_text(json.dumps(card, indent=2) + "\n")
