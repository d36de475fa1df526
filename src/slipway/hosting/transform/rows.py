"""A row of CSV as the list of its fields, each as it is written, quotes and all (RFC 4180). Pure."""

import re
from typing import Any

FIELD = re.compile(r'(?P<quoted>"(?:[^"]|"")*")|(?P<bare>[^",]*)')


def parse(text: str, whose: str) -> list[str]:
    """Return the fields of a row; ValueError, in AWS's words, for one that is not well-formed.

    `whose`: "input", or "output from the algorithm".
    """
    if '"' not in text:
        return text.split(",")
    fields, at = [], 0
    while True:
        match = FIELD.match(text, at)
        assert match  # an empty field always matches  # noqa: S101
        fields.append(match[0])
        at = match.end()
        if at == len(text):
            return fields
        if text[at] != ",":
            why = fault(text[match.start()])
            raise ValueError(f"Failed to parse {whose} as CSV: {why} near: {text[:80]}")
        at += 1


def fault(first: str) -> str:
    """Return what is wrong with a field, by its first character."""
    if first == '"':
        return 'extraneous or missing " in quoted field found'
    return 'bare " in non quoted field found'


def write(row: Any) -> str:
    """Return the text of a row, or of the one field that a path found."""
    return ",".join(row) if isinstance(row, list) else str(row)
