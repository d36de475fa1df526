"""The thread that writes captured requests: from a queue into files, from files into S3."""

import logging
import sqlite3
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue

from slipway.cloud.hosting.capture_spool import Spool, drop, send
from slipway.cloud.hosting.captured import Config, Exchange, folder, line
from slipway.jobs.storage import NoSuchBucket, ObjectStore

log = logging.getLogger(__name__)

WAITING = 256 << 20  # bytes of bodies that may wait to be written; what comes then is dropped
GATHER = 0.1  # seconds for which requests are gathered before they are written
ROUND = 1.0  # seconds of writing at most, until it is looked whether a file should go to S3
TELL = 60.0  # seconds between two lines of the log about what is dropped
PATIENCE = 30.0  # seconds that a caller of flush or stop waits for the disk


@dataclass(frozen=True, slots=True)
class Offered:
    """A request to be written."""

    endpoint: str
    variant: str
    config: Config
    exchange: Exchange


@dataclass(frozen=True)
class Flush:
    """Everything of an endpoint ("": of all) that was offered before this is to be in S3."""

    endpoint: str
    done: threading.Event
    last: bool = False  # and the thread ends


class Writer:
    """What the endpoints of one cloud capture. All methods return without an error."""

    def __init__(self, place: Path, store: ObjectStore) -> None:
        self._place = place
        self._store = store
        self._queue: SimpleQueue[Offered | Flush] = SimpleQueue()
        self._lock = threading.Lock()
        self._waiting = 0  # bytes of bodies in the queue
        self._spools: dict[tuple[str, str], Spool] = {}  # by endpoint, and folder in S3
        self._full: dict[Path, int] = {}  # lines by file that waits for S3
        self._late: set[Path] = set()  # files that S3 could not take yet
        self._dropped = Dropped()
        threading.Thread(target=self._run, name="capture", daemon=True).start()

    def put(self, offered: Offered) -> None:
        """Queue a request; drop it where too much waits already."""
        with self._lock:
            room = self._waiting + offered.exchange.size <= WAITING
            if room:
                self._waiting += offered.exchange.size
        if room:
            self._queue.put(offered)
        else:
            self._dropped.add(1, f"more than {WAITING >> 20} MiB wait for the disk")

    def flush(self, endpoint: str = "", *, last: bool = False) -> None:
        """Have in S3 what was put so far; with `last`, end."""
        asked = Flush(endpoint, threading.Event(), last)
        self._queue.put(asked)
        asked.done.wait(PATIENCE)

    def _run(self) -> None:
        while True:
            item = self._next(1.0)
            if isinstance(item, Offered):
                time.sleep(GATHER)
            until = time.monotonic() + ROUND
            while item is not None:
                if isinstance(item, Offered):
                    self._guard(partial(self._write, item))
                else:
                    self._guard(partial(self._send, item.endpoint, True))
                    item.done.set()
                    if item.last:
                        self._dropped.tell(0)
                        return
                item = self._next(0) if time.monotonic() < until else None
            self._guard(partial(self._send, "", False))
            self._dropped.tell(TELL)

    def _next(self, timeout: float) -> Offered | Flush | None:
        try:
            return self._queue.get(timeout=timeout) if timeout else self._queue.get_nowait()
        except Empty:
            return None

    def _guard(self, do: Callable[[], None]) -> None:
        """Do one thing; our own error in it ends neither the thread nor what comes after."""
        try:
            do()
        except Exception:
            log.exception("an error in Slipway: data capture")

    def _write(self, offered: Offered) -> None:
        exchange = offered.exchange
        with self._lock:
            self._waiting -= exchange.size
        text = line(exchange, offered.config, str(uuid.uuid4()))
        where = folder(offered.config, offered.endpoint, offered.variant, exchange.time)
        try:
            spool = self._spools.get((offered.endpoint, where))
            if spool is None:
                spool = Spool(self._place, where, exchange.time)
                self._spools[offered.endpoint, where] = spool
            spool.append(text)
        except OSError as error:
            self._dropped.add(1, f"they cannot be written to {self._place}: {error.strerror}")

    def _send(self, endpoint: str, now: bool) -> None:
        """Close what is due (`now`: all of an endpoint), and send what is closed."""
        for key, spool in list(self._spools.items()):
            if spool.due or (now and endpoint in ("", key[0])):
                del self._spools[key]
                spool.close()
                self._full[spool.path] = spool.lines
        for path, lines in list(self._full.items()):
            try:
                send(path, self._store)
            except NoSuchBucket as error:
                self._dropped.add(lines, f"there is no bucket {error}")
                drop(path)
            except (OSError, sqlite3.OperationalError) as error:
                if path not in self._late:
                    log.warning("captured lines wait in %s: %s", path, error)
                    self._late.add(path)
                continue
            del self._full[path]
            self._late.discard(path)


class Dropped:
    """What was dropped and why: the first time it is told at once, then now and then."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._told = -TELL

    def add(self, count: int, reason: str) -> None:
        """Count requests that are not captured."""
        with self._lock:
            self._counts[reason] += count

    def tell(self, pause: float) -> None:
        """Log what was dropped since the last time, at most once in `pause` seconds."""
        with self._lock:
            if not self._counts or time.monotonic() - self._told < pause:
                return
            found, self._counts, self._told = self._counts, Counter(), time.monotonic()
        for reason, count in found.items():
            log.error("%s answered requests were not captured: %s", count, reason)
