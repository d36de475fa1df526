"""How AWS's toolkit images answer: PyTorch, and every image that serves many models. Runs in a worker.

The chain of functions is AWS's own, the package `sagemaker_inference`; this is the model server
around it, which on AWS is TorchServe or Multi Model Server.
"""

import json
import os
import sys
import traceback
from typing import Any

import toolkit_answers
from front import Reply, Request
from sagemaker_inference.default_inference_handler import DefaultInferenceHandler
from sagemaker_inference.transformer import Transformer

CODE = "code"  # the folder of a model's own code


class RequestProcessor:
    """One request's headers, as the toolkit reads them, and what the reply will have."""

    def __init__(self, headers: dict[str, str]) -> None:
        """Take the request's headers."""
        self._headers = headers
        self.status = 200
        self.reply_headers: dict[str, str] = {}

    def get_request_properties(self) -> dict[str, str]:
        """Return all headers; their names as HTTP/1.1 writes them."""
        return self._headers

    def get_request_property(self, key: str) -> str | None:
        """Return one header, by a name in any case."""
        return self._headers.get(key.title())


class Context:
    """What a script's functions get as `context`."""

    def __init__(self, model_dir: str) -> None:
        """Take the model's folder."""
        self.system_properties = {"model_dir": model_dir, "gpu_id": None, "server_name": "slipway"}
        self.model_name = os.environ.get("SAGEMAKER_MODEL_NAME", "model")
        self.manifest: dict[str, Any] = {}
        self.request_processor = [RequestProcessor({})]

    def set_response_status(self, code: int = 200, phrase: str = "", idx: int = 0) -> None:
        """Set the reply's status."""
        self.request_processor[idx].status = code

    def set_response_content_type(self, idx: int, value: str) -> None:
        """Set the reply's content type."""
        self.set_response_header(idx, "Content-Type", value)

    def set_response_header(self, idx: int, key: str, value: str) -> None:
        """Set a header of the reply."""
        self.request_processor[idx].reply_headers[key.title()] = value

    def get_response_headers(self, idx: int) -> dict[str, str]:
        """Return the headers of the reply so far."""
        return self.request_processor[idx].reply_headers

    def get_request_header(self, idx: int, key: str) -> str | None:
        """Return a header of the request."""
        return self.request_processor[idx].get_request_property(key)

    def get_all_request_header(self, idx: int) -> dict[str, str]:
        """Return all headers of the request."""
        return self.request_processor[idx].get_request_properties()


class ToolkitStack:
    """A script's functions behind the toolkit's rules. Subclasses bring the framework's defaults."""

    handler: type[DefaultInferenceHandler] = DefaultInferenceHandler

    def __init__(self, model_dir: str) -> None:
        """Import the script, if there is one, and load its model."""
        os.chdir(
            model_dir
        )  # as the model server does; AWS's default model_fn looks for files there
        sys.path.insert(0, os.path.join(model_dir, CODE))  # noqa: PTH118
        self._context = Context(model_dir)
        self._largest = int(os.environ.get("SAGEMAKER_MAX_PAYLOAD_IN_MB") or 0) * 1024 * 1024
        self._transformer = Transformer(self.handler())
        self._transformer.validate_and_initialize(model_dir=model_dir, context=self._context)

    def answer(self, request: Request) -> Reply:
        """Answer an invocation."""
        if request.path == "/execution-parameters":
            return toolkit_answers.error(404, "ResourceNotFoundException", "Resource not found.")
        if self._largest and len(request.body) > self._largest:
            text = f"The body has {len(request.body)} bytes; the limit is {self._largest}."
            return toolkit_answers.error(413, "RequestEntityTooLargeException", text)
        processor = RequestProcessor({k.title(): v for k, v in request.headers.items()})
        self._context.request_processor = [processor]
        (result,) = self._transformer.transform([{"body": request.body}], self._context)
        if processor.status >= 400:
            print(result, file=sys.stderr, flush=True)
        try:
            return Reply(processor.status, body(result), processor.reply_headers)
        except TypeError as error:
            traceback.print_exc()
            return toolkit_answers.error(500, "InternalServerException", str(error))


def body(result: Any) -> bytes:
    """Return a result as the model server sends it; TypeError for what has no such form."""
    if isinstance(result, str):
        return result.encode()
    if isinstance(result, bytes | bytearray):
        return bytes(result)
    if hasattr(result, "__next__"):
        raise TypeError("a generator: this image does not send its answer in parts")
    return json.dumps(result).encode()
