"""What a test of an endpoint found, and whether that is good enough. Pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

LABEL = "predicted_label"


@dataclass(frozen=True)
class Limits:
    """What a model must keep to."""

    errors: float  # part of the requests that may fail
    latency: float  # ms, below which 95 of 100 answers must come
    requests: int  # that the load test must have made


@dataclass(frozen=True)
class Answer:
    """What came of one request."""

    ok: bool
    ms: float


def smoke_problems(lines: Sequence[str], status: int, body: str, labels: Sequence[int]) -> str:
    """Return what is wrong with the answer to a few requests in JSON Lines, "" when nothing is."""
    if status != 200:
        return f"expected status 200, found {status}: {body[:120]}"
    answers = body.strip().splitlines()
    if len(answers) != len(lines):
        return f"expected {len(lines)} answers to {len(lines)} lines, found {len(answers)}"
    for answer in answers:
        try:
            label = json.loads(answer)[LABEL]
        except (ValueError, TypeError, KeyError):
            return f"expected a JSON object with {LABEL}, found {answer[:120]}"
        if label not in labels:
            return f"expected {LABEL} in {labels[0]} to {labels[-1]}, found {label}"
    return ""


def percentile(values: Sequence[float], part: float) -> float:
    """Return the value that a part of all values does not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, -(-int(part * 100) * len(ranked) // 100) - 1)]


def report(answers: Sequence[Answer], callers: int, seconds: float) -> str:
    """Return the figures of a load test as people read them."""
    failed = sum(not each.ok for each in answers)
    times = [each.ms for each in answers] or [0.0]
    return (
        f"{len(answers)} requests of {callers} callers in {seconds:.0f} s, {failed} failed, "
        f"p50 {percentile(times, 0.5):.0f} ms, p95 {percentile(times, 0.95):.0f} ms"
    )


def load_problems(answers: Sequence[Answer], limits: Limits) -> str:
    """Return which limit a load test broke, "" when none."""
    if len(answers) < limits.requests:
        return f"expected at least {limits.requests} requests, {len(answers)} came through"
    failed = sum(not each.ok for each in answers) / len(answers)
    if failed > limits.errors:
        return f"{failed:.1%} of the requests failed, at most {limits.errors:.1%} may"
    slow = percentile([each.ms for each in answers], 0.95)
    if slow > limits.latency:
        return f"p95 is {slow:.0f} ms, at most {limits.latency:.0f} ms is allowed"
    return ""
