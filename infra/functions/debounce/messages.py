"""What the messages of the queue say. Pure."""

import json
import re
from dataclasses import dataclass

from infra.functions.debounce.window import Landed, folder_of, read_time

# Control characters, ends of lines and halves of characters: a pipeline's parameter takes none.
UNFIT = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class Unreadable(ValueError):
    """A message that nobody can make use of; it ends in the dead-letter queue."""


@dataclass(frozen=True)
class Tick:
    """Look whether it has become quiet."""

    id: str


@dataclass(frozen=True)
class Ignored:
    """Nothing to do: the marker that a console makes for an empty folder."""


def read(body: str, bucket: str, prefix: str, now: float) -> Landed | Tick | Ignored:
    """Return what a message says; Unreadable where it is not one of ours.

    Args:
        body: An event `Object Created`, `{"tick": ID}`, or `{"schedule": NAME}`.
        bucket: In which files land.
        prefix: Under which they do, so that what executions write starts none.
        now: Epoch seconds, the time of what a schedule asks for.
    """
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"expected JSON, found {body[:80]!r}") from error
    if not isinstance(message, dict):
        raise Unreadable(f"expected a JSON object, found {body[:80]!r}")
    if isinstance(message.get("tick"), str):
        return Tick(message["tick"])
    if "schedule" in message:
        return Landed(prefix, now)
    try:
        found, key = message["detail"]["bucket"]["name"], message["detail"]["object"]["key"]
        at = read_time(message["time"])
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise Unreadable(
            f"expected an event of S3 with detail.bucket.name, detail.object.key and time, found {body[:200]!r}"
        ) from error
    if found != bucket or not str(key).startswith(prefix):
        raise Unreadable(f"expected a file below s3://{bucket}/{prefix}, found s3://{found}/{key}")
    if UNFIT.search(folder_of(key)):  # its execution would not start, and no other after it
        raise Unreadable(f"expected a folder without control characters, found {key!r}")
    return Ignored() if key.endswith("/") else Landed(key, at)
