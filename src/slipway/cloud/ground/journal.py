"""The journal: every request that changes something on the ground, so that it can be made again."""

import json
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from slipway.cloud.clock import now
from slipway.cloud.ground import traces
from slipway.cloud.state import State

ENTRIES = """
CREATE TABLE IF NOT EXISTS journal (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL, seed INTEGER NOT NULL,
    method TEXT NOT NULL, path TEXT NOT NULL, query TEXT NOT NULL, headers TEXT NOT NULL,
    body BLOB NOT NULL
)
"""
TAKEN = """
CREATE TABLE IF NOT EXISTS journal_taken (
    sequence INTEGER NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL, value BLOB,
    PRIMARY KEY (sequence, position)
) WITHOUT ROWID
"""
READS = re.compile(
    r"(BatchGet|BatchDescribe|Check|Count|Describe|Estimate|Filter|Get|Head|Is|List|Lookup|Preview|Query"
    r"|Scan|Search|Select|Simulate|Test|Validate|Verify|View)([A-Z]|$)"
)
CHANGES = {
    "GetFederationToken",
    "GetSessionToken",
    "GetRecords",
    "GetShardIterator",
}  # in spite of it
ACTION = re.compile(r"(?:^|&)Action=(\w+)")
RPC = re.compile(r"/service/\w+/operation/(\w+)")
FORM = "application/x-www-form-urlencoded"
OF_THE_CONNECTION = {
    "connection",
    "content-length",
    "expect",
    "transfer-encoding",
    "accept-encoding",
}


@dataclass(frozen=True)
class Entry:
    """One request, with all that its effect depends on."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    time: float  # epoch seconds at which it happened
    seed: int  # of every random choice that it made
    sequence: int = 0


def entry(method: str, path: str, query: str, headers: Mapping[str, str], body: bytes) -> Entry:
    """Return the entry of a request that is about to happen."""
    kept = {name: value for name, value in headers.items() if name not in OF_THE_CONNECTION}
    return Entry(method, path, query, kept, body, now(), secrets.randbits(62))


def changes(entry: Entry) -> bool:
    """Return whether a request may change something. Pure."""
    if entry.method in ("GET", "HEAD", "OPTIONS") and not ACTION.search(entry.query):
        return False
    name = operation(entry)
    return name in CHANGES or not READS.match(name)


def operation(entry: Entry) -> str:
    """Return the operation's name where a protocol says it; "" for REST. Pure."""
    if target := entry.headers.get("x-amz-target"):
        return target.rpartition(".")[2]
    if found := RPC.search(entry.path):
        return found[1]
    text = entry.query
    if entry.headers.get("content-type", "").startswith(FORM):
        text += "&" + unquote(entry.body.decode("latin-1"))
    found = ACTION.search(text)
    return found[1] if found else ""


class Journal:
    """The entries, in the order in which they happened."""

    def __init__(self, state: State) -> None:
        self._state = state
        with state.transaction() as db:
            db.execute(ENTRIES)
            db.execute(TAKEN)
            traces.prepare(db)
            # Entry 0: when the ground was made, and the seed of what is there from the beginning.
            born = (0, time.time(), secrets.randbits(62), "", "", "", "{}", b"")
            db.execute("INSERT OR IGNORE INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?)", born)

    def birth(self) -> tuple[float, int]:
        """Return (time, seed) of what is on the ground from the beginning."""
        with self._state.transaction() as db:
            row = db.execute("SELECT time, seed FROM journal WHERE sequence = 0").fetchone()
        return float(row[0]), int(row[1])

    def write(self, entry: Entry) -> int:
        """Write an entry before it happens; return its number."""
        row = (entry.time, entry.seed, entry.method, entry.path, entry.query)
        with self._state.transaction() as db:
            done = db.execute(
                "INSERT INTO journal (time, seed, method, path, query, headers, body) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*row, json.dumps(dict(entry.headers)), entry.body),
            )
        assert done.lastrowid  # noqa: S101 (SQLite gives one)
        return done.lastrowid

    def strike(self, number: int) -> None:
        """Remove an entry that was refused and so changed nothing."""
        with self._state.transaction() as db:
            db.execute("DELETE FROM journal WHERE sequence = ?", (number,))
            db.execute("DELETE FROM journal_taken WHERE sequence = ?", (number,))

    def note(self, number: int, operation: str, messages: set[str], gone: set[str]) -> None:
        """Note what an entry did to messages of queues; see `traces.note`."""
        traces.note(self._state, number, operation, messages, gone)

    def record(self, number: int, position: int, name: str, value: bytes | None) -> None:
        """Write down what an entry took from outside of the ground."""
        with self._state.transaction() as db:
            row = (number, position, name, value)
            db.execute("INSERT INTO journal_taken VALUES (?, ?, ?, ?)", row)

    def recorded(self, number: int) -> list[tuple[str, bytes | None]]:
        """Return the names and values that an entry took from outside, in their order."""
        with self._state.transaction() as db:
            return db.execute(
                "SELECT name, value FROM journal_taken WHERE sequence = ? ORDER BY position",
                (number,),
            ).fetchall()

    def entries(self) -> Iterator[Entry]:
        """Yield all entries, oldest first."""
        last = 0
        while True:
            with self._state.transaction() as db:
                row = db.execute(
                    "SELECT method, path, query, headers, body, time, seed, sequence FROM journal "
                    "WHERE sequence > ? ORDER BY sequence LIMIT 1",
                    (last,),
                ).fetchone()
            if not row:
                return
            last = row[-1]
            yield as_entry(row)


def as_entry(row: tuple[Any, ...]) -> Entry:
    """Return the entry of a database row."""
    method, path, query, headers, body, at, seed, number = row
    return Entry(method, path, query, json.loads(headers), body, at, seed, number)
