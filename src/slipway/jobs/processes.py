"""What /proc says about a process and everything it started. Standard library only."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
PROC = Path("/proc")


def descendants(ancestor: int, children: Mapping[int, list[int]] | None = None) -> list[int]:
    """Return the processes below one, in any order; empty where there is no /proc.

    Whoever asks for several looks up all `children` once.
    """
    if children is None:
        children = every_child()
    found, todo = [], [ancestor]
    while todo:
        todo += (below := children.get(todo.pop(), []))
        found += below
    return found


def every_child() -> dict[int, list[int]]:
    """Return the children of every process that has some."""
    children: dict[int, list[int]] = {}
    for entry in os.scandir(PROC) if PROC.is_dir() else ():
        if entry.name.isdigit():
            try:
                stat = told(f"{entry.path}/stat")
            except OSError:  # it has just ended
                continue
            state, parent = stat[stat.rindex(b")") + 2 :].split()[:2]
            if state != b"Z":
                children.setdefault(int(parent), []).append(int(entry.name))
    return children


def told(path: str) -> bytes:
    """Return a short file of /proc; a third of what it takes as any other file."""
    handle = os.open(path, os.O_RDONLY)
    try:
        return os.read(handle, 4096)
    finally:
        os.close(handle)


def memory(pids: Iterable[int], limit: int) -> int:
    """Return the bytes that processes hold: a quick sum, and the exact one where that is over a limit."""
    pids = list(pids)
    quick = sum(_resident(pid) for pid in pids)
    return quick if quick <= limit else sum(_proportional(pid) for pid in pids)


def _resident(pid: int) -> int:
    try:
        return int(told(f"{PROC}/{pid}/statm").split()[1]) * PAGE
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
