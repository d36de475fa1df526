"""How much of the machine an instance's servers use, from /proc."""

import os
import shutil
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from slipway.jobs.processes import PROC, descendants, every_child, memory, told

TICK = os.sysconf("SC_CLK_TCK")
FRESH = 0.5  # seconds

_looked: tuple[float, Mapping[int, list[int]]] = (0.0, {})
_turn = threading.Lock()


@dataclass(frozen=True)
class Usage:
    """What AWS's instance metrics say, in percent."""

    cpu: float  # 100 for each core that is busy
    memory: float  # of what an instance may hold (SLIPWAY_JOB_MEMORY)
    disk: float  # of the disk that holds its files


class Meter:
    """Measures one instance."""

    def __init__(self, folder: Path, limit: int) -> None:
        """Take a folder on the instance's disk, and the bytes of memory that count as all."""
        self._folder = folder
        self._limit = limit
        self._spent: dict[int, int] = {}
        self._at = 0.0

    def read(self, supervisors: Iterable[int]) -> Usage | None:
        """Return the use since the last call; None at the first one, and where there is no /proc."""
        if not PROC.is_dir():
            return None
        children = processes_now()
        pids = [pid for each in supervisors for pid in descendants(each, children)]
        spent = {pid: ticks(pid) for pid in pids}
        now = time.monotonic()
        used = sum(amount - self._spent.get(pid, 0) for pid, amount in spent.items())
        elapsed, first = now - self._at, not self._at
        self._spent, self._at = spent, now
        if first or elapsed <= 0:
            return None
        disk = shutil.disk_usage(self._folder)
        return Usage(
            cpu=100 * used / TICK / elapsed,
            memory=100 * memory(pids, self._limit) / self._limit,
            disk=100 * disk.used / disk.total,
        )


def processes_now() -> Mapping[int, list[int]]:
    """Return the children of every process, half a second old at most: many instances ask at once."""
    global _looked
    with _turn:
        if time.monotonic() - _looked[0] > FRESH:
            _looked = time.monotonic(), every_child()
        return _looked[1]


def ticks(pid: int) -> int:
    """Return the processor time of a process and of those of its children that have ended."""
    try:
        stat = told(f"{PROC}/{pid}/stat")
    except OSError:  # it has just ended
        return 0
    return sum(map(int, stat[stat.rindex(b")") + 2 :].split()[11:15]))
