"""One container's model server: started, asked for its health, started again when it crashes."""

import contextlib
import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from slipway.hosting import ports, supervised
from slipway.hosting.client import Answer, Broken, Client, HeadTooLong, Late, Unreached
from slipway.hosting.container import Container, Server
from slipway.hosting.multi_model import Models
from slipway.hosting.ports import Doorway, Port
from slipway.hosting.running import Running, sentence, why
from slipway.jobs.log_file import LogWriter
from slipway.jobs.process import Ended
from slipway.jobs.sandbox import Sandbox
from slipway.jobs.settings import Settings
from slipway.jobs.workspace import Workspace

log = logging.getLogger(__name__)

TRIES = 3  # ends of a process before the first good /ping
PERIOD = 5.0  # seconds between two /pings, once the server is up
SICK = 60.0  # seconds without a good /ping, after which a server is started again
STEADY = 60.0  # seconds of good service after which a crash is the first one again
LONGEST_PAUSE = 5.0  # seconds between two starts of a server that crashes again and again


class ModelServer:
    """A server with a thread that sees to it. `state` is Starting, InService, Failed or Stopped."""

    def __init__(
        self,
        container: Container,
        server: Server,
        place: Workspace,
        shared: Mapping[str, Path],
        way: Sandbox,
        settings: Settings,
        log: Path,
        out: int,
        changed: Callable[[], None],
    ) -> None:
        """Take where the server runs; `changed` is called at every change of its state."""
        self.container = container
        self.place = place
        self.log = log
        self.state = "Starting"
        self.ready = False
        self.reason = ""  # why it failed, besides the pings
        self.starts = 0  # how often it was started
        self.models: Models | None = None  # of a multi-model container
        self._about = server
        self._shared = shared
        self._way = way
        self._settings = settings
        self._out = out
        self._changed = changed
        self._running: Running | None = None
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._working: dict[object, float] = {}  # when the requests in it began
        self._answered = 0.0  # when it last answered anything
        name = f"server {server.host} {container.name}"
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start it; returns at once."""
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The supervisor's process number while there is one."""
        running = self._running
        return running.process.pid if running else None

    @property
    def client(self) -> Client | None:
        """The connections to its latest process."""
        running = self._running
        return running.client if running else None

    def began(self, request: object) -> None:
        """Note that a request is on its way: it may keep the server too busy for /ping."""
        self._working[request] = time.monotonic()

    def ended(self, request: object, answered: bool) -> None:
        """Note that a request is over."""
        del self._working[request]
        if answered:
            self._answered = time.monotonic()

    def reach(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes, timeout: float
    ) -> Answer | str:
        """Return the server's answer, or AWS's sentence for why there is none.

        Raises Unreached when nothing of the request has left.
        """
        running = self._running
        if running is None:
            raise Unreached("the server is not started")
        request, answered = object(), False
        self.began(request)
        try:
            answer = running.client.ask(method, path, headers, body, timeout)
            answered = True
            return answer
        except Unreached:
            raise
        except (Late, Broken, HeadTooLong) as error:
            return sentence(error, self.container.name)
        finally:
            self.ended(request, answered)

    def stop(self, grace: float) -> None:
        """Ask it to end, and end it after its grace; returns when no process is left."""
        with self._lock:
            self._over.set()
            running = self._running
        if running and grace > 0:
            running.process.stop()
            self._thread.join(grace)
        self.kill()
        if self._thread.ident is not None:
            self._thread.join()

    def kill(self) -> None:
        """End it at once."""
        with self._lock:
            self._over.set()
            running = self._running
        if running:
            running.process.kill()

    def _run(self) -> None:
        try:
            self._live()
        except Exception as error:
            log.exception("the server of %s on %s", self.container.name, self._about.host)
            self.ready = False
            self._fail(f"InternalServerError: an error in Slipway: {error!r}.")

    def _live(self) -> None:
        """Keep the server running until it is stopped, or until it has failed to start."""
        ends, pause = 0, 0.0
        deadline = time.monotonic() + self._about.startup_timeout
        while not self._over.is_set():
            running = self._launch()
            if running is None:
                if self.state == "Failed":
                    return
                self._over.wait(LONGEST_PAUSE)  # what it needs may be there by then
                continue
            began = time.monotonic()
            if self.state == "InService":
                deadline = began + self._about.startup_timeout
            if self._await_ping(running, deadline):
                self.state, self.ready = "InService", True
                self._changed()
                self._watch(running)
                self.ready = False
            late = time.monotonic() > deadline
            ended = running.end()
            if self._over.is_set():
                break
            self._changed()
            if self.state == "Starting":
                ends += not self._is_stolen(running.port)
                if late:
                    seconds = self._about.startup_timeout
                    return self._fail(
                        f"GET /ping was not answered with 200 within {seconds:g} seconds."
                    )
                if ends == TRIES:
                    return self._fail(self._why(ended, ends))
                pause = 0.2
            else:
                self._note(f"{self._why(ended, 1)} It is started again.")
                steady = time.monotonic() - began > STEADY
                pause = 0.1 if steady else min(LONGEST_PAUSE, max(0.1, 2 * pause))
            self._over.wait(pause)
        self.state = "Stopped"
        self._changed()

    def _launch(self) -> Running | None:
        """Start the process; None when it is to stop, or cannot be started: the first time it fails."""
        with self._lock:
            if self._over.is_set():
                return None
            try:
                self._running = self._start_on(self._find_port())
            except OSError as error:
                log.error("%s on %s: %s", self.container.name, self._about.host, error)
                if self.state == "Starting":
                    self._fail(f"Slipway could not start it: {error}.")
                return None
            self.starts += 1
            return self._running

    def _start_on(self, port: Port | Doorway) -> Running:
        try:
            process = supervised.start(
                self.container,
                self._about,
                self.place,
                self._shared,
                self._way,
                self._settings,
                self.log,
                port,
            )
        except BaseException:
            port.close()
            raise
        return Running(process, port, Client(port.connect))

    def _find_port(self) -> Port | Doorway:
        if supervised.own_network(self.container, self._about.isolated, self._way):
            return Doorway(0 if self._about.isolated else self._out)
        return Port(0 if self.container.image.binds_port else ports.OWN)

    def _await_ping(self, running: Running, deadline: float) -> bool:
        """Wait for the first good /ping; False when the process ends first, or the time does."""
        pause = 0.02
        while not self._over.is_set() and time.monotonic() < deadline:
            good = running.is_healthy()
            if running.has_ended(0 if good else pause):
                return False
            if good:
                return True
            pause = min(0.25, 1.5 * pause)
        return False

    def _watch(self, running: Running) -> None:
        """Return when the process has ended, has to, or answers nothing any more."""
        alive = failing = math.inf  # when it last was, and since when it is not, healthy
        while not running.has_ended(PERIOD) and not self._over.is_set():
            asked = time.monotonic()
            healthy = running.is_healthy()
            if healthy or (healthy is None and self._answered > failing):
                alive = failing = math.inf
                continue
            failing = min(failing, asked)
            # A server that answers nothing may be busy with what it was asked before.
            busy = any(began <= failing for began in list(self._working.values()))
            alive = asked if healthy is None and busy else min(alive, asked)
            if time.monotonic() - alive > SICK:
                return
        while self._over.is_set() and not running.has_ended(PERIOD):
            pass  # it has its grace

    def _is_stolen(self, port: Port | Doorway) -> bool:
        """Tell whether another process took the port between its choice and the server's start."""
        ours = isinstance(port, Port) and self.container.image.binds_port
        return ours and not ports.is_free(port.number)

    def _fail(self, reason: str) -> None:
        self.reason = reason
        self.state = "Failed"
        self._changed()

    def _note(self, text: str) -> None:
        """Say something in the server's own log."""
        with contextlib.suppress(OSError):
            writer = LogWriter(self.log, 1 << 16)
            writer.say(f"slipway: {text}")
            writer.close()

    def _why(self, ended: Ended, ends: int) -> str:
        return why(ended, ends, self.container.image.command("serve"), self._settings)
