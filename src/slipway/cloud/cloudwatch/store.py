"""The file of the metrics: aggregates by series and time, coarser the older they are.

As on AWS: seconds for 3 hours, minutes for 15 days, 5 minutes for 63 days, hours for 455 days. A point
is in exactly one row, so what is read is never counted twice.
"""

import json
import sqlite3
import threading
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path

from slipway.cloud.cloudwatch.aggregate import Aggregate, merged
from slipway.cloud.cloudwatch.series import Dimensions, Metric, Series

HOUR, DAY = 3600, 86400
# seconds that a row stands for → for how long it is kept so; then it goes into the next
TIERS = {1: 3 * HOUR, 60: 15 * DAY, 300: 63 * DAY, 3600: 455 * DAY}
MOVED = 20  # coarse rows that are made at a time
SCHEMA = """
CREATE TABLE IF NOT EXISTS series (
    id INTEGER PRIMARY KEY, region TEXT NOT NULL, namespace TEXT NOT NULL, name TEXT NOT NULL,
    dimensions TEXT NOT NULL, unit TEXT NOT NULL, last INTEGER NOT NULL,
    UNIQUE (region, namespace, name, dimensions, unit)
);
CREATE TABLE IF NOT EXISTS points (
    series INTEGER NOT NULL, width INTEGER NOT NULL, time INTEGER NOT NULL,
    count REAL NOT NULL, sum REAL NOT NULL, minimum REAL NOT NULL, maximum REAL NOT NULL,
    distribution BLOB,
    UNIQUE (series, width, time)
);
"""
COLUMNS = "time, count, sum, minimum, maximum, distribution"

Row = tuple[int, float, float, float, float, bytes | None]
Points = Mapping[tuple[Series, int], Aggregate]  # by series and second


class Store:
    """The metrics of a cloud in a SQLite file that all threads share."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        path.touch(mode=0o600)
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")  # a killed process loses nothing
        self._connection.executescript(SCHEMA)
        self._ids: dict[Series, int] = {}

    def write(self, points: Points) -> None:
        """Add points, all or none; a second that has values already gets more of them."""
        with self._lock, self._connection as db:
            db.execute("BEGIN IMMEDIATE")
            last: dict[int, int] = {}
            for (series, second), aggregate in points.items():
                number = self._number(db, series, second)
                add(db, number, 1, second, aggregate)
                last[number] = max(second, last.get(number, second))
            db.executemany(
                "UPDATE series SET last = max(last, ?) WHERE id = ?",
                [(second, number) for number, second in last.items()],
            )

    def _number(self, db: sqlite3.Connection, series: Series, second: int) -> int:
        if (known := self._ids.get(series)) is not None:
            return known
        metric = series.metric
        key = (metric.region, metric.namespace, metric.name, spelled(metric.dimensions))
        db.execute(
            "INSERT OR IGNORE INTO series VALUES (NULL, ?, ?, ?, ?, ?, ?)",
            (*key, series.unit, second),
        )
        found = db.execute(
            "SELECT id FROM series WHERE region = ? AND namespace = ? AND name = ? "
            "AND dimensions = ? AND unit = ?",
            (*key, series.unit),
        ).fetchone()
        number = int(found[0])
        # Not remembered before it is committed; the next write asks once more.
        if db.execute("SELECT 1 FROM points WHERE series = ? LIMIT 1", (number,)).fetchone():
            self._ids[series] = number
        return number

    def read(
        self, metric: Metric, start: int, end: int, period: int
    ) -> dict[str, dict[int, Aggregate]]:
        """Return by unit, then by the start of the period, what lies in `start` <= time < `end`.

        The first period begins at `start`. Rows that stand for more than the period (old ones) count
        at their beginning.
        """
        with self._lock:
            rows = self._connection.execute(
                f"SELECT unit, {COLUMNS} FROM series JOIN points ON series = id "  # noqa: S608
                "WHERE region = ? AND namespace = ? AND name = ? AND dimensions = ? "
                f"AND width IN {tuple(TIERS)} AND time >= ? AND time < ?",
                (
                    *(metric.region, metric.namespace, metric.name),
                    *(spelled(metric.dimensions), start, end),
                ),
            ).fetchall()
        grouped: dict[str, dict[int, list[Aggregate]]] = defaultdict(lambda: defaultdict(list))
        for unit, *row in rows:
            grouped[unit][row[0] - (row[0] - start) % period].append(read_row(row))
        return {
            unit: {time: merged(parts) for time, parts in sorted(by_time.items())}
            for unit, by_time in grouped.items()
        }

    def metrics(self, region: str, since: int) -> list[Metric]:
        """Return the metrics of a region that have a point at or after a time, by name."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT DISTINCT namespace, name, dimensions FROM series "
                "WHERE region = ? AND last >= ? ORDER BY namespace, name, dimensions",
                (region, since),
            ).fetchall()
        return [Metric(region, space, name, read_dimensions(text)) for space, name, text in rows]

    def age(self, now: int) -> None:
        """Let old rows go into coarser ones, and the oldest be forgotten; others come in between."""
        with self._lock:
            numbers = [row[0] for row in self._connection.execute("SELECT id FROM series")]
        for number in numbers:
            for width, coarser in zip(TIERS, [*list(TIERS)[1:], 0], strict=True):
                more = True
                while more:
                    with self._lock, self._connection as db:
                        db.execute("BEGIN IMMEDIATE")
                        more = move(db, number, width, coarser, now - TIERS[width])
            with self._lock, self._connection as db:
                db.execute("BEGIN IMMEDIATE")
                here = db.execute("SELECT 1 FROM points WHERE series = ? LIMIT 1", (number,))
                if not here.fetchone():
                    db.execute("DELETE FROM series WHERE id = ?", (number,))
                    self._ids = {s: n for s, n in self._ids.items() if n != number}

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()


def add(db: sqlite3.Connection, number: int, width: int, time: int, aggregate: Aggregate) -> None:
    """Add to a row, or make it."""
    row = db.execute(
        f"SELECT {COLUMNS} FROM points WHERE series = ? AND width = ? AND time = ?",  # noqa: S608
        (number, width, time),
    ).fetchone()
    both = merged([read_row(row), aggregate]) if row else aggregate
    db.execute(
        "INSERT OR REPLACE INTO points VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (number, width, time, both.count, both.sum, both.minimum, both.maximum, packed(both)),
    )


def move(db: sqlite3.Connection, number: int, width: int, coarser: int, before: int) -> bool:
    """Move rows before a time into coarser ones, or drop them (`coarser` 0); return if there are more.

    A coarse row is made of a whole stretch at once, so nothing is moved before all of it is old.
    """
    limit = before // coarser * coarser if coarser else before
    where = "FROM points WHERE series = ? AND width = ? AND time < ?"
    first: int | None = db.execute(f"SELECT min(time) {where}", (number, width, limit)).fetchone()[
        0
    ]
    if first is None:
        return False
    stretch = coarser or width
    upto = min(limit, first // stretch * stretch + MOVED * stretch)
    if coarser:
        rows = db.execute(f"SELECT {COLUMNS} {where}", (number, width, upto)).fetchall()
        grouped: dict[int, list[Aggregate]] = defaultdict(list)
        for row in rows:
            grouped[row[0] // coarser * coarser].append(read_row(row))
        for time, parts in grouped.items():
            add(db, number, coarser, time, merged(parts))
    db.execute(f"DELETE {where}", (number, width, upto))
    return upto < limit


def read_row(row: Iterable[object]) -> Aggregate:
    """Return a row's aggregate."""
    _, count, total, minimum, maximum, blob = row
    return Aggregate(count, total, minimum, maximum, unpacked(blob))  # type: ignore[arg-type]


def packed(aggregate: Aggregate) -> bytes | None:
    """Return the distribution as doubles, value and count in turn; None where it goes without."""
    if aggregate.values is None or len(aggregate.values) == 1:
        return None
    return array("d", chain.from_iterable(aggregate.values.items())).tobytes()


def unpacked(blob: object) -> dict[float, float] | None:
    """Return what `packed` packed."""
    if not isinstance(blob, bytes):
        return None
    numbers = array("d", blob)
    return dict(zip(numbers[::2], numbers[1::2], strict=True))


def spelled(dimensions: Dimensions) -> str:
    """Return dimensions as the file has them."""
    return json.dumps(sorted(dimensions), ensure_ascii=False)


def read_dimensions(text: str) -> Dimensions:
    """Return the dimensions that the file has."""
    return tuple((name, value) for name, value in json.loads(text))
