"""Many scikit-learn models in one server. Runs in a worker, one for each model."""

from typing import Any

import sklearn_stacks
from sagemaker_containers.beta.framework import encoders
from sagemaker_inference.default_inference_handler import DefaultInferenceHandler
from toolkit_stack import ToolkitStack


class Handler(DefaultInferenceHandler):
    """The functions that a script may leave out; a list of values is one row."""

    def default_input_fn(self, input_data: Any, content_type: str, context: Any = None) -> Any:
        """Read an array of rows."""
        array = sklearn_stacks.input_fn(input_data, content_type)
        return array.reshape(1, -1) if array.ndim == 1 else array

    def default_predict_fn(self, data: Any, model: Any, context: Any = None) -> Any:
        """Ask the model."""
        return model.predict(data)

    def default_output_fn(self, prediction: Any, accept: str, context: Any = None) -> Any:
        """Write an array."""
        return encoders.encode(prediction, accept)


class ManyModels(ToolkitStack):
    """One of the models behind the toolkit's rules."""

    handler = Handler
