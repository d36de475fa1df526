"""A thread that does what is due when its time has come by the cloud's clock, also when that is moved."""

import logging
import threading
from collections.abc import Callable

from slipway.cloud.clock import now, subscribe, wait_until

IDLE = 3600.0  # seconds, where nothing is due
LATE = 60.0  # seconds; what was missed for longer, since nothing ran, counts once
log = logging.getLogger(__name__)


class Timer:
    """Runs until it is stopped.

    `due` returns when something is due next; `run` does what is due, and is never called twice at once.
    """

    def __init__(self, name: str, due: Callable[[], float | None], run: Callable[[], None]) -> None:
        self._due, self._run_due, self._name = due, run, name
        self._running = threading.Lock()
        self._wake = threading.Event()
        self._stopped = False
        self._stale = True  # what is known of when something is due next
        self._at: float | None = None
        self._forget = subscribe(self._moved, self._next)
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look anew at what is due when."""
        self._stale = True
        self._wake.set()

    def stop(self) -> None:
        """Stop, after what is going on."""
        self._forget()
        self._stopped = True
        self._wake.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped:
            self._wake.clear()
            at = self._do()
            if not self._stopped:
                wait_until(at, self._wake)

    def _moved(self) -> None:
        self._do()
        self._wake.set()

    def _next(self) -> float | None:
        """Return when something is due next; asked for anew only where that may have changed."""
        if self._stale:
            self._stale = False
            self._at = self._due()
        return self._at

    def _do(self) -> float:
        """Do what is due; return when something is due next."""
        with self._running:
            try:
                at = self._next()
                if at is not None and at <= now():
                    self._stale = True
                    self._run_due()
                    at = self._next()
                return now() + IDLE if at is None else at
            except Exception:
                log.exception("%s: what is due is not done", self._name)
                return now() + 1
