"""The id of the request that a thread answers, which its answer and its events carry."""

import secrets
from contextvars import ContextVar

REQUEST: ContextVar[str] = ContextVar("request", default="")


def new_id() -> str:
    """Return an id as S3's look."""
    return secrets.token_hex(8).upper()
