"""Read the log of an instance again, line by line, from any place in it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from slipway.jobs.log_file import PREFIX


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
        rest = b""
        while position > 0:
            size = min(position, 64 * 1024)
            position -= size
            file.seek(position)
            rest = file.read(size) + rest
            start = rest.find(b"\n") + 1 if position else 0
            lines = rest[start:].splitlines(keepends=True) if start or not position else []
            end = position + len(rest)
            for line in reversed(split_lines(rest[start:])) if lines else ():
                end -= len(line)
                if line.endswith(b"\n"):
                    yield parse(line, end)
            if lines:
                rest = rest[:start]


def split_lines(data: bytes) -> list[bytes]:
    """Cut after each newline, and nowhere else."""
    lines = [line + b"\n" for line in data.split(b"\n")]
    lines[-1] = lines[-1][:-1]
    return [line for line in lines if line]


def parse(line: bytes, start: int) -> Line:
    """Return the line that stands at a place in the file."""
    text = line.decode("utf-8", "replace")
    time = datetime.fromisoformat(text[: PREFIX - 1])
    return Line(round(time.timestamp() * 1000), text[PREFIX:-1], start, start + len(line))
