"""The platform's half of a multi-model container: models come on first use and go when room is short.

The container has POST /models, DELETE /models/{id} and POST /models/{id}/invoke. It answers 507 when
it has no memory for one more model, 409 when it has a model already, 404 when it does not have it.
"""

import contextlib
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

from slipway.hosting.client import Answer, Unreached
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
    entering: bool = False  # the container is loading it
    leaving: bool = False  # it is being removed; who wants it waits for that

    def __post_init__(self) -> None:
        self.id = hashlib.sha256(self.target.encode()).hexdigest()[:32]


class Models:
    """The models of one multi-model container. Safe for any number of threads."""

    def __init__(self, files: ModelFiles, keeps: bool, ask: Ask, start: Callable[[], int]) -> None:
        """Take the models' files, and how to reach the server.

        `ask` sends it a request, returns a sentence where there is no answer, and raises Unreached
        where nothing of the request has left. `start` tells which start of the server is the current
        one: a new process has no models. Where a model is not kept it goes as soon as no request
        needs it.
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
            Unreached: The server has just ended.
        """
        self._files.check(target)
        deadline = time.monotonic() + timeout
        with self._changed:
            model = self._models.setdefault(target, Model(target))
            if not self._changed.wait_for(lambda: not model.leaving, timeout):
                raise still_loading(model)
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
            with self._changed:
                model.users -= 1
                model.used = time.monotonic()
                self._changed.notify_all()
            self._let_go(model)

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
            future = model.load = model.load or Future()
            if mine:
                work = threading.Thread(target=self._load, args=(model, future), daemon=True)
                work.name = f"load {model.target}"
                work.start()
        try:
            load = future.result(max(0.0, deadline - time.monotonic()))
        except TimeoutError as error:
            raise still_loading(model) from error
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
        return {"LoadedModelCount": float(len(self._in_memory()))}

    def _in_memory(self) -> list[Model]:
        start = self._start()
        return [model for model in self._models.values() if model.loaded_in == start]

    def _load(self, model: Model, future: "Future[Load]") -> None:
        """Bring a model to the disk and into memory; whoever waits for it learns how that went."""
        found: Load | Exception
        start = -1
        try:
            began = time.monotonic()
            self._files.bring(
                model.id, model.target, lambda: self._room_on_disk(model, began + LOAD)
            )
            downloading = time.monotonic() - began
            start = self._start()
            found = self._into_memory(model, downloading)
        except Exception as error:
            found = error
        with self._changed:
            model.load = None
            if isinstance(found, Load) and found.problem is None:
                model.loaded_in = start
            self._changed.notify_all()
        if isinstance(found, Load):
            future.set_result(found)
        else:
            future.set_exception(found)
        self._let_go(model)

    def _into_memory(self, model: Model, downloading: float) -> Load:
        """Ask the container to load a model; where it has no memory, let it unload others first."""
        began = time.monotonic()
        unloading = 0.0
        about = {"model_name": model.id, "url": self._files.inside(model.id)}
        body, kind = json.dumps(about).encode(), {"Content-Type": "application/json"}
        while True:
            before = self._in_the_way(model)
            found = self._enter(model, kind, body, began + LOAD - time.monotonic())
            loading = time.monotonic() - began - unloading
            if isinstance(found, str):
                return Load(downloading, loading, unloading, found)
            if 200 <= found.status < 300 or found.status == THERE:
                return Load(downloading, loading, unloading)
            since = time.monotonic()
            if found.status != FULL or not self._room_in_memory(before, model, began + LOAD):
                return Load(downloading, loading, unloading, found)
            unloading += time.monotonic() - since

    def _enter(
        self, model: Model, headers: Mapping[str, str], body: bytes, left: float
    ) -> Answer | str:
        with self._changed:
            model.entering = True
        try:
            return self._ask("POST", "/models", headers, body, left)
        finally:
            with self._changed:
                model.entering = False
                self._changed.notify_all()

    def _in_the_way(self, wanted: Model) -> set[str]:
        """Return the models that may have the memory which another one wants."""
        with self._changed:
            moving = [each for each in self._models.values() if each.entering or each.leaving]
            return {each.id for each in (*self._in_memory(), *moving)} - {wanted.id}

    def _room_in_memory(self, before: set[str], wanted: Model, deadline: float) -> bool:
        """Unload the model that was not used for longest, or wait until what is there changes.

        `before` is what was in the way when the container had no memory. False where that was
        nothing, or the time is over.
        """

        def changed() -> bool:
            return self._in_the_way(wanted) != before

        with self._changed:
            if before:
                left = max(0.0, deadline - time.monotonic())
                self._changed.wait_for(lambda: self._idle(self._in_memory()) or changed(), left)
            victim = self._first(self._idle(self._in_memory()))
            if victim is None:
                return changed()
        self._remove(victim, from_disk=False)
        return True

    def _room_on_disk(self, wanted: Model, deadline: float) -> bool:
        """Remove the model that was not used for longest, one outside of memory first; else wait.

        False where no other model is on the disk, or the time is over.
        """

        def others() -> list[Model]:
            there = (each for each in self._models.values() if self._files.has(each.id))
            return [each for each in there if each is not wanted]

        with self._changed:
            if not (before := others()):
                return False
            left = max(0.0, deadline - time.monotonic())
            self._changed.wait_for(lambda: self._idle(others()) or others() != before, left)
            idle, inside = self._idle(others()), self._in_memory()
            victim = self._first([each for each in idle if each not in inside] or idle)
            if victim is None:
                return others() != before
        self._remove(victim, from_disk=True)
        return True

    def _idle(self, models: Iterable[Model]) -> list[Model]:
        return [each for each in models if not (each.users or each.load or each.leaving)]

    def _first(self, models: list[Model]) -> Model | None:
        """Return the model that was not used for longest, which leaves from now on."""
        victim = min(models, key=lambda model: model.used, default=None)
        if victim:
            victim.leaving = True
        return victim

    def _let_go(self, model: Model) -> None:
        """Remove a model that is not kept, once nobody needs it."""
        with self._changed:
            if self._keeps or not self._idle([model]):
                return
            model.leaving = True
        self._remove(model, from_disk=True)

    def _remove(self, model: Model, from_disk: bool) -> None:
        """Remove a model that leaves from memory, and from the disk too if so wanted."""
        try:
            if model.loaded_in == self._start():
                with contextlib.suppress(Unreached):
                    self._ask("DELETE", f"/models/{model.id}", {}, b"", LOAD)
            if from_disk:
                self._files.drop(model.id)
        finally:
            with self._changed:
                model.loaded_in = -1
                model.leaving = False
                self._changed.notify_all()


def still_loading(model: Model) -> NotReady:
    """Return what a request learns whose model is not there in time."""
    return NotReady(f"The model {model.target} is still being loaded.")
