"""The models of a multi-model server: the platform loads, asks and unloads them by /models."""

import json
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

from front import Reply, Request
from workers import NotLoaded, Stack, Workers

PAGE = 100  # models in an answer to GET /models
LOADING = None


class Models:
    """Models by the name that the platform gives them; each has workers of its own."""

    def __init__(self, stack: Stack, workers: int) -> None:
        self._stack = stack
        self._count = workers
        self._lock = threading.Lock()
        self._loaded: dict[str, tuple[str, Workers | None]] = {}

    def answer(self, request: Request) -> Reply:
        """Answer a request of the multi-model contract."""
        words = [unquote(word) for word in request.path.strip("/").split("/")]
        match (request.method, *words):
            case ("GET" | "HEAD", "ping"):
                return Reply()
            case ("POST", "models"):
                return self._load(request.body)
            case ("GET", "models"):
                return self._list(request.query)
            case ("GET", "models", name):
                return self._describe(name)
            case ("DELETE", "models", name):
                return self._unload(name)
            case ("POST", "models", name, "invoke"):
                return self._invoke(name, request)
        return said(404, f"There is no {request.method} {request.path}.")

    def close(self) -> None:
        """Unload all models."""
        with self._lock:
            found, self._loaded = list(self._loaded.values()), {}
        for _, workers in found:
            if workers:
                workers.close()

    def _load(self, body: bytes) -> Reply:
        try:
            asked = json.loads(body)
            name, url = str(asked["model_name"]), str(asked["url"])
        except (ValueError, KeyError, TypeError):
            return said(400, 'Expected {"model_name": …, "url": …}.')
        with self._lock:
            if name in self._loaded:
                return said(409, f'Model "{name}" is already loaded.')
            self._loaded[name] = (url, LOADING)
        try:
            workers = Workers(self._stack, url, self._count)
        except NotLoaded as error:
            with self._lock:
                self._loaded.pop(name, None)
            return said(507 if error.memory else 500, f'Model "{name}" did not load: {error}')
        with self._lock:
            if name in self._loaded:
                self._loaded[name] = (url, workers)
                return said(200, f'Model "{name}" is loaded.')
        workers.close()  # the server ends
        return said(503, "The server ends.")

    def _list(self, query: str) -> Reply:
        with self._lock:
            known = sorted((name, url) for name, (url, workers) in self._loaded.items() if workers)
        start = parse_qs(query).get("next_page_token", [""])[0]
        left = [each for each in known if each[0] > start]
        found: dict[str, Any] = {"models": [shown(*each) for each in left[:PAGE]]}
        if len(left) > PAGE:
            found["nextPageToken"] = left[PAGE - 1][0]
        return document(200, found)

    def _describe(self, name: str) -> Reply:
        url, workers = self._loaded.get(name, ("", LOADING))
        return document(200, shown(name, url)) if workers else unknown(name)

    def _unload(self, name: str) -> Reply:
        with self._lock:
            _, workers = self._loaded.get(name, ("", LOADING))
            if workers:
                del self._loaded[name]
        if not workers:
            return unknown(name)
        workers.close()
        return said(200, f'Model "{name}" is unloaded.')

    def _invoke(self, name: str, request: Request) -> Reply:
        _, workers = self._loaded.get(name, ("", LOADING))
        return workers.answer(request) if workers else unknown(name)


def shown(name: str, url: str) -> dict[str, str]:
    """Return a model as the contract shows it."""
    return {"modelName": name, "modelUrl": url}


def unknown(name: str) -> Reply:
    """Return what is said of a model that is not loaded."""
    return said(404, f'Model "{name}" is not loaded.')


def said(status: int, text: str) -> Reply:
    """Return a sentence as a JSON document."""
    return document(status, {"status" if status == 200 else "message": text})


def document(status: int, found: Mapping[str, Any]) -> Reply:
    """Return a JSON document."""
    return Reply(status, json.dumps(found).encode(), {"Content-Type": "application/json"})
