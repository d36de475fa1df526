"""Batch data capture: the names of a job's inputs and outputs, as SageMaker writes them. Pure."""

import json
from collections.abc import Iterable
from datetime import datetime


def manifest(prefix: str, names: Iterable[str]) -> bytes:
    """Return the manifest of objects below a prefix: `[{"prefix": "s3://…/"}, "a", "b"]`."""
    return json.dumps([{"prefix": prefix}, *names]).encode() + b"\n"


def place(destination: str, side: str, at: datetime, unique: str) -> str:
    """Return the URI of a manifest; `side` is "input" or "output"."""
    milliseconds = at.microsecond // 1000
    return f"{destination}/{side}/{at:%Y/%m/%d/%H/%M-%S}-{milliseconds:03d}-{unique}.jsonl"
