"""The asynchronous requests that wait, endpoint by endpoint: kept on disk, worked off by threads.

A request leaves the disk when its answer, or its failure, is where it belongs. What a killed cloud had
begun, the next one does again, but for what has its output already.
"""

import logging
import threading
import time
from collections import deque
from pathlib import Path

from slipway.cloud.cloud import Cloud
from slipway.cloud.hosting.live import Live, live
from slipway.cloud.sagemaker_runtime import working
from slipway.cloud.sagemaker_runtime.accepted import Accepted, taken_up
from slipway.cloud.sagemaker_runtime.working import Again
from slipway.cloud.service import Call
from slipway.cloud.state import Documents

KIND = "AsyncInvocation"
AT_ONCE = 4  # requests per instance, where MaxConcurrentInvocationsPerInstance is not set
HOPELESS = 16  # requests at the same time that are only told why they cannot be done
LOOK = 0.1  # seconds between two looks for instances that can take more
EXPIRED = 1.0  # seconds between two looks for requests that have waited too long
END = 3.0  # seconds that requests in work have when the cloud stops
log = logging.getLogger(__name__)

_backlogs: dict[tuple[Path, str, str], "Backlog"] = {}
_making = threading.Lock()


def add(call: Call, asked: Accepted) -> None:
    """Keep a request, on disk when this returns, and have it done."""
    documents(call).create(asked.number, asked.document)
    of(call, asked.endpoint).put(asked)


def of(call: Call, endpoint: str) -> "Backlog":
    """Return the backlog of an endpoint."""
    key = call.cloud.home, call.region, endpoint
    with _making:
        if key not in _backlogs:
            _backlogs[key] = Backlog(call, endpoint)
        return _backlogs[key]


def take_up(cloud: Cloud) -> None:
    """Go on with what the last cloud on this folder had accepted and not done."""
    for region in cloud.state.regions(KIND):
        call = Call(cloud, "sagemaker-runtime", "InvokeEndpointAsync", region, "")
        for _, document in documents(call).all():
            asked = taken_up(document)
            of(call, asked.endpoint).put(asked, again=True)


def every(cloud: Cloud) -> list["Backlog"]:
    """Return the backlogs of a cloud."""
    with _making:
        return [each for (home, _, _), each in _backlogs.items() if home == cloud.home]


def stop(cloud: Cloud) -> None:
    """Begin nothing more; what is in work has a moment, the rest waits for the next start."""
    until = time.monotonic() + END
    for each in every(cloud):
        each.stop()
    for each in every(cloud):
        each.join(until)
    with _making:
        for key in [key for key in _backlogs if key[0] == cloud.home]:
            del _backlogs[key]


def documents(call: Call) -> Documents:
    """Return the requests that are not done, by their numbers."""
    return call.cloud.state.documents(call.region, KIND)


class Backlog:
    """The requests of one endpoint; a thread hands them to its instances, oldest first."""

    def __init__(self, call: Call, endpoint: str) -> None:
        self.call, self.endpoint = call, endpoint
        self._waiting: deque[tuple[Accepted, bool]] = deque()
        self._working: set[threading.Thread] = set()
        self._changed = threading.Condition()
        self._stopped = False
        self._looked = 0.0  # for what has expired, epoch seconds
        self._thread = threading.Thread(target=self._run, name=f"async {endpoint}", daemon=True)
        self._thread.start()

    def put(self, asked: Accepted, again: bool = False) -> None:
        """Have a request done; `again` when the last cloud may have done it."""
        with self._changed:
            self._waiting.append((asked, again))
            self._changed.notify()

    @property
    def size(self) -> int:
        """The requests that wait or are in work."""
        return len(self._waiting) + len(self._working)

    @property
    def oldest(self) -> float | None:
        """When the request that waits longest came, epoch seconds; None when none waits."""
        with self._changed:
            return self._waiting[0][0].received if self._waiting else None

    def stop(self) -> None:
        """Hand out no more requests."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def join(self, until: float) -> None:
        """Wait for the requests in work, until a time of the monotonic clock."""
        for thread in [self._thread, *self._working]:
            thread.join(max(0.0, until - time.monotonic()))

    def _run(self) -> None:
        while not self._stopped:
            try:
                self._hand_out()
            except Exception:
                log.exception("the backlog of endpoint %s", self.endpoint)
                time.sleep(1)

    def _hand_out(self) -> None:
        """Hand out what the instances can take now, then wait for something to change."""
        with self._changed:
            if not self._waiting:
                self._changed.wait_for(lambda: self._waiting or self._stopped)
                return
        serves = live(self.call.cloud, self.call.region, self.endpoint)
        free = 0 if serves is None else at_once(serves) - len(self._working)
        for asked, again in self._due(free, gone=serves is None and self._deleted()):
            self._begin(serves, asked, again)
        with self._changed:
            if self._waiting and not self._stopped:
                self._changed.wait(LOOK)

    def _due(self, free: int, gone: bool) -> list[tuple[Accepted, bool]]:
        """Take out as many requests as can begin, and those that will never."""
        now = time.time()
        with self._changed:
            due: list[tuple[Accepted, bool]] = []
            if gone or now - self._looked > EXPIRED:
                self._looked = now
                hopeless = [each for each in self._waiting if gone or each[0].expires <= now]
                due = hopeless[: max(0, HOPELESS - len(self._working))]
            if due:
                self._waiting = deque(each for each in self._waiting if each not in due)
            if not gone:
                due += [self._waiting.popleft() for _ in range(min(free, len(self._waiting)))]
        return due

    def _deleted(self) -> bool:
        found = self.call.cloud.state.documents(self.call.region, "Endpoint")
        return found.get(self.endpoint.lower()) is None

    def _begin(self, serves: Live | None, asked: Accepted, again: bool) -> None:
        thread = threading.Thread(target=self._work, args=(serves, asked, again), daemon=True)
        with self._changed:
            self._working.add(thread)
        thread.start()

    def _work(self, serves: Live | None, asked: Accepted, again: bool) -> None:
        try:
            working.work(self.call, serves, asked, again, lambda: self._stopped)
            documents(self.call).delete(asked.number)
        except Again:
            time.sleep(LOOK)
            with self._changed:
                self._waiting.appendleft((asked, again))
        except Exception:
            if not self._stopped:
                log.exception("asynchronous request %s to %s", asked.inference_id, self.endpoint)
                time.sleep(1)  # the disk may be full
                self.put(asked, again=True)
        finally:
            with self._changed:
                self._working.discard(threading.current_thread())
                self._changed.notify()


def at_once(serves: Live) -> int:
    """Return how many requests an endpoint's ready instances take at the same time."""
    client = serves.config.get("AsyncInferenceConfig", {}).get("ClientConfig", {})
    return int(client.get("MaxConcurrentInvocationsPerInstance", AT_ONCE)) * ready(serves)


def ready(serves: Live) -> int:
    """Return how many instances of an endpoint take requests."""
    fleets = [share.fleet for variant in serves.routing.variants for share in variant.shares]
    return sum(instance.ready for fleet in fleets for instance in fleet.instances)
