"""What happened to alarms, kept for 30 days in the cloud's state."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from slipway.cloud.clock import now
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch.pages import offset, token
from slipway.cloud.cloudwatch.store import DAY
from slipway.cloud.service import Call

KEPT = 30 * DAY
PAGE = 100
LONGEST = 4095  # characters of HistoryData
TABLE = """
CREATE TABLE IF NOT EXISTS alarm_history (
    sequence INTEGER PRIMARY KEY, region TEXT NOT NULL, name TEXT NOT NULL, type TEXT NOT NULL,
    time REAL NOT NULL, kind TEXT NOT NULL, summary TEXT NOT NULL, data TEXT NOT NULL
)
"""
INDEX = "CREATE INDEX IF NOT EXISTS alarm_history_by_time ON alarm_history (region, time)"


def write(
    cloud: Cloud,
    region: str,
    alarm: Mapping[str, Any],
    kind: str,
    summary: str,
    data: Mapping[str, Any],
) -> None:
    """Add an item about an alarm; `kind` is ConfigurationUpdate, StateUpdate or Action."""
    text = json.dumps({"version": "1.0", **data}, separators=(",", ":"))
    if len(text) > LONGEST:
        text = json.dumps({"version": "1.0", "tooLong": len(text)})
    row = (region, alarm["AlarmName"], kind_of(alarm), now(), kind, summary, text)
    with cloud.state.transaction() as db:
        db.execute(TABLE)
        db.execute(INDEX)
        db.execute(
            "DELETE FROM alarm_history WHERE region = ? AND time < ?", (region, now() - KEPT)
        )
        db.execute("INSERT INTO alarm_history VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)", row)


def kind_of(alarm: Mapping[str, Any]) -> str:
    """Return the AlarmType of an alarm."""
    return "CompositeAlarm" if "AlarmRule" in alarm else "MetricAlarm"


def describe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of history, the newest first unless asked otherwise (DescribeAlarmHistory)."""
    types = request.get("AlarmTypes", ["MetricAlarm"])
    where = f"region = ? AND type IN ({','.join('?' * len(types))})"
    values: list[Any] = [call.region, *types]
    for member, condition in (
        ("AlarmName", "name = ?"),
        ("HistoryItemType", "kind = ?"),
        ("StartDate", "time >= ?"),
        ("EndDate", "time <= ?"),
    ):
        if member in request:
            where += f" AND {condition}"
            value = request[member]
            values.append(value.timestamp() if isinstance(value, datetime) else value)
    order = "ASC" if request.get("ScanBy") == "TimestampAscending" else "DESC"
    skip, size = offset(request), request.get("MaxRecords", PAGE)
    with call.cloud.state.transaction() as db:
        db.execute(TABLE)
        rows = db.execute(
            "SELECT name, type, time, kind, summary, data FROM alarm_history "  # noqa: S608
            f"WHERE {where} ORDER BY time {order}, sequence {order} LIMIT ? OFFSET ?",
            (*values, size + 1, skip),
        ).fetchall()
    answer: dict[str, Any] = {"AlarmHistoryItems": [item(row) for row in rows[:size]]}
    if len(rows) > size:
        answer["NextToken"] = token(skip + size, request)
    return answer


def item(row: tuple[Any, ...]) -> dict[str, Any]:
    """Return a row as the API has it."""
    name, kind, time, what, summary, data = row
    return {
        "AlarmName": name,
        "AlarmType": kind,
        "Timestamp": datetime.fromtimestamp(time, UTC),
        "HistoryItemType": what,
        "HistorySummary": summary,
        "HistoryData": data,
    }
