"""Read the log of an instance again, line by line, from any place in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from slipway.jobs.log_file import LONGEST, PREFIX

BLOCK = 64 * 1024  # bytes read at once, backwards


@dataclass(frozen=True)
class Line:
    """One line of a log."""

    time: int  # milliseconds since 1970
    text: str
    start: int  # bytes from the beginning of the file
    end: int


def read(path: Path, position: int = 0) -> Iterator[Line]:
    """Yield each whole line from a position on; nothing where there is no file yet."""
    if not path.exists():
        return
    with path.open("rb") as file:
        file.seek(position)
        for line in file:
            if not line.endswith(b"\n"):
                return
            yield parse(line, position)
            position += len(line)


def read_back(path: Path, position: int) -> Iterator[Line]:
    """Yield each line that ends at or before a position, the last one first."""
    if not path.exists():
        return
    with path.open("rb") as file:
        rest = b""  # of a line whose beginning has not been read yet, and what follows it
        while position > 0:
            size = min(position, BLOCK)
            position -= size
            file.seek(position)
            rest = file.read(size) + rest
            first = rest.find(b"\n") + 1 if position else 0
            end = position + rest.rfind(b"\n") + 1
            for line in reversed(rest[first:].split(b"\n")[:-1]):
                start = end - len(line) - 1
                yield parse(line + b"\n", start)
                end = start
            rest = rest[:first]


def position_at(path: Path, time: int) -> int:
    """Return where the first line at or after a time (milliseconds since 1970) begins."""
    if not path.exists():
        return 0
    low, high = 0, path.stat().st_size  # the line begins at or after low, and at or before high
    with path.open("rb") as file:
        while high - low > BLOCK:
            file.seek((low + high) // 2)
            file.readline()
            start = file.tell()
            line = file.readline(LONGEST + PREFIX + 1)
            if start >= high or not line.endswith(b"\n") or parse(line, start).time >= time:
                high = (low + high) // 2
            else:
                low = start
    for each in read(path, low):
        if each.time >= time:
            return each.start
        low = each.end
    return low


def parse(line: bytes, start: int) -> Line:
    """Return the line that stands at a place in the file."""
    text = line.decode("utf-8", "replace")
    time = datetime.fromisoformat(text[: PREFIX - 1])
    return Line(round(time.timestamp() * 1000), text[PREFIX:-1], start, start + len(line))
