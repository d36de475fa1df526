"""Pages of what CloudWatch Logs lists, and the tokens of the next ones. Pure."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from slipway.cloud.service import ServiceError

PAGE = 50  # items in one answer, where the caller names no number


def paged(
    member: str, key: str, found: list[dict[str, Any]], request: dict[str, Any]
) -> dict[str, Any]:
    """Return one page; a token names the last item of the page before."""
    start = 0
    if "nextToken" in request:
        last = unpack(request["nextToken"]).get("after")
        start = next((n + 1 for n, each in enumerate(found) if each[key] == last), len(found))
    page = found[start : start + request.get("limit", PAGE)]
    more = start + len(page) < len(found)
    return {member: page} | ({"nextToken": pack({"after": page[-1][key]})} if more else {})


def pack(content: dict[str, Any]) -> str:
    """Return a token."""
    return urlsafe_b64encode(json.dumps(content).encode()).decode()


def unpack(token: str) -> dict[str, Any]:
    """Return what a token holds; ServiceError when it is not one of ours."""
    try:
        content = json.loads(urlsafe_b64decode(token))
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise ServiceError("InvalidParameterException", "The specified nextToken is invalid.")
    return content
