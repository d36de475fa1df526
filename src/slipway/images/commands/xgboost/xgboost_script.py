"""The functions that an XGBoost script may leave out. Runs in a worker."""

from typing import Any, ClassVar

import xgboost_boosters as boosters
import xgboost_matrices as matrices
from flask_stack import FlaskStack
from sagemaker_containers.beta.framework.errors import UnsupportedFormatError


def input_fn(input_data: Any, content_type: str) -> Any:
    """Read CSV, LIBSVM or RecordIO; there is no JSON."""
    try:
        kind = matrices.content_type(content_type)
    except ValueError as error:
        raise UnsupportedFormatError(content_type) from error
    body = input_data.encode() if isinstance(input_data, str) else input_data
    return matrices.matrix(body, kind)


def predict_fn(input_data: Any, model: Any) -> Any:
    """Ask the booster."""
    return boosters.one(model, input_data)


class Script(FlaskStack):
    """A script's functions behind Flask's rules."""

    defaults: ClassVar[dict[str, Any]] = {"input_fn": input_fn, "predict_fn": predict_fn}
