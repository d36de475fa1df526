"""What goes to the terminal: results to stdout, as tables or as one JSON document; the rest to stderr."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


def emit(document: Any) -> None:
    """Print a document as one line of JSON; datetimes in ISO 8601."""
    sys.stdout.write(json.dumps(document, default=wire) + "\n")
    sys.stdout.flush()


def wire(value: object) -> str:
    """Return the JSON form of a value that JSON lacks."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def say(text: str = "") -> None:
    """Print one line of a result."""
    sys.stdout.write(text + "\n")


def note(text: str) -> None:
    """Print one line of progress."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; in a pipe it is as wide as its content, so nothing is cut."""
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        drawn.add_column(heading, overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(cell, style=STYLES.get(cell, "")) for cell in row))
    console().print(drawn)


STYLES = {
    "Succeeded": "green",
    "Completed": "green",
    "Approved": "green",
    "InService": "green",
    "Failed": "red",
    "Rejected": "red",
    "Stopped": "yellow",
    "Stopping": "yellow",
    "Executing": "cyan",
    "Starting": "cyan",
    "Creating": "cyan",
    "Updating": "cyan",
}


def console(stderr: bool = False) -> Any:
    """Return a rich console that never wraps what a pipe reads."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() else 400
    return Console(file=stream, width=width, highlight=False, soft_wrap=False)


def duration(seconds: float) -> str:
    """Return a duration as a person reads it: 0.4 s, 12 s, 3 min 05 s, 2 h 10 min."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if round(seconds) < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def moment(time: datetime) -> str:
    """Return a time in the reader's own zone, to the second."""
    return time.astimezone().strftime("%Y-%m-%d %H:%M:%S")
