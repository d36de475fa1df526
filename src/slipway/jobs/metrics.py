"""Metrics that a job prints: found in its log by regular expressions. Standard library only."""

import json
import math
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

LONGEST = 16 * 1024  # characters of a line that are searched


def compile_all(definitions: Iterable[tuple[str, str]]) -> list[tuple[str, "re.Pattern[str]"]]:
    """Return (name, compiled regex) of each definition; re.error names the one that is broken."""
    return [(name, re.compile(regex)) for name, regex in definitions]


def found(
    patterns: Sequence[tuple[str, "re.Pattern[str]"]], line: str
) -> Iterable[tuple[str, float]]:
    """Yield (name, value) of every metric in a line; the value is the regex's first group."""
    for name, pattern in patterns:
        match = pattern.search(line[:LONGEST])
        if match and pattern.groups:
            try:
                yield name, float(match.group(1))
            except (TypeError, ValueError):
                continue


def series(path: Path) -> list[tuple[int, str, float]]:
    """Return (epoch milliseconds, name, value) of everything that a job's metric file holds."""
    if not path.exists():
        return []
    return [(t, name, value) for t, name, value in map(json.loads, path.open())]


def final(values: Iterable[tuple[int, str, float]]) -> list[tuple[str, float, int]]:
    """Return (name, value, epoch milliseconds) of the last finite value of each metric."""
    last = {name: (value, t) for t, name, value in values if math.isfinite(value)}
    return [(name, value, t) for name, (value, t) in last.items()]
