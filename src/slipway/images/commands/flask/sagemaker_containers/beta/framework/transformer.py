"""The chain from a request to its reply: input_fn, predict_fn and output_fn, or transform_fn alone."""

import json
import traceback
from collections.abc import Callable
from typing import Any

from sagemaker_containers.beta.framework import content_types, encoders, env
from sagemaker_containers.beta.framework.errors import UnsupportedFormatError
from sagemaker_containers.beta.framework.worker import Response


def default_model_fn(model_dir: str) -> Any:
    """Refuse: only the script knows how to load its model."""
    raise NotImplementedError("Please provide a model_fn implementation.")


def default_input_fn(input_data: Any, content_type: str) -> Any:
    """Read an array."""
    return encoders.decode(input_data, content_type)


def default_predict_fn(data: Any, model: Any) -> Any:
    """Refuse: only the script or the framework knows how its model predicts."""
    raise NotImplementedError("Please provide a predict_fn implementation.")


def default_output_fn(prediction: Any, accept: str) -> Response:
    """Write an array."""
    return Response(encoders.encode(prediction, accept), mimetype=accept)


class Transformer:
    """The functions of a script, with the framework's where it has none."""

    def __init__(
        self,
        model_fn: Callable[..., Any] | None = None,
        input_fn: Callable[..., Any] | None = None,
        predict_fn: Callable[..., Any] | None = None,
        output_fn: Callable[..., Any] | None = None,
        transform_fn: Callable[..., Any] | None = None,
    ) -> None:
        """Take the functions; ValueError for transform_fn beside one that it replaces."""
        if transform_fn and (input_fn or predict_fn or output_fn):
            raise ValueError(
                "Cannot use transform_fn implementation with input_fn, predict_fn, and/or output_fn"
            )
        self._model_fn = model_fn or default_model_fn
        self._input_fn = input_fn or default_input_fn
        self._predict_fn = predict_fn or default_predict_fn
        self._output_fn = output_fn or default_output_fn
        self._transform_fn = transform_fn or self._chain
        self._model: Any = None

    def initialize(self, model_dir: str = env.model_dir) -> None:
        """Load the model."""
        self._model = self._model_fn(model_dir)

    def transform(self, content: Any, content_type: str, accept: str) -> Any:
        """Return what the script makes of a request: a Response, or what Flask takes for one."""
        result = self._transform_fn(self._model, content, content_type, accept)
        if isinstance(result, tuple):
            return Response(result[0], mimetype=result[1])
        return result

    def _chain(self, model: Any, content: Any, content_type: str, accept: str) -> Any:
        try:
            data = self._input_fn(content, content_type)
        except UnsupportedFormatError as error:
            return refused(error, 415)
        prediction = self._predict_fn(data, model)
        try:
            return self._output_fn(prediction, accept)
        except UnsupportedFormatError as error:
            return refused(error, 406)


def refused(error: Exception, status: int) -> Response:
    """Return the document that says which content type is not supported."""
    told = {
        "error": type(error).__name__,
        "error-message": str(error),
        "stack-trace": traceback.format_exc(),
    }
    return Response(json.dumps(told), status=status, mimetype=content_types.JSON)
