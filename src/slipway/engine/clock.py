"""Work to be done at a certain time, in one thread."""

import heapq
import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

Work = Callable[[], None]


class Clock:
    """Calls functions when their time has come; each must return quickly."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Work]] = []
        self._numbered = 0
        self._changed = threading.Condition()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def wake(self, at: float, work: Work) -> None:
        """Call `work` at a time, seconds since the epoch."""
        with self._changed:
            self._numbered += 1
            heapq.heappush(self._due, (at, self._numbered, work))
            self._changed.notify()
            if self._thread is None and not self._stopped:
                self._thread = threading.Thread(target=self._run, name="engine-clock", daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Call nothing more."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def _run(self) -> None:
        while work := self._next():
            try:
                work()
            except Exception:
                log.exception("work that was due failed")

    def _next(self) -> Work | None:
        """Wait for the next work and return it; None once stopped."""
        with self._changed:
            while not self._stopped:
                pause = self._due[0][0] - time.time() if self._due else None
                if pause is not None and pause <= 0:
                    return heapq.heappop(self._due)[2]
                self._changed.wait(pause)
        return None
