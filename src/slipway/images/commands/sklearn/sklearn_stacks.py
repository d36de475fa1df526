"""The functions that a scikit-learn script may leave out. Runs in a worker."""

from typing import Any

import numpy as np
from flask_stack import FlaskStack
from sagemaker_containers.beta.framework import content_types, encoders


def input_fn(input_data: Any, content_type: str) -> np.ndarray:
    """Read an array; JSON and CSV as float32."""
    array = encoders.decode(input_data, content_type)
    return array.astype(np.float32) if content_type in content_types.UTF8_TYPES else array


def predict_fn(input_data: Any, model: Any) -> Any:
    """Ask the model."""
    return model.predict(input_data)


class OneModel(FlaskStack):
    """A script's functions behind Flask's rules."""

    defaults = {"input_fn": input_fn, "predict_fn": predict_fn}  # noqa: RUF012
