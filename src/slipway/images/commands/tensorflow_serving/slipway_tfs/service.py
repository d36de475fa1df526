"""The container's HTTP: `/ping`, `/invocations`, and `/models` of a multi-model server."""

import contextlib
import json
import threading
import traceback
from typing import Any, Protocol

from front import Reply, Request

from slipway_tfs import payloads, target
from slipway_tfs.failure import Refused
from slipway_tfs.handlers import Handlers
from slipway_tfs.rest import JSON, RestApi


class Models(Protocol):
    """Who answers below `/models`."""

    def answer(self, request: Request) -> Reply:
        """Answer a request."""
        ...


class Invocations:
    """What answers invocations: a user's handlers, or the container's own rules without them."""

    def __init__(self, api: RestApi, at_once: int) -> None:
        """Take how many handlers run at once; 0 is as many as there are requests."""
        self._api = api
        self._turn: Any = (
            threading.BoundedSemaphore(at_once) if at_once else contextlib.nullcontext()
        )

    def answer(self, request: Request, model: str, handlers: Handlers | None) -> Reply:
        """Answer one invocation of a model."""
        return self._handled(request, model, handlers) if handlers else self._plain(request, model)

    def _handled(self, request: Request, model: str, handlers: Handlers) -> Reply:
        try:
            with self._turn:
                body, content_type = handlers.answer(request, model)
        except Exception as error:
            traceback.print_exc()
            return failed(str(error), 500)
        return Reply(200, body, {"Content-Type": content_type})

    def _plain(self, request: Request, model: str) -> Reply:
        try:
            body = payloads.to_request(request.body, request.headers.get("content-type"))
        except Refused as refused:
            return failed(str(refused), refused.status)
        status, said = self._api.ask("POST", target.read(request.headers).path(model), body)
        content, content_type = payloads.to_answer(said, request.headers.get("accept"))
        return Reply(status, content, {"Content-Type": content_type})


class Service:
    """The routes."""

    def __init__(
        self, invocations: Invocations, model: str, handlers: Handlers | None, models: Models | None
    ) -> None:
        """Take the default model and its handlers, or what answers `/models`."""
        self._invocations, self._model = invocations, model
        self._handlers, self._models = handlers, models

    def answer(self, request: Request) -> Reply:
        """Answer a request of the platform."""
        if request.path == "/ping":
            return Reply(200)
        if self._models and request.path.partition("?")[0].startswith("/models"):
            return self._models.answer(request)
        if request.path == "/invocations" and not self._models:
            if request.method != "POST":
                return failed("Method Not Allowed", 405)
            return self._invocations.answer(request, self._model, self._handlers)
        return failed("Not Found", 404)


def failed(message: str, status: int) -> Reply:
    """Return an error's document."""
    return Reply(status, json.dumps({"error": message}).encode(), JSON)
