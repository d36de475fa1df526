"""The cloud's own state: one SQLite database in WAL mode, documents in it by kind and name."""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FORMAT = 1  # of the state folder; raised when an older Slipway could not read it

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    region TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL,
    sequence INTEGER NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (region, kind, name)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS documents_in_order ON documents (region, kind, sequence);
CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);
"""


class State:
    """A SQLite database that all threads share; every answered write is in the file."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        path.touch(
            mode=0o600
        )  # it holds what clients keep secret; SQLite's other files follow its mode
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        # A killed process loses nothing: what was written is with the kernel. See docs/decisions.
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(SCHEMA)
        self._depth = 0
        self._committed: list[Callable[[], None]] = []

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Hold the database alone; commit at the end, or roll back on an exception. Nests."""
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield self._connection
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._committed.clear()
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._commit()

    def _commit(self) -> None:
        """Commit, then call what waits for it: no other thread changes anything in between."""
        told, self._committed = self._committed, []
        self._connection.execute("COMMIT")
        for tell in told:
            tell()

    def when_committed(self, tell: Callable[[], None]) -> None:
        """Call `tell` when the present transaction is committed, and never if it is rolled back.

        It is called with the database held, so in the order of the changes; it must return quickly and
        raise nothing. Outside of a transaction it is called at once.
        """
        with self.transaction():
            self._committed.append(tell)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Hold the database alone, for one query."""
        with self._lock:
            yield self._connection

    def next(self, counter: str) -> int:
        """Return the next number of a counter, from 1."""
        with self.transaction() as db:
            row = db.execute(
                "INSERT INTO counters VALUES (?, 1) "
                "ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value",
                (counter,),
            ).fetchone()
            return int(row[0])

    def documents(self, region: str, kind: str) -> "Documents":
        """Return the documents of one kind in one region."""
        return Documents(self, region, kind)

    def regions(self, kind: str) -> list[str]:
        """Return the regions that hold documents of a kind."""
        with self.transaction() as db:
            rows = db.execute("SELECT DISTINCT region FROM documents WHERE kind = ?", (kind,))
            return [region for (region,) in rows]

    def close(self) -> None:
        """Close the database."""
        with self._lock:
            self._connection.close()


class Documents:
    """JSON documents by name, in the order in which they were created."""

    def __init__(self, state: State, region: str, kind: str) -> None:
        self._state = state
        self._key = (region, kind)

    def create(self, name: str, body: dict[str, Any]) -> bool:
        """Store a new document; return False, storing nothing, when the name is taken."""
        with self._state.transaction() as db:
            sequence = self._state.next("documents")
            row = (*self._key, name, sequence, json.dumps(body))
            return (
                db.execute("INSERT OR IGNORE INTO documents VALUES (?,?,?,?,?)", row).rowcount == 1
            )

    def replace(self, name: str, body: dict[str, Any]) -> None:
        """Overwrite a document that exists; KeyError if it does not."""
        with self._state.transaction() as db:
            done = db.execute(
                "UPDATE documents SET body = ? WHERE region = ? AND kind = ? AND name = ?",
                (json.dumps(body), *self._key, name),
            )
            if done.rowcount != 1:
                raise KeyError(name)

    def get(self, name: str) -> dict[str, Any] | None:
        """Return a document, or None."""
        with self._state.reading() as db:
            row = db.execute(
                "SELECT body FROM documents WHERE region = ? AND kind = ? AND name = ?",
                (*self._key, name),
            ).fetchone()
        return json.loads(row[0]) if row else None

    def delete(self, name: str) -> bool:
        """Remove a document; return whether it was there."""
        with self._state.transaction() as db:
            done = db.execute(
                "DELETE FROM documents WHERE region = ? AND kind = ? AND name = ?",
                (*self._key, name),
            )
            return done.rowcount == 1

    def all(self) -> list[tuple[str, dict[str, Any]]]:
        """Return (name, document) of every document, oldest first."""
        with self._state.reading() as db:
            rows = db.execute(
                "SELECT name, body FROM documents WHERE region = ? AND kind = ? ORDER BY sequence",
                self._key,
            ).fetchall()
        return [(name, json.loads(body)) for name, body in rows]
