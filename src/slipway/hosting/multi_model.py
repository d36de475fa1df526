"""The platform's half of a multi-model container: models come on first use and go when room is short.

The container has POST /models, DELETE /models/{id} and POST /models/{id}/invoke. It answers 507 when
it has no memory for one more model, 409 when it has a model already, 404 when it does not have it.
"""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

from slipway.hosting.client import Answer
from slipway.hosting.exchange import NotReady
from slipway.hosting.model_files import ModelFiles

LOAD = 360.0  # seconds that the load of a model may take, as on AWS
FULL, THERE, ABSENT = 507, 409, 404
Ask = Callable[[str, str, Mapping[str, str], bytes, float], Answer | str]


@dataclass(frozen=True)
class Load:
    """How a model came into memory: what it took, in seconds, or what the container said instead."""

    downloading: float
    loading: float
    unloading: float
    problem: Answer | str | None = None


@dataclass(frozen=True)
class Told:
    """What is told of a request besides its answer."""

    setup: float  # seconds that it waited for its model
    metrics: Mapping[str, float]  # times in µs, a hit as 1 or 0, models as their number


@dataclass
class Model:
    """One model: its id in the container, where it is, and who needs it."""

    target: str
    id: str = field(init=False)
    users: int = 0  # requests that need it
    used: float = 0.0  # when the last of them ended
    loaded_in: int = -1  # the start of the server in whose memory it is, -1 for none
    load: "Future[Load] | None" = None  # while it is on its way

    def __post_init__(self) -> None:
        self.id = hashlib.sha256(self.target.encode()).hexdigest()[:32]


class Models:
    """The models of one multi-model container. Safe for any number of threads."""

    def __init__(self, files: ModelFiles, keeps: bool, ask: Ask, start: Callable[[], int]) -> None:
        """Take the models' files, and how to reach the server.

        `ask` sends it a request and returns a sentence where there is no answer. `start` tells which
        start of the server is the current one: a new process has no models. Where a model is not
        kept it goes as soon as no request needs it.
        """
        self._files = files
        self._keeps = keeps
        self._ask = ask
        self._start = start
        self._models: dict[str, Model] = {}
        self._changed = threading.Condition()

    def invoke(
        self, target: str, headers: Mapping[str, str], body: bytes, timeout: float
    ) -> tuple[Answer | str, Told]:
        """Return a model's answer, after bringing it into memory where it is not.

        Raises:
            Refused: There is no such model, or it cannot be unpacked.
            NotReady: It still loads when the time is over; the load goes on.
        """
        self._files.check(target)
        deadline = time.monotonic() + timeout
        with self._changed:
            model = self._models.setdefault(target, Model(target))
            model.users += 1
        try:
            told, problem = self._bring(model, deadline)
            if problem is not None:
                return problem, told
            found = self._ask_model(model, headers, body, deadline)
            if isinstance(found, Answer) and found.status == ABSENT:  # the container let it go
                with self._changed:
                    model.loaded_in = -1
                told, problem = self._bring(model, deadline)
                if problem is not None:
                    return problem, told
                found = self._ask_model(model, headers, body, deadline)
            return found, told
        finally:
            self._leave(model)

    def _ask_model(
        self, model: Model, headers: Mapping[str, str], body: bytes, deadline: float
    ) -> Answer | str:
        left = deadline - time.monotonic()
        return self._ask("POST", f"/models/{model.id}/invoke", headers, body, left)

    def _bring(self, model: Model, deadline: float) -> tuple[Told, Answer | str | None]:
        """Wait until a model is in memory; return what that took, and why it is not there after all."""
        began = time.monotonic()
        with self._changed:
            if model.loaded_in == self._start():
                return Told(0.0, {"ModelCacheHit": 1.0, **self._loaded_count()}), None
            mine = model.load is None
            if mine:
                model.load = Future()
                name = f"load {model.target}"
                threading.Thread(target=self._load, args=(model,), name=name, daemon=True).start()
            future = model.load
        assert future is not None  # noqa: S101  (for the type checker)
        try:
            load = future.result(max(0.0, deadline - time.monotonic()))
        except TimeoutError as error:
            raise NotReady(f"The model {model.target} is still being loaded.") from error
        waited = time.monotonic() - began
        metrics = {"ModelCacheHit": 0.0, "ModelLoadingWaitTime": 1e6 * waited}
        if mine:
            metrics |= {
                "ModelDownloadingTime": 1e6 * load.downloading,
                "ModelLoadingTime": 1e6 * load.loading,
            }
            metrics |= {"ModelUnloadingTime": 1e6 * load.unloading} if load.unloading else {}
        with self._changed:
            return Told(waited, metrics | self._loaded_count()), load.problem

    def _loaded_count(self) -> dict[str, float]:
        return {"LoadedModelCount": float(len(list(self._in_memory())))}

    def _in_memory(self) -> Iterator[Model]:
        start = self._start()
        return (model for model in self._models.values() if model.loaded_in == start)

    def _leave(self, model: Model) -> None:
        with self._changed:
            model.users -= 1
            model.used = time.monotonic()
            gone = not (self._keeps or model.users or model.load)
            if gone:
                model.loaded_in = -1
            self._changed.notify_all()
        if gone:
            self._unload(model)
            self._files.drop(model.id)

    def _load(self, model: Model) -> None:
        """Bring a model to the disk and into memory; whoever waits for it learns how that went."""
        future = model.load
        assert future is not None  # noqa: S101
        try:
            began = time.monotonic()
            self._files.bring(model.id, model.target, self._idle)
            start = self._start()
            load = self._into_memory(model, time.monotonic() - began)
        except Exception as error:
            with self._changed:
                model.load = None
            future.set_exception(error)
            return
        with self._changed:
            model.load = None
            if load.problem is None:
                model.loaded_in = start
        future.set_result(load)

    def _into_memory(self, model: Model, downloading: float) -> Load:
        """Ask the container to load a model; where it has no memory, let it unload others first."""
        began = time.monotonic()
        unloading = 0.0
        about = {"model_name": model.id, "url": self._files.inside(model.id)}
        body, kind = json.dumps(about).encode(), {"Content-Type": "application/json"}
        while True:
            left = began + LOAD - time.monotonic()
            found = self._ask("POST", "/models", kind, body, left)
            loading = time.monotonic() - began - unloading
            if isinstance(found, str):
                return Load(downloading, loading, unloading, found)
            if 200 <= found.status < 300 or found.status == THERE:
                return Load(downloading, loading, unloading)
            victim = self._victim(model, began + LOAD) if found.status == FULL else None
            if victim is None:
                return Load(downloading, loading, unloading, found)
            since = time.monotonic()
            self._unload(victim)
            unloading += time.monotonic() - since

    def _victim(self, wanted: Model, deadline: float) -> Model | None:
        """Return the model that was not used for longest, waiting for one that no request needs."""
        with self._changed:
            while others := [model for model in self._in_memory() if model is not wanted]:
                if idle := [model for model in others if not model.users]:
                    victim = min(idle, key=lambda model: model.used)
                    victim.loaded_in = -1
                    return victim
                if not self._changed.wait(deadline - time.monotonic()):
                    break
        return None

    def _unload(self, model: Model) -> None:
        self._ask("DELETE", f"/models/{model.id}", {}, b"", LOAD)

    def _idle(self) -> list[str]:
        """Return the ids of the models that are on disk only, those not used for longest first."""
        with self._changed:
            start = self._start()
            idle = [
                model
                for model in self._models.values()
                if model.loaded_in != start and not model.users and not model.load
            ]
            return [model.id for model in sorted(idle, key=lambda model: model.used)]
