"""The metrics of a cloud: where points are recorded, and where they are read.

`record` costs its caller about a microsecond: points wait in memory and are written once a second, and
before anything is read. A clean stop loses none; `kill -9` loses what was recorded in the last second.
What PutMetricData was answered for is in the file.
"""

import logging
import sqlite3
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from contextlib import suppress

from slipway.cloud.clock import now
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch.aggregate import MEASURED, Aggregate, merged, of
from slipway.cloud.cloudwatch.series import Dimensions, Metric, Series
from slipway.cloud.cloudwatch.store import Points, Store

WRITTEN = 1.0  # seconds between two writes
AGED = 600  # seconds between two looks for rows that have become old
HELD = 200_000  # aggregates that wait at most while the file cannot be written
MAKING = threading.Lock()
RECORDERS: dict[Cloud, "Recorder"] = {}
LOOKS: dict[Cloud, list["Look"]] = {}  # what is asked before metrics are read
log = logging.getLogger(__name__)

Look = Callable[[str, str | None], None]  # region and namespace; None: whatever is read
Values = Mapping[str, tuple[float, str]]  # metric's name → (value, unit)


def record(
    cloud: Cloud,
    region: str,
    namespace: str,
    dimensions: Dimensions,
    values: Values,
    at: float | None = None,
) -> None:
    """Record one value of each of several metrics; `values` is not to be changed afterwards.

    It is of this moment, or of `at`, in epoch seconds.
    """
    recorder(cloud).record(region, namespace, dimensions, values, at)


def put(cloud: Cloud, points: Points) -> None:
    """Write points; they are in the file when it returns."""
    recorder(cloud).put(points)


def read(
    cloud: Cloud, metric: Metric, start: int, end: int, period: int
) -> dict[str, dict[int, Aggregate]]:
    """Return by unit, then by the start of the period, what lies in `start` <= time < `end`.

    Times are epoch seconds; the first period begins at `start`.
    """
    look(cloud, metric.region, metric.namespace)
    return recorder(cloud).written().read(metric, start, end, period)


def known(cloud: Cloud, region: str, since: float) -> list[Metric]:
    """Return the metrics of a region that have a point at or after a time."""
    look(cloud, region, None)
    return recorder(cloud).written().metrics(region, int(since))


def before_reading(cloud: Cloud, look: Look) -> None:
    """Have something called before metrics are read: it may record or put what has come by then."""
    LOOKS.setdefault(cloud, []).append(look)


def look(cloud: Cloud, region: str, namespace: str | None) -> None:
    """Let all that wait for a reader record what they have."""
    for each in LOOKS.get(cloud, ()):
        try:
            each(region, namespace)
        except Exception:
            log.exception("metrics of %s are not brought up to date", namespace)


def stop(cloud: Cloud) -> None:
    """Write all that waits, and close the file."""
    LOOKS.pop(cloud, None)
    recorder(cloud).stop()


def recorder(cloud: Cloud) -> "Recorder":
    """Return what records a cloud's metrics; its file is `metrics.sqlite` in the state folder."""
    try:
        return RECORDERS[cloud]
    except KeyError:
        with MAKING:  # one only, however many threads are the first
            if cloud not in RECORDERS:
                RECORDERS[cloud] = Recorder(Store(cloud.home / "metrics.sqlite"))
            return RECORDERS[cloud]


class Recorder:
    """Takes values at once and writes them in a thread of its own, which the first one starts."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: deque[tuple[float, str, str, Dimensions, Values]] = deque()
        self._unwritten: dict[tuple[Series, int], Aggregate] = {}
        self._writing = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def record(
        self,
        region: str,
        namespace: str,
        dimensions: Dimensions,
        values: Values,
        at: float | None,
    ) -> None:
        """Take values that are of this moment, or of another."""
        time = now() if at is None else at
        self._waiting.append((time, region, namespace, dimensions, values))
        if self._thread is None:
            self._start()

    def put(self, points: Points) -> None:
        """Write points now."""
        with self._writing:
            self._store.write(points)
        if self._thread is None:
            self._start()

    def written(self) -> Store:
        """Return the store, with all in it that was recorded so far, unless it cannot be written."""
        with suppress(sqlite3.Error):
            self._write()
        return self._store

    def stop(self) -> None:
        """Write all and close; what comes later is lost."""
        with self._writing:
            self._stopped.set()
        self._write()
        self._store.close()

    def _start(self) -> None:
        with self._writing:
            if self._thread is None and not self._stopped.is_set():
                self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        aged, said = 0.0, False
        while not self._stopped.wait(WRITTEN):
            try:
                self._write()
                if now() - aged > AGED:
                    aged = now()
                    self._store.age(int(aged))
                said = False
            except Exception:
                if self._stopped.is_set():
                    return
                if not said:  # once, not every second
                    log.exception("metrics cannot be written; they wait until they can")
                said = True

    def _write(self) -> None:
        with self._writing:
            if not self._waiting and not self._unwritten:
                return
            for key, aggregate in gathered(self._waiting).items():
                before = self._unwritten.get(key)
                self._unwritten[key] = merged([before, aggregate]) if before else aggregate
            if len(self._unwritten) > HELD:
                log.error("%s aggregates of metrics are lost: disk?", len(self._unwritten))
                self._unwritten.clear()
            self._store.write(self._unwritten)
            self._unwritten.clear()


def gathered(
    waiting: deque[tuple[float, str, str, Dimensions, Values]],
) -> dict[tuple[Series, int], Aggregate]:
    """Take what waits out of the queue, and return it by series and second."""
    counts: dict[tuple[str, str, Dimensions, str, str, int], dict[float, float]] = defaultdict(dict)
    for _ in range(len(waiting)):
        time, region, namespace, dimensions, values = waiting.popleft()
        second = int(time)
        for name, (value, unit) in values.items():
            of_second = counts[region, namespace, dimensions, name, unit, second]
            of_second[value] = of_second.get(value, 0) + 1
    return {
        (Series(Metric(region, space, name, dimensions), unit), second): of(of_second, MEASURED)
        for (region, space, dimensions, name, unit, second), of_second in counts.items()
    }
