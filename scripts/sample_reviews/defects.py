"""Named defects, put into rows on request."""

from collections.abc import Callable

from sample_reviews.rows import COLUMNS

Defect = Callable[[list[str], list[str]], bytes]


def line(fields: list[str]) -> bytes:
    """Return a row as it is written."""
    return "\t".join(fields).encode()


def put(column: str, value: str) -> Defect:
    """Return the defect of one wrong value."""

    def spoil(fields: list[str], _: list[str]) -> bytes:
        fields[COLUMNS.index(column)] = value
        return line(fields)

    return spoil


def duplicate(fields: list[str], previous: list[str]) -> bytes:
    """Give a row the id of the row before it."""
    at = COLUMNS.index("review_id")
    fields[at] = previous[at]
    return line(fields)


def broken(fields: list[str], _: list[str]) -> bytes:
    """Break a row in two, in the middle of its text."""
    at = COLUMNS.index("review_body")
    fields[at] = fields[at].replace(" ", "\n", 1) if " " in fields[at] else fields[at] + "\n"
    return line(fields)


def latin(fields: list[str], _: list[str]) -> bytes:
    """Write a row in ISO 8859-1, with a letter that is not UTF-8 then."""
    fields[COLUMNS.index("review_body")] += " Très cher."
    return "\t".join(fields).encode("latin-1", errors="replace")


DEFECTS: dict[str, Defect] = {
    "rating-7": put("star_rating", "7"),
    "duplicate-review-id": duplicate,
    "missing-marketplace": put("marketplace", ""),
    "broken-row": broken,
    "wrong-encoding": latin,
}
