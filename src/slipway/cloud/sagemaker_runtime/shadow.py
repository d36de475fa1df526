"""Shadow variants: they get copies of requests, and nobody waits for what they answer.

Copies wait in a queue that has a bound. What finds it full is dropped and counted in the log: a shadow
that is slow or broken costs the callers of the production variant nothing.
"""

import logging
import random
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path

from slipway.cloud.cloud import Cloud
from slipway.cloud.hosting import capture
from slipway.cloud.hosting.fleet import Fleet
from slipway.cloud.hosting.live import Live
from slipway.cloud.hosting.traffic import Routing, Variant, choose_fleet
from slipway.cloud.sagemaker_runtime import measured
from slipway.cloud.sagemaker_runtime.answered import Answered
from slipway.cloud.service import Call
from slipway.hosting.exchange import Gone, Invocation, NotReady, Refused

THREADS = 32
WAITING = 512  # copies that may wait or be under way
BYTES = 64 << 20  # of all their bodies
TELL = 60.0  # seconds between two lines of the log about what is dropped
log = logging.getLogger(__name__)

_queues: dict[Path, "Copies"] = {}
_making = threading.Lock()


def offer(call: Call, of: Live, asked: Invocation, timeout: float, own: tuple[str, str]) -> None:
    """Copy a request to the endpoint's shadow, if it has one and chance says so; returns at once.

    `own` are the inference id and the custom attributes, for the capture.
    """
    shadow = of.routing.shadow
    if shadow is None or random.random() >= share(of.routing, shadow):  # noqa: S311  (a sample)
        return
    copies(call.cloud).put(partial(ask, call, of, shadow, asked, timeout, own), len(asked.body))


def share(routing: Routing[Fleet], shadow: Variant[Fleet]) -> float:
    """Return the part of the requests that is copied: the shadow's weight over the production's."""
    weight = routing.variants[0].weight
    return min(1.0, shadow.weight / weight) if weight else 0.0


def ask(
    call: Call,
    of: Live,
    shadow: Variant[Fleet],
    asked: Invocation,
    timeout: float,
    own: tuple[str, str],
) -> None:
    """Ask the shadow, record how it did, and drop its answer."""
    began = time.perf_counter()
    fleet = choose_fleet(shadow, random.random())  # noqa: S311
    instance = fleet.pick()
    if instance is None:
        return
    try:
        reply = instance.invoke(asked, timeout)
    except (Gone, NotReady, Refused):
        return
    capture.offer(call.cloud, of, shadow.name, asked, reply, *own)
    answered = Answered(shadow, fleet, reply)
    measured.record(call, of, answered, time.perf_counter() - began)


def copies(cloud: Cloud) -> "Copies":
    """Return the queue of a cloud."""
    with _making:
        return _queues.setdefault(cloud.home, Copies())


def stop(cloud: Cloud) -> None:
    """Drop the copies that wait."""
    with _making:
        found = _queues.pop(cloud.home, None)
    if found:
        found.stop()


class Copies:
    """Work that is done beside the requests, or dropped where there is too much of it."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(THREADS, "shadow")
        self._lock = threading.Lock()
        self._count = self._bytes = self._dropped = 0
        self._told = 0.0

    def put(self, work: "partial[None]", size: int) -> None:
        """Have a piece of work done, some time; drop it where too much waits."""
        with self._lock:
            room = self._count < WAITING and self._bytes + size <= BYTES
            if room:
                self._count += 1
                self._bytes += size
            else:
                self._drop()
        if room:
            self._threads.submit(work).add_done_callback(partial(self._done, size))

    def stop(self) -> None:
        """Do no more work."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _done(self, size: int, work: "Future[None]") -> None:
        with self._lock:
            self._count -= 1
            self._bytes -= size
        if not work.cancelled() and (error := work.exception()):
            log.error("a copy for a shadow variant failed", exc_info=error)

    def _drop(self) -> None:
        self._dropped += 1
        if time.monotonic() - self._told > TELL:
            self._told = time.monotonic()
            log.warning("%s copies for shadow variants dropped: too many wait", self._dropped)
