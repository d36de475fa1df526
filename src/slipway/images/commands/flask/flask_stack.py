"""How AWS's Flask images (scikit-learn, XGBoost with one model) answer. Runs in a worker."""

import importlib
import json
import os
import traceback
from collections.abc import Iterable
from types import ModuleType
from typing import Any, ClassVar

import flask_answers
from front import Reply, Request
from sagemaker_containers.beta.framework import content_types
from sagemaker_containers.beta.framework.transformer import Transformer
from sagemaker_containers.beta.framework.worker import Response

TEXT = ("application/xml", "application/javascript")  # besides text/*


class FlaskStack:
    """A script's functions behind Flask's rules. Subclasses bring the framework's defaults."""

    defaults: ClassVar[dict[str, Any]] = {}  # predict_fn and others, where the script has none

    def __init__(self, model_dir: str) -> None:
        """Import the script and load its model."""
        name = os.environ.get("SAGEMAKER_PROGRAM", "").removesuffix(".py")
        if not name:
            raise ValueError("SAGEMAKER_PROGRAM must name the script that has model_fn")
        script = importlib.import_module(name)
        self._transformer = transformer(script, self.defaults)
        self._parameters = getattr(script, "execution_parameters_fn", None)
        self._accept = os.environ.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT") or content_types.JSON
        self._transformer.initialize(model_dir)

    def answer(self, request: Request) -> Reply:
        """Answer /invocations or /execution-parameters."""
        try:
            if request.path == "/invocations":
                return reply(self._invoke(request))
            if self._parameters:
                return reply(self._parameters())
        except Exception:
            traceback.print_exc()
            return flask_answers.failed()
        return flask_answers.not_found()

    def _invoke(self, request: Request) -> Any:
        headers = request.headers
        kind = headers.get("contenttype") or headers.get("content-type") or content_types.JSON
        accept = headers.get("accept")
        if not accept or accept == content_types.ANY:
            accept = self._accept
        text = kind in content_types.UTF8_TYPES
        content = request.body.decode("utf-8", "replace") if text else request.body
        return self._transformer.transform(content, kind, accept)


def transformer(script: ModuleType, defaults: dict[str, Any]) -> Transformer:
    """Return the functions of a script, with the framework's where it has none."""
    names = ("model_fn", "input_fn", "predict_fn", "output_fn", "transform_fn")
    found = {name: getattr(script, name, None) for name in names}
    if found["transform_fn"] is None:
        found = defaults | {name: each for name, each in found.items() if each}
    return Transformer(**found)


def reply(result: Any) -> Reply:
    """Return what Flask makes of what a script returns."""
    if isinstance(result, Response):
        kind = result.mimetype
        if "charset" not in kind and (kind.startswith("text/") or kind in TEXT):
            kind += "; charset=utf-8"
        return Reply(
            result.status_code, body(result.response), {"Content-Type": kind, **result.headers}
        )
    if isinstance(result, dict | list):
        return Reply(200, json.dumps(result).encode() + b"\n", {"Content-Type": content_types.JSON})
    if isinstance(result, str | bytes) or hasattr(result, "__iter__"):
        return Reply(200, body(result), flask_answers.HTML)
    raise TypeError(f"expected a response, text or bytes, found {type(result).__name__}")


def body(value: str | bytes | Iterable[str | bytes]) -> bytes | Iterable[bytes]:
    """Return a body as bytes; what comes in parts is sent in parts."""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    return (part.encode() if isinstance(part, str) else part for part in value)
