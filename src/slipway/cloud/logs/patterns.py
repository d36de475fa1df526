"""The filter patterns of CloudWatch Logs: terms, JSON and columns. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from slipway.cloud.logs.comparisons import wrong
from slipway.cloud.logs.structured import Match, of_columns, of_json

TERM = re.compile(
    r'(?P<sign>[-?]?)(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|%(?P<regex>[^%]+)%|(?P<word>\S+))'
)
Test = Callable[[str], bool]


@dataclass(frozen=True)
class Pattern:
    """A filter pattern: how an event is looked into that matches, and the selectors that it has."""

    match: Match
    selectors: Sequence[str] = ()


def compile_pattern(pattern: str) -> Pattern:
    """Return a pattern; ServiceError for one that is none.

    Of plain text: all terms, any of the `?` terms, none of the `-` terms.
    """
    text = pattern.strip()
    if text[:1] == "{":
        return Pattern(*of_json(text))
    if text[:1] == "[":
        return Pattern(*of_columns(text))
    terms: dict[str, list[Test]] = {"": [], "?": [], "-": []}
    for found in TERM.finditer(text):
        terms[found["sign"]].append(test(found))

    def matches(line: str) -> bool:
        return (
            all(term(line) for term in terms[""])
            and (not terms["?"] or bool(terms[""]) or any(term(line) for term in terms["?"]))
            and not any(term(line) for term in terms["-"])
        )

    return Pattern(lambda line: nothing if matches(line) else None)


def nothing(selector: str) -> Sequence[str]:
    """Select nothing: of terms there is nothing to select."""
    return ()


def test(found: "re.Match[str]") -> Test:
    """Return the test of one term."""
    if regex := found["regex"]:
        try:
            compiled = re.compile(regex)
        except re.error as error:
            raise wrong(f"{regex!r}: {error}") from error
        return lambda line: compiled.search(line) is not None
    words = found["word"] or re.sub(r"\\(.)", r"\1", found["quoted"] or "")
    return lambda line: words in line
