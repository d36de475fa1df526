"""One execution environment: a process that holds a function and takes one event at a time.

The process is one of `slipway.jobs`: in a mount and a PID namespace of its own where the machine has
them, ended with all that it started when it is told to, and with the cloud however that ends.
"""

import json
import os
import select
import socket
import struct
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from slipway.cloud.awslambda.variables import search_path
from slipway.jobs.log_file import LogWriter
from slipway.jobs.process import Ended, Process, launch
from slipway.jobs.sandbox import SOURCES, Sandbox
from slipway.jobs.settings import Settings
from slipway.jobs.workspace import Workspace, remove

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
FRAME = struct.Struct(">II")
CHUNK = 1 << 16
LOG = 1 << 30  # bytes of a log that are kept
TAIL = 4096  # bytes of log that an invocation's answer may hold
PLACES = {"task": "/var/task", "runtime": "/var/runtime", "opt": "/opt", "tmp": "/tmp"}  # noqa: S108


@dataclass(frozen=True)
class Files:
    """Where a function's files are on this machine."""

    task: Path  # its code
    runtime: Path  # the AWS SDK
    opt: Path  # its layers' files, merged
    place: Path  # a folder for this environment alone
    log: Path


@dataclass(frozen=True)
class Said:
    """What the process said."""

    header: Mapping[str, Any]
    payload: bytes


class Late(Exception):
    """The process did not answer in time."""


class Died(Exception):
    """The process ended instead of an answer."""

    def __init__(self, ended: Ended) -> None:
        super().__init__(ended.why)
        self.ended = ended


class Environment:
    """A process, the two ways to talk with it, and its log. For one thread at a time."""

    def __init__(
        self, files: Files, sandbox: Sandbox, settings: Settings, environment: Mapping[str, str]
    ) -> None:
        """Start the process; `environment` has the PLACES of its way, see `places`."""
        self._files = files
        self.started = time.monotonic()
        self.used = self.started  # when it last had something to do
        self.tail = b""  # the last bytes of the log since it was last cleared
        files.log.parent.mkdir(parents=True, exist_ok=True)
        self._log = LogWriter(files.log, LOG)
        workspace = Workspace(files.place)
        for folder in (workspace.tmp, files.place / "scratch"):
            folder.mkdir(parents=True)
        self._control, theirs = socket.socketpair()
        self._output, writing = os.pipe()
        os.set_blocking(self._output, False)
        found = places(files, sandbox)
        python = os.path.realpath(sys.executable)
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        words = [str(BOOTSTRAP), str(theirs.fileno()), str(writing), *search_path(found, version)]
        plan = {
            "mounts": mounts(files, workspace),
            "network": True,
            "command": [python, "-I", "-S", *words],
            "directory": found["task"],
            "environment": dict(environment),
            "log": os.devnull,
            "metrics": [],
            "metrics_file": "",
            "max_runtime": float("inf"),
            "grace": 0,
        }
        way = sandbox if sandbox.way == "namespace" else replace(sandbox, way="substitution")
        self._process: Process = launch(plan, workspace, way, settings, (theirs.fileno(), writing))
        theirs.close()
        os.close(writing)
        self._read = b""

    def say(self, *lines: str) -> None:
        """Write lines of the platform's into the log."""
        for line in lines:
            self._log.say(line)
            self._keep(line.encode() + b"\n")

    def await_ready(self, until: float) -> Said:
        """Return what the process says when it has imported the handler; Late, Died."""
        return self._answer(until)

    def ask(self, header: Mapping[str, Any], payload: bytes, until: float) -> Said:
        """Hand over an event and return the answer; Late after a time of the monotonic clock, Died."""
        head = json.dumps(header).encode()
        try:
            self._control.sendall(FRAME.pack(len(head), len(payload)) + head + payload)
        except OSError:
            self._drain()
            raise Died(self._process.wait()) from None
        return self._answer(until)

    def _answer(self, until: float) -> Said:
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(self._output, select.POLLIN)
        while True:
            left = until - time.monotonic()
            if left <= 0:
                raise Late
            ready = dict(poll.poll(min(left, 60) * 1000))
            if self._output in ready and not self._drain():
                poll.unregister(self._output)
            if self._control.fileno() in ready:
                data = self._receive()
                if not data:
                    ended = self._process.wait()
                    self._drain()
                    raise Died(ended)
                self._read += data
                if said := self._frame():
                    self._drain()
                    return said

    def _receive(self) -> bytes:
        try:
            return self._control.recv(CHUNK)
        except OSError:
            return b""

    def _frame(self) -> Said | None:
        """Take a whole frame out of what was read."""
        if len(self._read) < FRAME.size:
            return None
        head, body = FRAME.unpack_from(self._read)
        if len(self._read) < FRAME.size + head + body:
            return None
        header = self._read[FRAME.size : FRAME.size + head]
        payload = self._read[FRAME.size + head : FRAME.size + head + body]
        self._read = self._read[FRAME.size + head + body :]
        return Said(json.loads(header), payload)

    def _drain(self) -> bool:
        """Move into the log what the process has written; False when it has closed its output."""
        while True:
            try:
                data = os.read(self._output, CHUNK)
            except BlockingIOError:
                return True
            if not data:
                return False
            self._log.feed(data)
            self._keep(data)

    def _keep(self, data: bytes) -> None:
        self.tail = (self.tail + data)[-TAIL:]

    def is_alive(self) -> bool:
        """Tell whether the process is there for another event."""
        poll = select.poll()
        poll.register(self._process, select.POLLIN)
        return not poll.poll(0)

    def kill(self) -> None:
        """End the process, for whoever waits for its answer to find out."""
        self._process.kill()

    def end(self) -> None:
        """End the process and all that it started, and remove what it left."""
        self._process.kill()
        self._process.wait()
        self._drain()
        self._log.close()
        self._control.close()
        os.close(self._output)
        remove(self._files.place)


def places(files: Files, sandbox: Sandbox) -> dict[str, str]:
    """Return where a function finds its folders: AWS's paths, where the machine can mount them."""
    if sandbox.way == "namespace":
        return dict(PLACES)
    tmp = files.place / "tmp"
    found = {"task": files.task, "runtime": files.runtime, "opt": files.opt, "tmp": tmp}
    return {name: str(path) for name, path in found.items()}


def mounts(files: Files, workspace: Workspace) -> dict[str, Any]:
    """Return what is mounted where for one environment."""
    tmp = Path(PLACES["tmp"])
    needed = (Path(sys.prefix), Path(sys.base_prefix), SOURCES)
    own_tmp = not any(path.is_relative_to(tmp) for path in needed)
    return {
        "read_only": [str(files.task), str(files.opt)],
        "binds": [],
        "own": {
            "/var": {"task": str(files.task), "runtime": str(files.runtime)},
            "/opt": {each.name: str(each) for each in files.opt.iterdir()},
        },
        "scratch": str(workspace.path / "scratch"),
        "overlays": [],
        "last": [(str(workspace.tmp), str(tmp))] if own_tmp else [],
    }
