"""Answer a List operation: filter, sort and cut documents into pages. Pure."""

import base64
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from slipway.cloud.service import ServiceError

Document = dict[str, Any]
PAGE = 10  # AWS's default for jobs
TIMES = {"CreationTime": "Created", "LastModifiedTime": "Modified"}


def page(
    found: list[tuple[str, Document]], request: Mapping[str, Any]
) -> tuple[list[tuple[str, Document]], str | None]:
    """Return one page of (name, document), and the token of the next one."""
    kept = [(name, document) for name, document in found if matches(name, document, request)]
    order: dict[str, Callable[[tuple[str, Document]], Any]] = {
        "Name": lambda each: each[0],
        "Status": lambda each: each[1]["Status"],
        "CreationTime": lambda each: each[1]["Created"],
    }
    kept.sort(key=order[request.get("SortBy", "CreationTime")])
    if request.get("SortOrder", "Descending") == "Descending":
        kept.reverse()
    start = position(request.get("NextToken"))
    end = start + request.get("MaxResults", PAGE)
    return kept[start:end], (token(end) if end < len(kept) else None)


def matches(name: str, document: Document, request: Mapping[str, Any]) -> bool:
    """Return whether a job passes the filters of a request."""
    if request.get("NameContains", "").lower() not in name.lower():
        return False
    if request.get("StatusEquals", document["Status"]) != document["Status"]:
        return False
    for member, key in TIMES.items():
        after, before = request.get(f"{member}After"), request.get(f"{member}Before")
        if after is not None and document[key] <= seconds(after):
            return False
        if before is not None and document[key] >= seconds(before):
            return False
    return True


def seconds(value: Any) -> float:
    """Return a request's time, which is a number or ISO text on the wire, in seconds since 1970."""
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, str):
        return datetime.fromisoformat(value).timestamp()
    return float(value)


def token(index: int) -> str:
    """Return the token of the page that starts at an index."""
    return base64.urlsafe_b64encode(json.dumps({"from": index}).encode()).decode()


def position(text: str | None) -> int:
    """Return the index at which a token's page starts; refuse what is no token of ours."""
    if text is None:
        return 0
    try:
        return int(json.loads(base64.urlsafe_b64decode(text))["from"])
    except (ValueError, KeyError, TypeError) as error:
        raise ServiceError("ValidationException", "Invalid NextToken.") from error
