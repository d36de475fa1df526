"""The log groups of Lambda functions: folders whose files are the streams, beside what the ground knows.

The ground has such a group too (its retention, its filters), from the first line on or from before.
"""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, unquote

from slipway.cloud import inside
from slipway.cloud.service import Call


def folder(call: Call, group: str) -> Path:
    """Return where the streams of a group lie."""
    return every(call) / quote(group, safe="")


def every(call: Call) -> Path:
    """Return where the groups of the call's region lie."""
    return call.cloud.home / "lambda" / "logs" / call.region


def opened(call: Call, group: str) -> Path:
    """Return where the streams of a group lie, which is made where it is not there."""
    found = folder(call, group)
    if not found.is_dir():
        found.mkdir(parents=True, exist_ok=True)
        logs = inside.client(call.cloud.ground, "logs", call.region)
        with suppress(logs.exceptions.ResourceAlreadyExistsException):
            logs.create_log_group(logGroupName=group)
    return found


def groups(call: Call) -> Iterator[str]:
    """Yield the names of the groups."""
    base = every(call)
    for path in sorted(base.iterdir()) if base.is_dir() else ():
        yield unquote(path.name)


def delete(call: Call, group: str) -> None:
    """Delete the streams of a group, if it has some."""
    shutil.rmtree(folder(call, group), ignore_errors=True)
