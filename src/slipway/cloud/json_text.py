"""Texts that have to be JSON."""

import json


def is_json(text: str) -> bool:
    """Tell whether a text is a JSON document."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
