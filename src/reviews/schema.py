"""The 15 columns of a review: names, order, types and rules, in one place. Standard library only.

Two grades of strictness. A row is *well-formed* when it has 15 fields of UTF-8 text whose numbers are
numbers and whose date is a date; a row is *valid* when each value also keeps its column's rule. The
quality job judges all well-formed rows; whatever learns from reviews takes valid ones only.
"""

import re
import typing
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, NamedTuple, NewType

Date = NewType("Date", str)  # YYYY-MM-DD
MARKETPLACES = ("US", "UK", "DE", "JP", "FR")


@dataclass(frozen=True)
class Rule:
    """What a value must match, in a regular expression and in words."""

    pattern: str
    words: str


class Review(NamedTuple):
    """One review, in the order of the TSV columns.

    None where an optional value is missing, in a row that is only well-formed also for any other.
    """

    marketplace: Annotated[str, Rule("|".join(MARKETPLACES), "one of " + ", ".join(MARKETPLACES))]
    customer_id: Annotated[str, Rule(r"\d{1,10}", "1 to 10 digits")]
    review_id: Annotated[str, Rule(r"[0-9A-Z]{1,14}", "1 to 14 capital letters and digits")]
    product_id: Annotated[str, Rule(r"[0-9A-Z]{1,10}", "1 to 10 capital letters and digits")]
    product_parent: Annotated[str, Rule(r"\d{1,10}", "1 to 10 digits")]
    product_title: Annotated[str | None, Rule(r"[^\t]{1,400}", "up to 400 characters")]
    product_category: Annotated[str, Rule(r"[^\t]{1,24}", "1 to 24 characters")]
    star_rating: Annotated[int, Rule(r"[1-5]", "a whole number from 1 to 5")]
    helpful_votes: Annotated[int, Rule(r"\d{1,9}", "a whole number from 0")]
    total_votes: Annotated[int, Rule(r"\d{1,9}", "a whole number from 0")]
    vine: Annotated[str, Rule("[YN]", "Y or N")]
    verified_purchase: Annotated[str, Rule("[YN]", "Y or N")]
    review_headline: Annotated[str | None, Rule(r"[^\t]{1,512}", "up to 512 characters")]
    review_body: Annotated[str, Rule(r"[^\t]{1,65535}", "1 to 65535 characters")]
    review_date: Annotated[Date | None, Rule(r"\d{4}-\d\d-\d\d", "a date, YYYY-MM-DD")]


@dataclass(frozen=True)
class Column:
    """A column: its place, the type of its values, and its rule."""

    name: str
    position: int  # from 0
    type: Any  # str, int or Date
    required: bool
    rule: Rule


@dataclass(frozen=True)
class Reject:
    """A row that was refused, and why."""

    file: str
    line: int  # from 1; the header of a TSV is line 1, the first row of a Parquet file is row 1
    column: str  # "" when the whole row is at fault
    reason: str
    text: str  # the row as it was; bytes that are not UTF-8 as \xNN


def _columns() -> tuple[Column, ...]:
    found = []
    for position, (name, hint) in enumerate(
        typing.get_type_hints(Review, include_extras=True).items()
    ):
        annotated, rule = typing.get_args(hint)
        types = typing.get_args(annotated) or (annotated,)
        found.append(Column(name, position, types[0], type(None) not in types, rule))
    return tuple(found)


COLUMNS = _columns()
NAMES = tuple(column.name for column in COLUMNS)
# What makes a value well-formed, by type, where the rule is not asked.
WELL_FORMED = {
    str: Rule(r"[^\t]*", "text"),
    int: Rule(r"-?\d{1,9}", "a whole number"),
    Date: Rule(r"\d{4}-\d\d-\d\d", "a date, YYYY-MM-DD"),
}
NUMBERS = tuple(column.position for column in COLUMNS if column.type is int)
DATE = NAMES.index("review_date")


def rule_of(column: Column, *, valid: bool) -> Rule:
    """Return what a value of this column is held to: its own rule, or only that of its type."""
    return column.rule if valid else WELL_FORMED[column.type]


def _line(*, valid: bool) -> re.Pattern[str]:
    """Compile the rules of all columns into one expression: a good row costs a single match."""
    fields = []
    for column in COLUMNS:
        pattern = rule_of(column, valid=valid).pattern
        needed = valid and column.required
        fields.append(f"({pattern})" if needed else f"((?:{pattern})?)")
    return re.compile(r"\t".join(fields), re.ASCII)


_LINES = {valid: _line(valid=valid) for valid in (True, False)}
_FIELDS = {
    valid: tuple(re.compile(rule_of(column, valid=valid).pattern, re.ASCII) for column in COLUMNS)
    for valid in (True, False)
}


@lru_cache(maxsize=65536)
def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def parse_line(line: str, *, valid: bool = True) -> Review | None:
    """Return the review that a TSV line holds, or None when `explain` has something to say."""
    found = _LINES[valid].fullmatch(line)
    if found is None:
        return None
    values: list[Any] = list(found.groups())
    day = values[DATE]
    if day and not _is_date(day):
        return None
    for position in NUMBERS:
        text = values[position]
        values[position] = int(text) if text else None
    return Review._make([None if value == "" else value for value in values])


def parse_fields(fields: Sequence[str], *, valid: bool = True) -> Review | None:
    """Return the review that 15 texts make ("" for a missing one); unlike a line's, they may hold tabs."""
    if explain(fields, valid=valid):
        return None
    values: list[Any] = [field or None for field in fields]
    for position in NUMBERS:
        if values[position] is not None:
            values[position] = int(values[position])
    return Review._make(values)


def explain(fields: Sequence[str], *, valid: bool = True) -> tuple[str, str] | None:
    """Return (column, reason) of the first fault of a row, or None; the column is "" for its width."""
    if len(fields) != len(COLUMNS):
        return "", f"expected {len(COLUMNS)} columns, found {len(fields)}"
    for column, pattern, text in zip(COLUMNS, _FIELDS[valid], fields, strict=True):
        rule = rule_of(column, valid=valid)
        if not text:
            if valid and column.required:
                return column.name, f"expected {rule.words}, found nothing"
        elif not pattern.fullmatch(text.replace("\t", " ")) or (
            column.type is Date and not _is_date(text)
        ):
            shown = text if len(text) <= 40 else f"{len(text)} characters"
            return column.name, f"expected {rule.words}, found {shown!r}"
    return None
