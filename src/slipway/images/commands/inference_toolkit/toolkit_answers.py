"""What the model server of AWS's toolkit images says itself."""

import json

from front import Reply


def error(status: int, kind: str, message: str) -> Reply:
    """Return an error as the model server writes it."""
    told = {"code": status, "type": kind, "message": message}
    return Reply(status, json.dumps(told).encode(), {"Content-Type": "application/json"})


def died() -> Reply:
    """Return what is said when a worker did not survive a request."""
    return error(500, "InternalServerException", "Worker died.")


def late() -> Reply:
    """Return what is said when the response timeout has passed."""
    return error(500, "InternalServerException", "Worker took longer than the response timeout.")
