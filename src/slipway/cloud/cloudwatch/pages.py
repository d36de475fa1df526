"""The tokens of CloudWatch's lists: how many items were given, and to which request. Pure."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from slipway.cloud.service import ServiceError


def token(given: int, request: Mapping[str, Any]) -> str:
    """Return the token of the page after so many items."""
    return base64.urlsafe_b64encode(json.dumps([given, digest(request)]).encode()).decode()


def offset(request: Mapping[str, Any], code: str = "InvalidNextToken") -> int:
    """Return how many items were given before; ServiceError for a token of another request."""
    if "NextToken" not in request:
        return 0
    try:
        given, of = json.loads(base64.urlsafe_b64decode(request["NextToken"]))
        if of == digest(request) and isinstance(given, int):
            return given
    except (ValueError, TypeError, RecursionError):
        pass
    raise ServiceError(code, "The parameter NextToken is invalid.")


def digest(request: Mapping[str, Any]) -> str:
    """Return what a token and the request that uses it must agree on."""
    kept = {
        k: v
        for k, v in request.items()
        if k not in ("NextToken", "MaxRecords", "MaxResults", "MaxDatapoints")
    }
    return hashlib.sha256(json.dumps(kept, sort_keys=True, default=str).encode()).hexdigest()[:16]
