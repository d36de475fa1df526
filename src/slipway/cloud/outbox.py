"""What services send because something changed: written with the change, sent after it, and never lost.

A parcel is written in the transaction of the change that it tells of. Parcels of one lane (one target of
a rule, say) go one after the other, those of several lanes side by side. What was not sent when the
process ended is sent by the next one.
"""

import json
import logging
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from slipway.cloud.clock import now, wait_until
from slipway.cloud.state import State

SCHEMA = """
CREATE TABLE IF NOT EXISTS outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, lane TEXT NOT NULL,
    body TEXT NOT NULL, written REAL NOT NULL, due REAL NOT NULL, attempts INTEGER NOT NULL
)
"""
COLUMNS = "number, kind, lane, body, written, due, attempts"
WORKERS = 8
TAKEN = 500  # parcels that are looked at at a time
LONGEST = 480  # seconds between two attempts: 185 of them take a day
IDLE = 3600.0  # seconds, where nothing waits for a time
BROKEN = (
    5  # attempts, after which a parcel that Slipway cannot send for a reason of its own is dropped
)
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Parcel:
    """Something to be sent."""

    number: int
    kind: str  # who sends it
    lane: str
    body: dict[str, Any]
    written: float  # by the cloud's clock, as all times of an outbox
    due: float  # when it was to be sent; later it is where the clock was moved meanwhile
    attempts: int  # that were made before


@dataclass(frozen=True)
class Later:
    """A parcel's time has not come: it is looked at again, and no attempt is counted."""

    at: float


# Sends a parcel; returns None when it is done with, else when it is to be tried again
Sender = Callable[[Parcel], float | Later | None]


class Outbox:
    """The parcels of one cloud, and the threads that send them."""

    def __init__(self, state: State, workers: int = WORKERS) -> None:
        self._state = state
        self._workers = workers
        with state.transaction() as db:
            db.execute(SCHEMA)
        self._senders: dict[str, Sender] = {}
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def sends(self, kind: str, sender: Sender) -> None:
        """Let `sender` send parcels of a kind from now on, those of the last process first."""
        with self._lock:
            self._senders[kind] = sender
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="outbox", daemon=True)
                self._thread.start()
        self._wake.set()

    def put(self, kind: str, lane: str, body: dict[str, Any]) -> None:
        """Write a parcel; it is sent as soon as the present transaction is committed."""
        with self._state.transaction() as db:
            time = now()
            db.execute(
                "INSERT INTO outbox (kind, lane, body, written, due, attempts) VALUES (?,?,?,?,?,0)",
                (kind, lane, json.dumps(body), time, time),
            )
            self._state.when_committed(self._wake.set)

    def stop(self) -> None:
        """Send no more; what is left is for the next process."""
        self._stopped = True
        self._wake.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        workers = ThreadPoolExecutor(self._workers, "outbox")
        while not self._stopped:
            self._wake.clear()
            if self._stopped:  # by now: its wake may be the one that was cleared
                break
            try:
                for lane, parcels in self._due().items():
                    with self._lock:
                        self._busy.add(lane)
                    workers.submit(self._send_all, lane, parcels)
                until = self._next()
            except Exception:
                log.exception("the outbox is not looked at")
                until = now() + 1
            wait_until(until, self._wake)
        workers.shutdown(cancel_futures=True)

    def _due(self) -> dict[str, list[Parcel]]:
        """Return what is due, by lane, in its order."""
        rows = self._rows("due <= ? ORDER BY number LIMIT ?", now(), TAKEN)
        lanes: dict[str, list[Parcel]] = {}
        for number, kind, lane, body, *times in rows:
            parcel = Parcel(number, kind, lane, json.loads(body), *times)
            lanes.setdefault(lane, []).append(parcel)
        return lanes

    def _next(self) -> float:
        found = self._rows("1 ORDER BY due LIMIT 1", columns="due")
        return found[0][0] if found else now() + IDLE

    def _rows(self, where: str, *values: Any, columns: str = COLUMNS) -> list[Any]:
        with self._lock:
            busy, kinds = json.dumps(list(self._busy)), json.dumps(list(self._senders))
        with self._state.reading() as db:
            return db.execute(
                f"SELECT {columns} FROM outbox WHERE lane NOT IN (SELECT value FROM json_each(?)) "  # noqa: S608
                f"AND kind IN (SELECT value FROM json_each(?)) AND {where}",
                (busy, kinds, *values),
            ).fetchall()

    def _send_all(self, lane: str, parcels: list[Parcel]) -> None:
        try:
            for parcel in parcels:
                if self._stopped:
                    return
                again = self._sent(parcel)
                with self._state.transaction() as db:
                    if again is None:
                        db.execute("DELETE FROM outbox WHERE number = ?", (parcel.number,))
                    else:
                        row = (*counted(again, parcel), parcel.number)
                        db.execute("UPDATE outbox SET due = ?, attempts = ? WHERE number = ?", row)
        except sqlite3.Error as error:
            if not self._stopped:
                log.error("the outbox cannot be written, so something is sent twice: %s", error)
        finally:
            with self._lock:
                self._busy.discard(lane)
            self._wake.set()

    def _sent(self, parcel: Parcel) -> float | Later | None:
        try:
            return self._senders[parcel.kind](parcel)
        except Exception:
            log.exception("parcel %s (%s, %s) is not sent", parcel.number, parcel.kind, parcel.lane)
            return None if parcel.attempts + 1 >= BROKEN else now() + 2.0**parcel.attempts


def counted(again: float | Later, parcel: Parcel) -> tuple[float, int]:
    """Return when a parcel is due next, and the attempts that were made."""
    if isinstance(again, Later):
        return again.at, parcel.attempts
    return again, parcel.attempts + 1


def retry_after(attempts: int) -> float:
    """Return the seconds after which a delivery is tried again that failed so many times before."""
    return float(min(2**attempts, LONGEST))
