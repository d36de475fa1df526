"""The filter patterns of CloudWatch Logs for lines of text. Pure."""

import re
from collections.abc import Callable

from slipway.cloud.service import ServiceError

TERM = re.compile(
    r'(?P<sign>[-?]?)(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|%(?P<regex>[^%]+)%|(?P<word>\S+))'
)
Test = Callable[[str], bool]


def compile_pattern(pattern: str) -> Test:
    """Return whether a line matches: all plain terms, any of the `?` terms, none of the `-` terms.

    Raises:
        ServiceError: A pattern for JSON or columns, which the local cloud does not read.
    """
    text = pattern.strip()
    if text[:1] in ("{", "["):
        raise ServiceError(
            "InvalidParameterException",
            f"filterPattern: the local cloud reads terms, phrases and %regex%, found {text!r}",
        )
    terms: dict[str, list[Test]] = {"": [], "?": [], "-": []}
    for found in TERM.finditer(text):
        terms[found["sign"]].append(test(found))
    return lambda line: (
        all(term(line) for term in terms[""])
        and (not terms["?"] or bool(terms[""]) or any(term(line) for term in terms["?"]))
        and not any(term(line) for term in terms["-"])
    )


def test(found: "re.Match[str]") -> Test:
    """Return the test of one term."""
    if regex := found["regex"]:
        try:
            compiled = re.compile(regex)
        except re.error as error:
            raise ServiceError(
                "InvalidParameterException", f"filterPattern: {regex!r}: {error}"
            ) from error
        return lambda line: compiled.search(line) is not None
    words = found["word"] or re.sub(r"\\(.)", r"\1", found["quoted"] or "")
    return lambda line: words in line
