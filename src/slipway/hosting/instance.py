"""One instance behind an endpoint or a transform job: the servers of a model's containers."""

import contextlib
import dataclasses
import itertools
import json
import logging
import threading
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from slipway.hosting import chain, failure, model_data, supervised
from slipway.hosting.client import Broken, HeadTooLong, Late
from slipway.hosting.container import Container, Server
from slipway.hosting.exchange import Gone, Invocation, Reply, Stream
from slipway.hosting.model_data import Unusable
from slipway.hosting.model_files import ModelFiles
from slipway.hosting.multi_model import Models
from slipway.hosting.plan import problem
from slipway.hosting.server import ModelServer
from slipway.hosting.usage import Meter, Usage
from slipway.images import build
from slipway.jobs import workspace
from slipway.jobs.log_reader import read_back
from slipway.jobs.sandbox import Sandbox
from slipway.jobs.settings import Settings
from slipway.jobs.storage import ObjectStore
from slipway.jobs.workspace import ROOT, Workspace

log = logging.getLogger(__name__)

MODELS = f"{ROOT}/models"  # of a multi-model container
LINES = 20  # of a failed server's log that are looked at
GRACE = 30.0  # seconds between SIGTERM and SIGKILL, as on AWS
DRAIN = 60.0  # seconds that requests in work have before a server is asked to end


class Instance:
    """The servers of one model's containers. Safe for any number of threads."""

    def __init__(
        self,
        server: Server,
        folder: Path,
        store: ObjectStore,
        sandbox: Sandbox,
        settings: Settings,
        log: Path,
        cloud_endpoint: str,
    ) -> None:
        """Take what to serve and where.

        `folder` is the instance's own and goes with it; unpacked artifacts lie beside it, in
        `models`, one copy for all instances there. `log` is the file of its log; where a model has
        several containers, their logs lie in the folder of that name without the suffix.
        """
        self.server = server
        self.failure = ""
        self._folder = folder
        self._store = store
        # A link gives /opt/ml to one after the other, which no server could wait for.
        self._way = (
            dataclasses.replace(sandbox, way="substitution") if sandbox.way == "link" else sandbox
        )
        self._settings = dataclasses.replace(settings, grace=GRACE)
        self._log = log
        self._out = urlsplit(cloud_endpoint).port or 0
        self._held = contextlib.ExitStack()  # the artifacts
        self._state = "Starting"
        self._changed = threading.Condition()
        self._stopping = False
        self._closed = False  # to requests
        self._hurry = False
        self._stop = threading.Lock()
        self._outstanding = 0
        self._servers: list[ModelServer] = []
        self._meter = Meter(folder.parent, settings.memory)
        name = f"instance {server.host}"
        self._thread = threading.Thread(target=self._bring_up, name=name, daemon=True)

    def start(self) -> None:
        """Start it; returns at once."""
        self._thread.start()

    def wait(self, timeout: float | None = None) -> str:
        """Wait until it no longer starts; return "Starting", "InService", "Failed" or "Stopped"."""
        with self._changed:
            self._changed.wait_for(lambda: self._state != "Starting", timeout)
            return self._state

    @property
    def ready(self) -> bool:
        """Whether all its servers answer now."""
        return self._state == "InService" and all(each.ready for each in self._servers)

    @property
    def outstanding(self) -> int:
        """The requests in it now."""
        return self._outstanding

    def invoke(self, invocation: Invocation, timeout: float = 60.0) -> Reply:
        """Return what the model says; status 0 and AWS's sentence where it says nothing of use.

        Raises NotReady and Refused, and Gone where the instance takes no more requests, or was stopped
        before this one had its answer.
        """
        with self._inside():
            reply = chain.invoke(self.server, self._servers, invocation, timeout)
            if self._closed and reply.body == failure.EXITED.encode() and not reply.status:
                raise Gone(self.server.host)
            return reply

    def stream(self, invocation: Invocation, timeout: float = 60.0) -> Stream:
        """Return an answer that comes in parts; as `invoke` for the rest."""
        inside = contextlib.ExitStack()
        inside.enter_context(self._inside())
        try:
            return chain.stream(self.server, self._servers, invocation, timeout, inside.close)
        except BaseException:
            inside.close()
            raise

    def execution_parameters(self) -> dict[str, Any] | None:
        """Return what the first container says of itself at GET /execution-parameters, or None."""
        client = self._servers[0].client if self._servers else None
        with contextlib.suppress(Late, Broken, HeadTooLong, ValueError):
            if client:
                answer = client.ask("GET", "/execution-parameters", {}, b"", 5)
                said = json.loads(answer.body) if answer.status == 200 else None
                return said if isinstance(said, dict) else None
        return None

    def usage(self) -> Usage | None:
        """Return what its processes used since the last call; None at the first one."""
        supervisors = [each.pid for each in self._servers if each.pid is not None]
        return self._meter.read(supervisors) if self._state == "InService" else None

    def stop(self, grace: float = GRACE) -> None:
        """End it: requests in work first, then SIGTERM, `grace` seconds, SIGKILL; once.

        With a grace of 0 all ends at once, also where it had been asked to end in peace.
        """
        self._stopping = True
        if not grace:
            self._end_at_once()
        with self._stop:
            if self._state == "Stopped":
                return
            with self._changed:
                self._changed.wait_for(lambda: not self._outstanding or self._hurry, DRAIN)
                self._closed = True
            if self._thread.ident is not None:
                self._thread.join(None if grace else 1)  # it may be in the middle of artifacts
            stopping = [threading.Thread(target=each.stop, args=(grace,)) for each in self._servers]
            for thread in stopping:
                thread.start()
            for thread in stopping:
                thread.join()
            self._held.close()
            workspace.remove(self._folder)
            with self._changed:
                self._state = "Stopped"
                self._changed.notify_all()

    def _end_at_once(self) -> None:
        with self._changed:
            self._hurry = self._closed = True
            self._changed.notify_all()
        for each in self._servers:
            each.kill()

    @contextlib.contextmanager
    def _inside(self) -> Any:
        """Count a request while it is in here."""
        with self._changed:
            if self._closed:
                raise Gone(self.server.host)
            self._outstanding += 1
        try:
            yield
        finally:
            with self._changed:
                self._outstanding -= 1
                if not self._outstanding and self._stopping:
                    self._changed.notify_all()

    def _bring_up(self) -> None:
        """Bring the artifacts of all containers, then start all servers."""
        try:
            workspace.remove(self._folder)
            self._log.parent.mkdir(parents=True, exist_ok=True)
            if self.server.isolated and self._way.way == "substitution":
                raise Unusable(
                    "this machine cannot run a model without network (EnableNetworkIsolation); see "
                    "`slipway doctor`"
                )
            if lacking := problem(self.server):
                raise Unusable(lacking)
            self._servers = [self._prepared(each) for each in self.server.containers]
        except (Unusable, build.BuildFailed) as error:
            return self._failed(str(error))
        except OSError as error:
            return self._failed(f"Slipway could not lay out the model: {error}")
        except Exception as error:
            log.exception("instance %s", self.server.host)
            return self._failed(f"InternalServerError: an error in Slipway: {error!r}")
        for each in self._servers if not self._closed else ():
            each.start()

    def _prepared(self, container: Container) -> ModelServer:
        if container.image.lock:
            build.ensure(container.image.lock)
        place = Workspace(self._folder / container.name)
        supervised.lay_out(container, place)
        shared = {}
        for path, data in supervised.artifacts(container).items():
            copies = model_data.copies(self._folder.parent / "models")
            held = copies.held(container.name, data, self._store, self.server.download_timeout)
            shared[path] = self._held.enter_context(held)
        if self._way.way != "namespace":  # which alone can show them read-only
            supervised.copy(shared, place)
            shared = {}
        file = self.log_of(container)
        file.parent.mkdir(parents=True, exist_ok=True)
        made = ModelServer(
            container,
            self.server,
            place,
            shared,
            self._way,
            self._settings,
            file,
            self._out,
            self._look,
        )
        if container.models:
            made.models = Models(
                self._files(container, place),
                container.keeps_models,
                made.reach,
                lambda: made.starts,
            )
        return made

    def _files(self, container: Container, place: Workspace) -> ModelFiles:
        folder = place.outside(MODELS)
        folder.mkdir()
        return ModelFiles(
            container.models,
            folder,
            self._way.inside(MODELS, place),
            self._store,
            self.server.disk,
            self.server.download_timeout,
        )

    def log_of(self, container: Container) -> Path:
        """Return the file of a container's log."""
        if len(self.server.containers) == 1:
            return self._log
        return self._log.with_suffix("") / f"{container.name}.log"

    def _look(self) -> None:
        """Follow the servers' states."""
        states = {each.state for each in self._servers}
        if self._state != "Starting" or self._stopping:
            return
        if "Failed" in states and not states & {"Starting"}:
            bad = [each for each in self._servers if each.state == "Failed"]
            reasons = {each.container.name: each.reason for each in bad}
            logs = {each.container.name: last_lines(each.log) for each in bad}
            self._failed(failure.not_started(self.server.variant, reasons, logs))
        elif states == {"InService"}:
            with self._changed:
                self._state = "InService"
                self._changed.notify_all()

    def _failed(self, reason: str) -> None:
        with self._changed:
            if self._state == "Starting":
                self.failure = reason[: failure.LONGEST]
                self._state = "Failed"
                self._changed.notify_all()


def last_lines(log: Path) -> list[str]:
    """Return the last lines of a log, those without text left out."""
    if not log.exists():
        return []
    found = itertools.islice(read_back(log, log.stat().st_size), LINES)
    return [line.text for line in found if line.text.strip()][::-1]
