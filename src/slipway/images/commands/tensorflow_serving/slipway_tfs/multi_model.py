"""Models that come and go: the `/models` API of a multi-model container.

A model's own `code/inference.py` has its invocations; else the one that all share does, if there is one.
"""

import itertools
import json
import re
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tensorflow as tf
from front import Reply, Request

from slipway_tfs import scan
from slipway_tfs.batching import Scheduler
from slipway_tfs.handlers import SCRIPT, Handlers
from slipway_tfs.rest import JSON
from slipway_tfs.servable import Servable, Servables
from slipway_tfs.service import Invocations, failed

PATH = re.compile(r"/models(?:/(?P<name>[^/]+)(?P<invoke>/invoke)?)?")
OVERHEAD = 1.3  # memory that a loaded model takes, of the size of its files
PAGE = 1000  # models


@dataclass(frozen=True)
class Loaded:
    """A model in memory."""

    url: str
    handlers: Handlers | None


class MultiModel:
    """The models that the platform has had loaded."""

    def __init__(
        self,
        servables: Servables,
        scheduler: Scheduler | None,
        invocations: Invocations,
        handlers: Callable[[Path, str], Handlers],
        shared: Handlers | None,
    ) -> None:
        """Take what makes handlers of a script, and those of models that have none of their own."""
        self._servables, self._scheduler = servables, scheduler
        self._invocations, self._handlers, self._shared = invocations, handlers, shared
        self._models: dict[str, Loaded] = {}
        self._loading = threading.Lock()
        self._number = itertools.count(1)

    def answer(self, request: Request) -> Reply:
        """Answer a request below `/models`."""
        found = PATH.fullmatch(request.path)
        if found is None:
            return failed("Not Found", 404)
        name, asked = found["name"], (request.method, bool(found["name"]), bool(found["invoke"]))
        if asked == ("POST", False, False):
            return self._load(request.body)
        if asked == ("GET", False, False):
            return self._list(request.query)
        known = self._models.get(name) if name else None
        if name and known is None:
            return failed(f"Model {name} is not loaded yet.", 404)
        if asked == ("GET", True, False):
            return document(_described(name, known))
        if asked == ("DELETE", True, False):
            self._models.pop(name, None)
            self._servables.remove(name)
            return document({"success": f"Successfully unloaded model {name}."})
        if asked == ("POST", True, True):
            return self._invocations.answer(request, name, known.handlers if known else None)
        return failed("Method Not Allowed", 405)

    def _load(self, body: bytes) -> Reply:
        try:
            content = json.loads(body)
            name, url = str(content["model_name"]), str(content["url"])
        except (ValueError, KeyError, TypeError):
            return failed("expected an object with model_name and url", 400)
        with self._loading:
            if name in self._models:
                return failed(f"Model {name} is already loaded.", 409)
            folder = Path(url)
            try:
                model = next(iter(scan.find(folder).values()))
            except ValueError:
                return failed(f"Could not find valid base path {url} for servable {name}", 404)
            if size(folder) * OVERHEAD > available():
                return failed(f"There is not enough memory to load model {name}.", 507)
            try:
                self._take(name, folder, model)
            except (MemoryError, tf.errors.ResourceExhaustedError):
                return failed(f"There is not enough memory to load model {name}.", 507)
            except Exception as error:
                traceback.print_exc()
                return failed(f"Model {name} cannot be loaded: {error}", 500)
        return document({"success": f"Successfully loaded model {name}."})

    def _take(self, name: str, folder: Path, model: scan.Model) -> None:
        versions = [
            Servable(name, number, path, self._scheduler) for number, path in model.versions.items()
        ]
        script, handlers = folder / "code" / SCRIPT, self._shared
        if script.is_file():
            handlers = self._handlers(script, f"inference_{next(self._number)}")
        self._servables.add(versions)
        self._models[name] = Loaded(str(folder), handlers)

    def _list(self, query: str) -> Reply:
        found = re.search(r"(?:^|&)next_page_token=(\d+)", query)
        start = int(found[1]) if found else 0
        models = sorted(self._models.items())
        answer: dict[str, Any] = {
            "models": [_described(*each) for each in models[start : start + PAGE]]
        }
        if start + PAGE < len(models):
            answer["nextPageToken"] = str(start + PAGE)
        return document(answer)


def document(content: Any) -> Reply:
    """Return a JSON answer."""
    return Reply(200, json.dumps(content).encode(), JSON)


def size(folder: Path) -> int:
    """Return the bytes of a folder's files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def available(meminfo: Path = Path("/proc/meminfo")) -> float:
    """Return the bytes that can be had without swapping; as many as one likes where Linux is not."""
    if not meminfo.exists():
        return float("inf")
    found = re.search(r"MemAvailable:\s+(\d+) kB", meminfo.read_text())
    return int(found[1]) * 1024 if found else float("inf")


def _described(name: str, model: Loaded | None) -> dict[str, str]:
    return {"modelName": name, "modelUrl": model.url if model else ""}
