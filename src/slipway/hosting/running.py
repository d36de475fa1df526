"""A model server that runs: its process, its port, and the connections to it."""

import select
from dataclasses import dataclass

from slipway.hosting import failure
from slipway.hosting.client import Broken, Client, HeadTooLong, Late
from slipway.hosting.ports import Doorway, Port
from slipway.jobs.failure import KILLED
from slipway.jobs.process import Ended, Process
from slipway.jobs.settings import Settings

PING = 2.0  # seconds for one /ping


@dataclass(frozen=True)
class Running:
    """A server's process, its port, and the connections to it."""

    process: Process
    port: Port | Doorway
    client: Client

    def has_ended(self, timeout: float) -> bool:
        """Wait for the process for some seconds; tell whether it has ended."""
        poll = select.poll()
        poll.register(self.process.fileno(), select.POLLIN)
        return bool(poll.poll(timeout * 1000))

    def is_healthy(self) -> bool | None:
        """Tell whether the server answers /ping with 200; None where it does not answer."""
        try:
            return self.client.ask("GET", "/ping", {}, b"", PING).status == 200
        except (Late, Broken, HeadTooLong):
            return None

    def end(self) -> Ended:
        """End the process, if it has not ended; return how it did."""
        self.process.kill()
        ended = self.process.wait()
        self.client.close()
        self.port.close()
        return ended


def why(ended: Ended, ends: int, command: tuple[str, ...], limits: Settings) -> str:
    """Return what is known of an end, or of the last of several, besides the log."""
    if ended.why == "memory":
        return f"It held more than {limits.memory >> 20} MiB of memory (SLIPWAY_JOB_MEMORY)."
    if ended.why == "processes":
        return f"It had more than {limits.processes} processes (SLIPWAY_JOB_PROCESSES)."
    if ended.why == "lost":
        return f"Slipway ended it or lost it: {ended.detail}."
    times = f" {ends} times, at last" if ends > 1 else ""
    hint = " (by signal 9, as the system does when memory runs out)" if ended.code == KILLED else ""
    return f"Its command {' '.join(command)!r} ended{times} with exit code {ended.code}{hint}."


def sentence(error: Exception, name: str) -> str:
    """Return AWS's sentence for an answer that did not come from a container."""
    if isinstance(error, Late):
        return failure.TIMED_OUT.format(name=name)
    if isinstance(error, HeadTooLong):
        return failure.HEADERS.format(name=name)
    return failure.EXITED
