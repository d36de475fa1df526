"""The worker processes that hold one model, as the server sees them."""

import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from front import Reply, Request

PROGRAM = Path(__file__).with_name("worker.py")
PAUSE = 1.0  # seconds between two starts of a worker whose model does not load any more
GRACE = 5.0  # seconds for a worker that is told to end


class NotLoaded(Exception):
    """A model that could not be loaded; `memory` tells whether memory was short."""

    def __init__(self, reason: str, memory: bool = False) -> None:
        super().__init__(reason)
        self.memory = memory


@dataclass(frozen=True)
class Stack:
    """Which code answers in the workers."""

    name: str  # "module:Class"
    folders: tuple[Path, ...]  # of its modules
    died: Callable[[], Reply]  # what the client gets whose request a worker did not survive
    late: Callable[[], Reply]  # what the client gets whose request took longer than `timeout`
    timeout: float = 60.0  # seconds


class Workers:
    """As many processes as `count`, each with the model, each with one request at a time."""

    def __init__(self, stack: Stack, model_dir: str, count: int) -> None:
        """Start them; NotLoaded when the first one cannot load the model."""
        self._stack = stack
        self._model_dir = model_dir
        self._idle: queue.Queue[Worker] = queue.Queue()
        self._lock = threading.Lock()
        self._all: set[Worker] = set()
        self._closed = False
        self._idle.put(self._start())
        for _ in range(count - 1):
            self._renew()

    @property
    def ready(self) -> bool:
        """Whether any worker has the model."""
        return any(worker.alive for worker in list(self._all))

    def answer(self, request: Request) -> Reply:
        """Return what a worker says, when one is free."""
        limit = time.monotonic() + self._stack.timeout
        try:
            while not (worker := self._idle.get(timeout=max(0.0, limit - time.monotonic()))).alive:
                self._replace(worker)
        except queue.Empty:
            return self._stack.late()
        try:
            worker.connection.send(request)
            if not worker.connection.poll(max(0.0, limit - time.monotonic())):
                self._replace(worker)
                return self._stack.late()
            status, headers, body = worker.connection.recv()
        except (EOFError, OSError):
            self._replace(worker)
            return self._stack.died()
        if body is None:
            return Reply(status, self._parts(worker), headers)
        self._idle.put(worker)
        return Reply(status, body, headers)

    def close(self) -> None:
        """End all workers; a request in one of them gets `died`."""
        with self._lock:
            self._closed = True
            ending = list(self._all)
            self._all.clear()
        for worker in ending:
            worker.end()

    def _parts(self, worker: "Worker") -> Iterator[bytes]:
        """Yield a body in parts; ConnectionError when it ends too early."""
        over, whole = False, False
        try:
            while worker.connection.poll(self._stack.timeout):
                part = worker.connection.recv()
                if not isinstance(part, bytes):
                    over, whole = True, part
                    break
                yield part
        except (EOFError, OSError):
            pass  # the worker has ended
        except GeneratorExit:
            over = self._quiet(worker)
            raise
        finally:
            if over:
                self._idle.put(worker)
            else:
                self._replace(worker)
        if not whole:
            raise ConnectionError("an answer in parts ended too early; its trace is above")

    def _quiet(self, worker: "Worker") -> bool:
        """Let a worker end an answer that nobody reads any more; return whether it did in time."""
        try:
            worker.connection.send(None)
            while worker.connection.poll(GRACE):
                if not isinstance(worker.connection.recv(), bytes):
                    return True
        except (EOFError, OSError):
            pass
        return False

    def _start(self) -> "Worker":
        worker = Worker(self._stack, self._model_dir)
        worker.load()
        with self._lock:
            if not self._closed:
                self._all.add(worker)
                return worker
        worker.end()
        raise NotLoaded("the server ends")

    def _replace(self, worker: "Worker") -> None:
        with self._lock:
            self._all.discard(worker)
        worker.end(at_once=True)
        self._renew()

    def _renew(self) -> None:
        """Start one more worker in the background, again and again until it has the model."""

        def run() -> None:
            while not self._closed:
                try:
                    self._idle.put(self._start())
                    return
                except NotLoaded:
                    time.sleep(PAUSE)

        if not self._closed:
            threading.Thread(target=run, daemon=True).start()


class Worker:
    """One worker process."""

    def __init__(self, stack: Stack, model_dir: str) -> None:
        mine, its = socket.socketpair()
        words = [sys.executable, str(PROGRAM), str(its.fileno()), *map(str, stack.folders)]
        self._process = subprocess.Popen(
            [*words, stack.name, model_dir], pass_fds=(its.fileno(),), stdin=subprocess.DEVNULL
        )
        its.close()
        self.connection = Connection(mine.detach())

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process.poll() is None

    def load(self) -> None:
        """Wait until it has its model; NotLoaded when it cannot."""
        try:
            state, reason, memory = self.connection.recv()
        except (EOFError, OSError):
            code = self._process.wait()
            raise NotLoaded(f"the worker ended with exit code {code}", code == -9) from None
        if state != "ready":
            self.end()
            raise NotLoaded(reason, memory)

    def end(self, at_once: bool = False) -> None:
        """End it: by itself, or after some seconds by force."""
        if at_once:
            self._process.kill()
        try:
            self.connection.close()
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
