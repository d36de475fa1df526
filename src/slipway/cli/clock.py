"""Show the local cloud's time, or move it on."""

import json as jsons
import os
import re
import urllib.error
import urllib.request
from typing import Annotated, Any

import typer

from slipway.cli.errors import DOWN, Refused
from slipway.cli.output import Json, emit, note, say

SPAN = re.compile(r"(\d+)([smhd])")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
LONGEST = 3600.0  # seconds for an answer: an advance does what falls due within it
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def clock(
    advance: Annotated[
        str | None, typer.Option(metavar="SPAN", help="Move it on: 90s, 30m, 1h, 2d, 1d12h.")
    ] = None,
    json: Json = False,
) -> None:
    """Show the local cloud's time, or move it on.

    What is due in between happens.
    """
    endpoint = os.environ.get("AWS_ENDPOINT_URL")
    if not endpoint:
        raise Refused(
            "expected AWS_ENDPOINT_URL to name a local cloud, found none, which means AWS: its clock "
            f"cannot be moved; {DOWN}"
        )
    found = asked(endpoint, None if advance is None else seconds(advance))
    if not found.get("whole", True):
        note("more was due than one advance does; the rest of the time was passed over")
    if json:
        emit(found)
    else:
        say(f"{found['time']}  ({span(found['ahead'])} ahead of this machine)")


def seconds(text: str) -> int:
    """Return the seconds of a span of time; Refused."""
    parts = SPAN.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise Refused(f"--advance: expected a span like 90s, 30m, 1h, 2d or 1d12h, found {text!r}")
    return sum(int(number) * UNITS[unit] for number, unit in parts)


def span(seconds: float) -> str:
    """Return seconds as they are written: 1d12h."""
    left, parts = round(seconds), []
    for unit, size in sorted(UNITS.items(), key=lambda each: -each[1]):
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0s"


def asked(endpoint: str, advance: int | None) -> Any:
    """Return what the cloud says of its clock, which is moved first where seconds are given."""
    body = None if advance is None else jsons.dumps({"advance": advance}).encode()
    request = urllib.request.Request(  # noqa: S310 (the user's own endpoint)
        f"{endpoint.rstrip('/')}/_slipway/clock",
        data=body,
        headers={"Content-Type": "application/json"},
    )
    try:
        with DIRECT.open(request, timeout=LONGEST) as answer:
            return jsons.load(answer)
    except urllib.error.HTTPError as error:
        said = error.read(1000).decode(errors="replace")
        raise Refused(
            f"expected a local cloud at {endpoint}, whose clock can be moved; it answered "
            f"{error.code}: {said}"
        ) from error
    except (OSError, ValueError) as error:
        raise Refused(f"nothing of Slipway's answers at {endpoint} ({error}); {DOWN}") from error
