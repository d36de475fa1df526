"""Classify and regress: feature values become tf.Example, scores become lists."""

from typing import Any

import numpy as np
import tensorflow as tf

from slipway_tfs.batching import Arrays
from slipway_tfs.failure import Refused
from slipway_tfs.servable import Servable, Signature
from slipway_tfs.tensors import as_bytes, to_json

METHODS = {"classify": "tensorflow/serving/classify", "regress": "tensorflow/serving/regress"}


def ask(servable: Servable, signature: Signature, method: str, body: dict[str, Any]) -> list[Any]:
    """Return `results` for the body's `examples` and `context`; Refused where they do not fit."""
    if signature.method != METHODS[method]:
        raise Refused(
            f"Expected {method} signature method_name to be {METHODS[method]}. "
            f"Was: {signature.method}"
        )
    examples, context = body.get("examples"), body.get("context", {})
    if not isinstance(examples, list) or not examples:
        raise Refused(
            "When method is classify or regress, key 'examples' is expected and must be a "
            "list of at least one object"
        )
    if not all(isinstance(each, dict) for each in [context, *examples]):
        raise Refused("'context' and each of 'examples' must be objects of feature values")
    (name,) = signature.inputs
    packed = [encode({**context, **each}).SerializeToString() for each in examples]
    outputs = servable.run(signature, {name: np.array(packed, dtype=object)})
    return classes(outputs) if method == "classify" else values(outputs)


def encode(features: dict[str, Any]) -> Any:
    """Return feature values, each one or a list, as a tf.train.Example."""
    example = tf.train.Example()
    for name, value in features.items():
        given = value if isinstance(value, list) else [value]
        target = example.features.feature[name]
        if all(isinstance(each, bool | int) for each in given):
            target.int64_list.value.extend(int(each) for each in given)
        elif all(isinstance(each, int | float) for each in given):
            target.float_list.value.extend(given)
        else:
            target.bytes_list.value.extend(as_bytes(given, name))
    return example


def classes(outputs: Arrays) -> list[Any]:
    """Return label and score pairs per example; a missing label is ""."""
    known = [to_json(name, outputs[name]) for name in ("classes", "scores") if name in outputs]
    if len(known) == 2:
        return [[list(pair) for pair in zip(*row, strict=True)] for row in zip(*known, strict=True)]
    if "scores" in outputs:
        return [[["", score] for score in row] for row in known[0]]
    return [[[label, 0.0] for label in row] for row in known[0]]


def values(outputs: Arrays) -> list[float]:
    """Return one number per example."""
    return [float(each) for each in outputs["outputs"].reshape(-1)]
