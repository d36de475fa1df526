"""Processes that sleep, and are known by how long: whether one is still there."""

from pathlib import Path


def alive(mark: str) -> bool:
    """Tell whether `sleep <mark>` runs anywhere on this machine."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if path.read_bytes() == b"sleep\0" + mark.encode() + b"\0":
                return True
        except OSError:
            continue
    return False
