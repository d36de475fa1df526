"""The lines of a request: a review text each, or why a line has none. Pure, standard library only.

JSON Lines: `{"features": ["text"]}`. CSV: the text in the last column, before it nothing or the
product category. A trailing empty line is no record.
"""

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass

JSON_LINES = ("application/jsonlines", "application/json", "application/jsons")
CSV = "text/csv"


class Unusable(ValueError):
    """A request of which no line can be read."""


@dataclass(frozen=True)
class Bad:
    """A line without a review, and the reason."""

    reason: str


Record = str | Bad


def parse(body: bytes, content_type: str) -> list[Record]:
    """Return a record per line; Unusable for another content type, or where there is no line."""
    kind = content_type.partition(";")[0].strip().lower()
    reader: Callable[[str], Record]
    if kind in JSON_LINES:
        reader = from_json
    elif kind == CSV:
        reader = from_csv
    else:
        raise Unusable(
            f"expected the content type application/jsonlines or text/csv, found {content_type!r}"
        )
    lines = body.split(b"\n")
    if not lines[-1].strip():
        del lines[-1]
    if not lines:
        raise Unusable("expected a review per line, found an empty body")
    return [_read(line, reader) for line in lines]


def from_json(line: str) -> Record:
    """Return the text of `{"features": ["text"]}`."""
    try:
        content = json.loads(line)
    except ValueError as error:
        return Bad(f"expected JSON: {error}")
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or len(features) != 1 or not isinstance(features[0], str):
        return Bad('expected {"features": ["text"]}')
    return features[0]


def from_csv(line: str) -> Record:
    """Return the text of a row `text` or `product_category,text`."""
    try:
        row = next(csv.reader([line], strict=True))
    except csv.Error as error:
        return Bad(f"expected CSV: {error}")
    if len(row) not in (1, 2):
        return Bad(f"expected the columns product_category,review_body, found {len(row)} columns")
    return row[-1]


def _read(line: bytes, reader: Callable[[str], Record]) -> Record:
    try:
        text = line.removesuffix(b"\r").decode()
    except UnicodeDecodeError as error:
        return Bad(f"expected UTF-8 text: {error.reason} at byte {error.start}")
    if not text.strip():
        return Bad("expected a review, found an empty line")
    found = reader(text)
    if isinstance(found, str) and not found.strip():
        return Bad("expected a review, found an empty text")
    return found
