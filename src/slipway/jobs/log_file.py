"""The log of one instance: a text file in which every line starts with its time. Standard library only.

    2026-11-21T10:05:50.123Z the line as the job wrote it

The prefix has a fixed width, so a position in the file is a place in the stream.
"""

import contextlib
import os
import time
from pathlib import Path

PREFIX = 25  # characters of time and space before each line
LONGEST = 256 * 1024  # bytes of one event in CloudWatch Logs; a longer line is cut in pieces


def stamp(now: float) -> str:
    """Return the time as it stands before a line, in UTC with milliseconds."""
    whole, milliseconds = divmod(int(now * 1000), 1000)
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
    return f"{text}.{milliseconds:03d}Z"


class LogWriter:
    """Cut a stream of bytes into lines and append them; holds at most one line in memory."""

    def __init__(self, path: str | Path, limit: int) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        self._left = limit  # bytes that the file may still grow
        self._rest = b""
        self._why = "reached its limit"
        self.dropped = 0  # lines beyond the limit

    def feed(self, data: bytes) -> list[str]:
        """Write the lines that are now complete and return them."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST:
            lines.append(self._rest)
            self._rest = b""
        return self._write(lines)

    def close(self) -> list[str]:
        """Write the unfinished last line, and how many were dropped; return what was written."""
        lines = self._write([self._rest] if self._rest else [])
        if self.dropped:
            self._left = PREFIX + 1024
            self.say(f"slipway: the log {self._why}; {self.dropped} lines are not kept")
        os.close(self._file)
        return lines

    def say(self, text: str) -> None:
        """Write a line of our own."""
        self._write([text.encode()])

    def _write(self, lines: list[bytes]) -> list[str]:
        prefix = stamp(time.time()).encode() + b" "
        pieces = [
            line[i : i + LONGEST] for line in lines for i in range(0, len(line) or 1, LONGEST)
        ]
        kept = []
        for piece in pieces:
            self._left -= PREFIX + len(piece) + 1
            if self._left < 0:
                self.dropped += 1
            else:
                kept.append(piece)
        before = os.fstat(self._file).st_size
        block = b"".join(prefix + piece + b"\n" for piece in kept)
        try:
            while block:
                block = block[os.write(self._file, block) :]
        except OSError as error:  # a full disk: whole lines or none
            self._why = f"could not be written ({error.strerror})"
            self.dropped += len(kept)
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, before)
        return [piece.decode("utf-8", "replace") for piece in pieces]
