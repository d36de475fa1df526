"""Run in the TensorFlow image: make SavedModels below a folder, then serve as the image does.

One process does both, so TensorFlow is imported once.
"""

import runpy
import sys
from pathlib import Path

import tensorflow as tf

folder, program = Path(sys.argv[1]), sys.argv[2]
FLOATS = tf.TensorSpec((None,), tf.float32, "x")
TEXTS = tf.TensorSpec((None,), tf.string, "inputs")


def save(path, factor):
    """Save a model that has rows, texts, several inputs, examples, no rows, and fails on 13."""
    made = tf.Module()
    made.factor = tf.Variable(float(factor))

    def default(x):
        with tf.control_dependencies([tf.debugging.assert_none_equal(x, 13.0, message="unlucky")]):
            return {"y": x * made.factor}

    def parsed(inputs):
        spec = {"x": tf.io.FixedLenFeature((), tf.float32, 1.0)}
        return tf.io.parse_example(inputs, spec)["x"]

    def classes(inputs):
        scores = tf.stack([parsed(inputs), -parsed(inputs)], axis=1)
        labels = tf.broadcast_to(tf.constant([["up", "down"]]), tf.shape(scores))
        return {"classes": labels, "scores": scores}

    signatures = {
        "serving_default": tf.function(default, [FLOATS]),
        "sum": tf.function(
            lambda x, z: {"total": x + tf.cast(z, tf.float32)},
            [FLOATS, tf.TensorSpec((None,), tf.int64, "z")],
        ),
        "echo": tf.function(lambda inputs: {"text": inputs, "raw_bytes": inputs}, [TEXTS]),
        "whole": tf.function(lambda x: {"mean": tf.reduce_mean(x)}, [FLOATS]),
        "classes": tf.function(classes, [TEXTS]),
        "line": tf.function(lambda inputs: {"outputs": parsed(inputs) * 2}, [TEXTS]),
    }
    tf.saved_model.save(made, str(path), signatures)
    name_methods(path / "saved_model.pb")


def name_methods(path):
    """Say which signatures classify and regress, for which Keras and TF 2 have no words."""
    from tensorflow.core.protobuf import saved_model_pb2

    content = saved_model_pb2.SavedModel()
    content.ParseFromString(path.read_bytes())
    signatures = content.meta_graphs[0].signature_def
    signatures["classes"].method_name = "tensorflow/serving/classify"
    signatures["line"].method_name = "tensorflow/serving/regress"
    path.write_bytes(content.SerializeToString())


save(folder / "half" / "model" / "half" / "1", 0.5)
save(folder / "half" / "model" / "half" / "0002", 2)
for each in folder.glob("*/model/code"):
    save(each.parent / "any" / "1", 0.5)
sys.argv = [program, "serve"]
runpy.run_path(program, run_name="__main__")
