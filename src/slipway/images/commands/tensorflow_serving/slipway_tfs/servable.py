"""A version of a model: a SavedModel in memory, and what is asked of its signatures."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from slipway_tfs import failure
from slipway_tfs.batching import Arrays, Scheduler
from slipway_tfs.failure import Refused

DEFAULT = "serving_default"


@dataclass(frozen=True)
class Signature:
    """A function of a SavedModel as its clients see it."""

    name: str
    method: str  # "tensorflow/serving/predict", "…/classify", "…/regress"
    inputs: Mapping[str, Any]  # tf.TensorSpec by name
    outputs: Mapping[str, Any]
    function: Any


class Servable:
    """One version of a model."""

    def __init__(self, name: str, version: int, folder: Path, scheduler: Scheduler | None) -> None:
        """Load a SavedModel; OSError or a TensorFlow error where it cannot be read."""
        self.name, self.version = name, version
        self._scheduler = scheduler
        self._loaded = tf.saved_model.load(str(folder), tags=["serve"])  # keeps its variables alive
        self.definitions = _definitions(folder)
        self._signatures = {
            key: Signature(
                key,
                self.definitions[key].method_name if key in self.definitions else "",
                function.structured_input_signature[1],
                function.structured_outputs,
                function,
            )
            for key, function in self._loaded.signatures.items()
        }

    def signature(self, name: str = "") -> Signature:
        """Return a signature; Refused where the model has none of that name."""
        found = self._signatures.get(name or DEFAULT)
        if found is None:
            raise Refused(f'Serving signature key "{name or DEFAULT}" not found.')
        return found

    def run(self, signature: Signature, inputs: Arrays) -> Arrays:
        """Return a signature's outputs; Refused with TensorFlow's words where it fails."""

        def call(arrays: Arrays) -> Arrays:
            tensors = {
                name: tf.constant(arrays[name], spec.dtype)
                for name, spec in signature.inputs.items()
            }
            return {name: each.numpy() for name, each in signature.function(**tensors).items()}

        try:
            if self._scheduler is None:
                return call(inputs)
            return self._scheduler.call((self.name, self.version, signature.name), call, inputs)
        except tf.errors.OpError as error:
            raise failure.of(error) from error


def configure(inter_op: int, intra_op: int) -> None:
    """Set TensorFlow's threads, before its first use; 0 leaves them to TensorFlow."""
    if inter_op:
        tf.config.threading.set_inter_op_parallelism_threads(inter_op)
    if intra_op:
        tf.config.threading.set_intra_op_parallelism_threads(intra_op)


def _definitions(folder: Path) -> Mapping[str, Any]:
    """Return the SignatureDefs by name, for the method names and for metadata."""
    content = saved_model_pb2.SavedModel()
    binary = folder / "saved_model.pb"
    if binary.is_file():
        content.ParseFromString(binary.read_bytes())
    else:
        from google.protobuf import text_format

        text_format.Parse((folder / "saved_model.pbtxt").read_text(), content)
    for graph in content.meta_graphs:
        if "serve" in graph.meta_info_def.tags:
            return dict(graph.signature_def)
    return {}


class Servables:
    """The models in memory, by name and version; what is asked for by several threads."""

    def __init__(self) -> None:
        self._models: dict[str, dict[int, Servable]] = {}
        self._lock = threading.Lock()

    def add(self, servables: list[Servable]) -> None:
        """Take all versions of a model at once."""
        with self._lock:
            for each in servables:
                self._models.setdefault(each.name, {})[each.version] = each

    def remove(self, name: str) -> None:
        """Forget a model."""
        with self._lock:
            self._models.pop(name, None)

    def versions(self, name: str, version: int | None = None) -> list[Servable]:
        """Return a model's versions, or the one asked for, newest first; Refused (404) without any."""
        with self._lock:
            found = list(self._models.get(name, {}).values())
        if version is not None:
            found = [each for each in found if each.version == version]
        if not found:
            what = f"Specific({name}, {version})" if version is not None else f"Latest({name})"
            raise Refused(f"Servable not found for request: {what}", 404)
        return sorted(found, key=lambda each: -each.version)
