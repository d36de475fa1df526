"""What /proc says about a process and everything it started. Standard library only."""

import os
from collections.abc import Iterable
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
PROC = Path("/proc")


def descendants(ancestor: int) -> list[int]:
    """Return the processes below one, in any order; empty where there is no /proc."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir(PROC) if PROC.is_dir() else ():
        if entry.name.isdigit():
            try:
                stat = Path(entry.path, "stat").read_text()
            except OSError:  # it has just ended
                continue
            state, parent = stat[stat.rindex(")") + 2 :].split()[:2]
            if state != "Z":
                children.setdefault(int(parent), []).append(int(entry.name))
    found, todo = [], [ancestor]
    while todo:
        todo += (below := children.get(todo.pop(), []))
        found += below
    return found


def memory(pids: Iterable[int], limit: int) -> int:
    """Return the bytes that processes hold: a quick sum, and the exact one where that is over a limit."""
    pids = list(pids)
    quick = sum(_resident(pid) for pid in pids)
    return quick if quick <= limit else sum(_proportional(pid) for pid in pids)


def _resident(pid: int) -> int:
    try:
        return int(PROC.joinpath(str(pid), "statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def _proportional(pid: int) -> int:
    """Return a process's bytes with its share of what it shares with others."""
    try:
        for line in PROC.joinpath(str(pid), "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0
