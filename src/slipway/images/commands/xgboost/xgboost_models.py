"""Many models of the built-in XGBoost algorithm in one server. Runs in a worker, one for each model."""

from typing import Any

import xgboost_boosters as boosters
import xgboost_matrices as matrices
from sagemaker_containers.beta.framework import encoders
from sagemaker_inference.default_inference_handler import DefaultInferenceHandler
from sagemaker_inference.errors import BaseInferenceToolkitError
from toolkit_stack import ToolkitStack


class Refused(BaseInferenceToolkitError):
    """An error with a status of its own."""

    def __init__(self, status: int, message: str) -> None:
        """Take the HTTP status and what the client is told."""
        super().__init__(status, message, message)


class Handler(DefaultInferenceHandler):
    """The algorithm's functions."""

    def default_model_fn(self, model_dir: str, context: Any = None) -> Any:
        """Load every model of the folder."""
        return boosters.load(model_dir)

    def default_input_fn(self, input_data: Any, content_type: str, context: Any = None) -> Any:
        """Read CSV, LIBSVM or RecordIO."""
        if not input_data:
            raise Refused(204, "")
        body = input_data.encode() if isinstance(input_data, str) else input_data
        try:
            kind = matrices.content_type(content_type)
            return matrices.matrix(body, kind), kind
        except ValueError as error:
            raise Refused(415, str(error)) from error

    def default_predict_fn(self, data: Any, model: Any, context: Any = None) -> Any:
        """Ask the boosters."""
        try:
            return boosters.predict(model, *data)
        except Exception as error:
            raise Refused(400, f"Unable to evaluate payload provided: {error}") from error

    def default_output_fn(self, prediction: Any, accept: str, context: Any = None) -> Any:
        """Write an array."""
        return encoders.encode(prediction, accept)


class ManyModels(ToolkitStack):
    """One of the models behind the toolkit's rules."""

    handler = Handler
