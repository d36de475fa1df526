"""Without handlers: what becomes of a request's body, and of the answer. Pure.

JSON that names `instances`, `inputs` or `examples` goes to TensorFlow Serving as it is; other JSON, one
value or several in a row, and CSV become `instances`.
"""

import json
import re
from typing import Any

from slipway_tfs.failure import Refused

JSON_TYPES = ("application/json", "application/jsonlines", "application/jsons")
CSV = "text/csv"
OWN = ("instances", "inputs", "examples")
NUMERIC = re.compile(r'\s*("|[\d.Ee+\-]+\s*(,|$))')  # a first field that stands for itself in JSON


def to_request(body: bytes, content_type: str | None) -> bytes:
    """Return the body for TensorFlow Serving; Refused (415) where the type is none of ours."""
    if content_type in JSON_TYPES:
        return _json(body)
    if content_type == CSV:
        return _csv(body.decode("utf-8", "replace"))
    raise Refused(f"Unsupported Media Type: {content_type or 'Unknown'}", 415)


def to_answer(body: bytes, accept: str | None) -> tuple[bytes, str]:
    """Return an answer's body and content type: newlines go where JSON or JSON lines are accepted."""
    accepted = (accept or "").replace(" ", "").split(",")
    if {"application/jsonlines", "application/json"} & set(accepted):
        return body.replace(b"\n", b""), accepted[0]
    return body, "application/json"


def _json(body: bytes) -> bytes:
    try:
        values = _values(body.decode())
    except ValueError:
        return body  # TensorFlow Serving's own message says what is wrong with it
    if len(values) == 1:
        (value,) = values
        if isinstance(value, dict) and any(name in value for name in OWN):
            return body
        values = value if isinstance(value, list) else [value]
    return json.dumps({"instances": values}).encode()


def _values(text: str) -> list[Any]:
    """Return the JSON values that stand one after the other; ValueError where they are none."""
    decoder, found, at = json.JSONDecoder(), [], 0
    text = text.strip()
    while at < len(text):
        value, at = decoder.raw_decode(text, at)
        found.append(value)
        while at < len(text) and text[at].isspace():
            at += 1
    return found


def _csv(text: str) -> bytes:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    quoted = bool(lines) and not NUMERIC.match(lines[0])
    rows = []
    for line in lines:
        row = ",".join(map(json.dumps, line.split(","))) if quoted else line
        rows.append(f"[{row}]" if "," in line else row)
    return f'{{"instances":[{",".join(rows)}]}}'.encode()
