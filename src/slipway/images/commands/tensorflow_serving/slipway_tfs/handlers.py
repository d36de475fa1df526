"""The user's `code/inference.py`: its handlers, and what they are given.

`handler(data, context)` alone, or `input_handler(data, context)`, whose result is the body for
TensorFlow Serving, and `output_handler(response, context)`. The pair's request is answered in this
process, as a response of `requests`; whoever asks `context.rest_uri` gets the same over HTTP.
"""

import io
import sys
from collections import namedtuple
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType
from typing import Any

import requests
from front import Request

from slipway_tfs import target
from slipway_tfs.rest import RestApi

SCRIPT = "inference.py"
DEFAULT_TYPE = "application/json"

Context = namedtuple(
    "Context",
    "model_name, model_version, method, rest_uri, grpc_port, channel, custom_attributes, "
    "request_content_type, accept_header, content_length",
)
Handler = Callable[[Any, Context], tuple[Any, str]]


class NoChannel:
    """Stands where the container has a gRPC channel; whoever uses it is told that there is none."""

    def __getattr__(self, name: str) -> Any:
        raise NotImplementedError(
            f"context.channel.{name}: this image has no gRPC server (context.grpc_port); ask "
            "context.rest_uri, or use input_handler and output_handler"
        )


class Handlers:
    """The handlers of one model."""

    def __init__(self, script: Path, api: RestApi, rest_port: int, module: str) -> None:
        """Import the script; NotImplementedError where it has one of the pair only."""
        self._api, self._port = api, rest_port
        self._handler = self._choose(load(script, module))

    def answer(self, request: Request, default_model: str) -> tuple[bytes, str]:
        """Return the body and the content type; raises what the handlers raise."""
        context = self._context(request, default_model)
        body, content_type = self._handler(io.BytesIO(request.body), context)
        return as_bytes(body), content_type

    def _choose(self, module: ModuleType) -> Handler:
        whole: Handler | None = getattr(module, "handler", None)
        before = getattr(module, "input_handler", None)
        after = getattr(module, "output_handler", None)
        if whole:
            return whole
        if before and after:
            return lambda data, context: after(self._serve(before(data, context), context), context)
        if before or after:
            raise NotImplementedError("Handlers are not implemented correctly in user script.")
        return lambda data, context: (
            self._serve(data.read(), context).content,
            context.accept_header,
        )

    def _serve(self, body: Any, context: Context) -> requests.Response:
        """Return TensorFlow Serving's answer, as `requests.post(context.rest_uri, body)` would."""
        response = requests.Response()
        path = "/" + context.rest_uri.split("/", 3)[3]
        response.status_code, response._content = self._api.ask("POST", path, as_bytes(body))
        response.url, response.encoding = context.rest_uri, "utf-8"
        response.reason = requests.status_codes._codes[response.status_code][0]
        response.headers["Content-Type"] = DEFAULT_TYPE
        return response

    def _context(self, request: Request, default_model: str) -> Context:
        wanted, headers = target.read(request.headers), request.headers
        return Context(
            wanted.model,
            wanted.version,
            wanted.method,
            f"http://localhost:{self._port}{wanted.path(default_model)}",
            None,
            NoChannel(),
            headers.get(target.HEADER),
            headers.get("content-type") or DEFAULT_TYPE,
            headers.get("accept") or DEFAULT_TYPE,
            len(request.body),
        )


def load(script: Path, module: str) -> ModuleType:
    """Import a script under a name, with its folder and `lib` beside it on the path."""
    for folder in (script.parent, script.parent / "lib"):
        if folder.is_dir() and str(folder) not in sys.path:
            sys.path.append(str(folder))
    loader = SourceFileLoader(module, str(script))
    made = ModuleType(module)
    made.__file__ = str(script)
    sys.modules[module] = made
    loader.exec_module(made)
    return made


def as_bytes(body: Any) -> bytes:
    """Return a body as bytes; a text is UTF-8."""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray | memoryview):
        return bytes(body)
    if hasattr(body, "read"):
        return as_bytes(body.read())
    raise TypeError(f"expected a body of text or bytes, found {type(body).__name__}")
