"""The lines of an answer: a star rating and its probability each. Pure, standard library only."""

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from typing import Any

from reviews.serving.records import CSV, JSON_LINES, Bad, Record, Unusable

DIGITS = 6  # of a score


def predict(logits: Sequence[float], star_ratings: Sequence[int]) -> dict[str, Any]:
    """Return the likeliest star rating and its probability, which is the softmax of the logits."""
    highest = max(logits)
    total = sum(math.exp(each - highest) for each in logits)
    label = star_ratings[logits.index(highest)]
    return {"predicted_label": label, "score": round(1 / total, DIGITS)}


def lines(
    records: Sequence[Record], logits: Iterable[Sequence[float]], star_ratings: Sequence[int]
) -> list[dict[str, Any]]:
    """Return an object per record: a prediction, or `{"error": reason}` in the place of a bad one."""
    each = iter(logits)
    return [
        {"error": record.reason} if isinstance(record, Bad) else predict(next(each), star_ratings)
        for record in records
    ]


def kind_of_answer(accept: str) -> str:
    """Return the content type to answer with: CSV where it is the first choice that we have.

    Unusable where none of the accepted types is ours.
    """
    for choice in accept.split(","):
        kind = choice.partition(";")[0].strip().lower()
        if kind == CSV:
            return CSV
        if kind in (*JSON_LINES, "application/*", "*/*", ""):
            return JSON_LINES[0]
    raise Unusable(f"expected to answer with application/jsonlines or text/csv, found {accept!r}")


def write(found: Iterable[dict[str, Any]], kind: str) -> str:
    """Return the answer's body: JSON Lines, or CSV rows `predicted_label,score`.

    A CSV row of a bad line has no label, and its error as JSON where the score would be.
    """
    if kind != CSV:
        return "".join(json.dumps(each) + "\n" for each in found)
    target = io.StringIO()
    writer = csv.writer(target, lineterminator="\n")
    for each in found:
        writer.writerow(("", json.dumps(each)) if "error" in each else each.values())
    return target.getvalue()
