"""What the platform writes into a function's log, beside the function's own lines. Pure."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True)
class Report:
    """How an invocation went."""

    request_id: str
    version: str
    status: str  # "success", "error" or "timeout"
    seconds: float
    memory: int  # MiB that it could use
    used: int  # MiB that it used at most
    init: float | None  # seconds that its environment took to start; None when it was there

    @property
    def billed(self) -> int:
        """Milliseconds that AWS would charge for."""
        return math.ceil(1000 * (self.seconds + (self.init or 0.0)))


def init(runtime: str, as_json: bool) -> str:
    """Return the line before an environment's start."""
    if as_json:
        return document("platform.initStart", {"runtimeVersion": runtime})
    return f"INIT_START Runtime Version: {runtime}"


def start(request_id: str, version: str, as_json: bool) -> str:
    """Return the line before an invocation."""
    if as_json:
        return document("platform.start", {"requestId": request_id, "version": version})
    return f"START RequestId: {request_id} Version: {version}"


def end(of: Report, as_json: bool) -> list[str]:
    """Return the lines after an invocation."""
    milliseconds = round(1000 * of.seconds, 2)
    if as_json:
        metrics: dict[str, float] = {
            "durationMs": milliseconds,
            "billedDurationMs": of.billed,
            "memorySizeMB": of.memory,
            "maxMemoryUsedMB": of.used,
        }
        if of.init is not None:
            metrics["initDurationMs"] = round(1000 * of.init, 2)
        record = {"requestId": of.request_id, "metrics": metrics, "status": of.status}
        return [document("platform.report", record)]
    text = (
        f"REPORT RequestId: {of.request_id}\tDuration: {milliseconds:.2f} ms\t"
        f"Billed Duration: {of.billed} ms\tMemory Size: {of.memory} MB\t"
        f"Max Memory Used: {of.used} MB\t"
    )
    if of.init is not None:
        text += f"Init Duration: {1000 * of.init:.2f} ms\t"
    if of.status == "timeout":
        text += "Status: timeout"
    return [f"END RequestId: {of.request_id}", text]


def document(kind: str, record: Mapping[str, Any]) -> str:
    """Return a line of a log in JSON."""
    return json.dumps({"time": stamp(), "type": kind, "record": record})


def stamp() -> str:
    """Return the time as the platform's lines have it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
