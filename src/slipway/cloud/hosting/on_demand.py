"""The instances of a serverless variant: started for a request, kept a while for the next one."""

import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slipway.hosting.instance import Instance
from slipway.numbers import number

if TYPE_CHECKING:
    from slipway.cloud.hosting.fleet import Fleet

START = 180.0  # seconds that the start of a serverless instance may take, as on AWS
IDLE = 300.0  # seconds until an instance that nobody asks is given back


class Throttled(Exception):
    """As many requests as MaxConcurrency are in the variant already (AWS: ThrottlingException)."""


class StartFailed(Exception):
    """An instance that a request needed did not start; the message is its failure reason."""


@dataclass(frozen=True)
class Taken:
    """An instance that serves one request and no other."""

    instance: Instance
    setup: float  # seconds that the request waited for it to start; 0 when it was there


class OnDemand:
    """One request per instance at a time, and never more of them than `limit`."""

    def __init__(self, fleet: "Fleet", limit: int, kept: int, idle: float) -> None:
        self.limit, self.kept = limit, kept  # MaxConcurrency, ProvisionedConcurrency
        self._fleet, self._after = fleet, idle
        self._idle: list[tuple[float, Instance]] = []  # since when, longest first
        self._held: set[Instance] = set()  # those that serve a request, or start for one
        self._busy = 0  # requests
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None

    @contextmanager
    def one(self, timeout: float = START) -> Iterator[Taken]:
        """Hold an instance for one request, started if none is idle.

        Raises:
            Throttled: At once, when there are as many requests as the limit.
            StartFailed: No instance could be started, or not within `timeout` seconds.
        """
        with self._lock:
            if self._busy >= self.limit:
                raise Throttled
            self._busy += 1
        instance = None
        try:
            with self._lock:
                idle = self._ready()
                instance = idle or self._fleet.add()
                self._held.add(instance)
            yield Taken(instance, 0.0 if idle else self._started(instance, timeout))
        finally:
            with self._lock:
                self._busy -= 1
                if instance is not None:
                    self._held.discard(instance)
                    if instance in self._fleet.instances:
                        self._idle.append((time.monotonic(), instance))
            self._later()

    def resize(self, limit: int, kept: int) -> None:
        """Have another limit and keep another number of instances warm, from now on."""
        with self._lock:
            self.limit, self.kept = limit, kept
            known, now = self._held.union(each for _, each in self._idle), time.monotonic()
            # The others were started to be kept, or to try whether they start.
            self._idle += [(now, each) for each in self._fleet.instances if each not in known]
            spare = max(0, len(self._fleet.instances) - kept)
            gone = [instance for _, instance in self._idle[:spare]]
            self._idle = self._idle[len(gone) :]
        for instance in gone:
            self._fleet.remove(instance)

    def _ready(self) -> Instance | None:
        """Return the idle instance that was used last and is ready."""
        for position in reversed(range(len(self._idle))):
            if self._idle[position][1].ready:
                return self._idle.pop(position)[1]
        return None

    def _started(self, instance: Instance, timeout: float) -> float:
        """Wait for an instance that starts: return the seconds that it took, or raise StartFailed."""
        begun = time.monotonic()
        if instance.wait(timeout) != "InService":
            self._fleet.remove(instance)
            raise StartFailed(instance.failure or f"It did not start within {timeout:.0f} s.")
        return time.monotonic() - begun

    def _later(self) -> None:
        """See to it that idle instances are looked at when the first of them is due."""
        with self._lock:
            if self._timer or len(self._idle) <= self.kept or self._fleet.stopped:
                return
            wait = max(0.05, self._idle[0][0] + self._after - time.monotonic())
            self._timer = threading.Timer(wait, self._give_back)
            self._timer.daemon = True
            self._timer.start()

    def _give_back(self) -> None:
        """Stop the instances that were idle for too long, but for those kept warm."""
        with self._lock:
            self._timer = None
            self._idle = [each for each in self._idle if each[1] in self._fleet.instances]
            due = time.monotonic() - self._after
            spare = len(self._fleet.instances) - self.kept
            gone = [instance for since, instance in self._idle if since <= due][: max(0, spare)]
            self._idle = [each for each in self._idle if each[1] not in gone]
        for instance in gone:
            self._fleet.remove(instance)
        self._later()


def idle_after(environment: Mapping[str, str] = os.environ) -> float:
    """Return SLIPWAY_SERVERLESS_IDLE, seconds; ValueError, which names it, when it is no number."""
    return number(environment, "SLIPWAY_SERVERLESS_IDLE", IDLE)
