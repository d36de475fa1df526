"""One request of a transform job to its model, again where it fails."""

import threading
from collections.abc import Mapping
from typing import Any, Protocol

from slipway.hosting.exchange import Gone, Invocation, NotReady, Refused, Reply

PAUSE = 0.1  # seconds before a request is tried again; doubled each time
READY = 30.0  # seconds that a request waits for a server that ended to be there again
SHOWN = 300  # characters of an answer in a message


class Model(Protocol):
    """An instance, as `slipway.hosting.instance` has it."""

    failure: str

    @property
    def ready(self) -> bool:
        """Whether it answers now."""

    def start(self) -> None:
        """Start it; returns at once."""

    def wait(self, timeout: float | None = None) -> str:
        """Return "Starting", "InService", "Failed" or "Stopped"; wait while it is "Starting"."""

    def execution_parameters(self) -> dict[str, Any] | None:
        """Return the container's own limits."""

    def invoke(self, invocation: Invocation, timeout: float = 60.0) -> Reply:
        """Ask it."""

    def stop(self, grace: float = 30.0) -> None:
        """End it."""


class Unanswered(Exception):
    """The model gave no answer of use, every time; the message says the last one."""

    def __init__(self, status: int, said: str, source: str) -> None:
        kind = "client" if 400 <= status < 500 else "server"
        super().__init__(f'Received {kind} error ({status}) from {source} with message "{said}"')
        self.status = status
        self.said = said


class Stopping(Exception):
    """The job ends, so nothing is asked any more."""


def ask(
    model: Model,
    headers: Mapping[str, str],
    body: bytes,
    timeout: float,
    retries: int,
    stopping: threading.Event,
) -> bytes:
    """Return the model's answer to a body; Unanswered after the retries, Stopping."""
    invocation = Invocation(body, headers)
    for attempt in range(retries + 1):
        if attempt and stopping.wait(PAUSE * 2 ** (attempt - 1)):
            raise Stopping
        wait_until_ready(model, stopping)
        try:
            reply = model.invoke(invocation, timeout)
        except (NotReady, Refused, Gone) as error:
            status, said, source = 0, str(error), "model"
        else:
            if 200 <= reply.status < 300:
                return reply.body
            said = reply.body[:SHOWN].decode(errors="replace").strip()
            status, source = reply.status, reply.source
        if stopping.is_set():
            raise Stopping
    raise Unanswered(status, said, source)


def wait_until_ready(model: Model, stopping: threading.Event) -> None:
    """Wait while a server that ended is started again, so that no retry is spent on it."""
    for _ in range(int(READY / PAUSE)):
        if model.ready:
            return
        if stopping.wait(PAUSE):
            raise Stopping
