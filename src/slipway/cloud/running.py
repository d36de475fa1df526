"""What runs for each cloud, from its start until its stop: one of a kind."""

import threading
from collections.abc import Callable
from typing import Protocol

from slipway.cloud.cloud import Cloud


class Runs(Protocol):
    """What works in threads of its own."""

    def wake(self) -> None:
        """Look anew at what is to be done."""

    def stop(self) -> None:
        """Stop, after what is going on."""


class Running:
    """What of one kind runs, by cloud; `make` makes it, and it runs from then on."""

    def __init__(self, make: Callable[[Cloud], Runs]) -> None:
        self._make = make
        self._running: dict[Cloud, Runs] = {}
        self._lock = threading.Lock()

    def start(self, cloud: Cloud) -> None:
        """Run for a cloud from now on."""
        with self._lock:
            self._running[cloud] = self._make(cloud)

    def stop(self, cloud: Cloud) -> None:
        """Run for it no more."""
        with self._lock:
            running = self._running.pop(cloud, None)
        if running:
            running.stop()

    def wake(self, cloud: Cloud) -> None:
        """Look anew at what is to be done for it, as something has changed."""
        if running := self._running.get(cloud):
            running.wake()
