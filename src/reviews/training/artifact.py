"""Write the model artifact: a SavedModel, and all that its user must know of its inputs and outputs."""

import json
from pathlib import Path
from typing import Any

import tensorflow as tf

from reviews.spec import TOKENIZER, FeatureSpec
from reviews.training.layout import CARD, SAVED_MODEL, lengths, signature


def write(
    folder: Path, classifier: Any, spec: FeatureSpec, train: Path, card: dict[str, Any]
) -> None:
    """Write the artifact into the folder that SageMaker packs as model.tar.gz.

    The signature `serving_default` takes input_ids and input_mask, int32 (n, tokens), and gives logits,
    float32 (n, labels); so do those of `layout.signature`, each for one number of tokens. Logits do not
    depend on padding.
    """

    tokens = [tf.TensorSpec((None, None), tf.int32, name) for name in ("input_ids", "input_mask")]

    @tf.function(input_signature=tokens)  # type: ignore[untyped-decorator]
    def logits(input_ids: Any, input_mask: Any) -> Any:
        inputs = {"input_ids": input_ids, "input_mask": input_mask}
        return {"logits": classifier(inputs, training=False)}

    def of(length: int) -> Any:
        return tf.function(
            lambda input_ids, input_mask: logits(input_ids, input_mask),
            input_signature=[
                tf.TensorSpec((None, length), each.dtype, each.name) for each in tokens
            ],
        )

    signatures = {signature(each): of(each) for each in lengths(spec.max_seq_length)}
    module = tf.Module()
    module.variables_of_model = classifier.variables
    target = str(folder / SAVED_MODEL)
    tf.saved_model.save(module, target, signatures={"serving_default": logits, **signatures})
    spec.save(folder, train / TOKENIZER)
    (folder / CARD).write_text(json.dumps(card, indent=2) + "\n")
