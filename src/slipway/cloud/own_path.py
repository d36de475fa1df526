"""What the cloud answers beside AWS's API, below a path that no bucket can have: its clock."""

import json
from datetime import UTC, datetime

from slipway.cloud.clock import CLOCK, now
from slipway.cloud.wire import Limited, Request, Response

PREFIX = "/_slipway/"
FORM = "application/json"  # a web page of another origin cannot send it without being asked about
LARGEST = 1 << 10  # bytes of a request


def answer(request: Request) -> Response:
    """Answer a request below the path, which has passed the same checks as every other."""
    if request.path != f"{PREFIX}clock":
        return refused(404, f"expected {PREFIX}clock, found {request.path}")
    if request.method == "GET":
        return respond(200, shown())
    if request.method != "POST":
        return refused(405, f"expected GET or POST, found {request.method}")
    if request.headers.get("content-type", "").partition(";")[0].strip() != FORM:
        return refused(415, f"expected a request of the type {FORM}")
    try:
        seconds = float(json.loads(Limited(request.body, LARGEST).read())["advance"])
        done = CLOCK.advance(seconds)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        return refused(400, f"expected {{'advance': seconds}}, found {error}")
    return respond(200, {**shown(), "stops": done.stops, "whole": done.whole})


def shown() -> dict[str, object]:
    """Return the cloud's time and how many seconds it is ahead of the machine's."""
    time = datetime.fromtimestamp(now(), UTC)
    return {"time": time.isoformat(timespec="seconds"), "ahead": round(CLOCK.ahead, 3)}


def refused(status: int, message: str) -> Response:
    """Return a refusal."""
    return respond(status, {"message": message})


def respond(status: int, members: dict[str, object]) -> Response:
    """Return a JSON document."""
    body = json.dumps(members).encode()
    headers = (("Content-Type", FORM), ("Content-Length", str(len(body))))
    return Response(status, headers, (body,))
