"""The expressions in filter patterns: `$.level = "ERROR" && ($.ms > 100 || $.code NOT EXISTS)`. Pure."""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from slipway.cloud.service import ServiceError

TOKEN = re.compile(
    r"\s*(?:(?P<sign>&&|\|\||[()]|!=|>=|<=|=|>|<)"
    r'|"(?P<quoted>(?:[^"\\]|\\.)*)"|%(?P<regex>(?:[^%\\]|\\.)+)%'
    r"""|(?P<word>\$(?:\.?\[[^\]]*\]|\.(?:[^\s.()\[\]=!<>&|,"])+)+|(?:&(?!&)|\|(?!\|)|[^\s()=!<>&|"])+))"""
)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
ORDER: dict[str, Callable[[float, float], bool]] = {
    ">": lambda one, other: one > other,
    ">=": lambda one, other: one >= other,
    "<": lambda one, other: one < other,
    "<=": lambda one, other: one <= other,
}
STATES: dict[tuple[str, ...], Callable[[Sequence[Any]], bool]] = {
    ("IS", "NULL"): lambda found: any(value is None for value in found),
    ("IS", "TRUE"): lambda found: any(value is True for value in found),
    ("IS", "FALSE"): lambda found: any(value is False for value in found),
    ("NOT", "EXISTS"): lambda found: not found,
    ("EXISTS",): lambda found: bool(found),
}

Look = Callable[[str], Sequence[Any]]  # a selector → what it selects of an event, nothing for none
Test = Callable[[Look], bool]
Token = tuple[str, str]  # kind and text; ("", "") is the end


def wrong(said: str) -> ServiceError:
    """Return the refusal of a pattern."""
    return ServiceError("InvalidParameterException", f"Invalid metric filter pattern: {said}")


class Parser:
    """Reads one expression; `selectors` are those that it has, in their order."""

    def __init__(self, text: str) -> None:
        self._tokens, position = list[Token](), 0
        while text[position:].strip():
            if not (found := TOKEN.match(text, position)):
                raise wrong(f"{text[position:].strip()!r} has no meaning")
            self._tokens.append((str(found.lastgroup), found[str(found.lastgroup)]))
            position = found.end()
        self._tokens.append(("", ""))
        self.selectors: list[str] = []

    def whole(self) -> Test:
        """Return the test that all of the text is."""
        test = self._any()
        if self._tokens[0][0]:
            raise wrong(f"expected && or ||, found {self._tokens[0][1]!r}")
        return test

    def _any(self) -> Test:
        tests = [self._all()]
        while self._tokens[0] == ("sign", "||"):
            self._next()
            tests.append(self._all())
        return lambda look: any(test(look) for test in tests)

    def _all(self) -> Test:
        tests = [self._one()]
        while self._tokens[0] == ("sign", "&&"):
            self._next()
            tests.append(self._one())
        return lambda look: all(test(look) for test in tests)

    def _one(self) -> Test:
        if self._tokens[0] == ("sign", "("):
            self._next()
            test = self._any()
            if self._next() != ("sign", ")"):
                raise wrong("expected )")
            return test
        kind, selector = self._next()
        if kind != "word":
            raise wrong(f"expected what is compared, found {selector!r}")
        self.selectors.append(selector)
        state, words = self._state(), self._tokens
        if state:
            return lambda look: state(look(selector))
        if words[0][0] != "sign":
            raise wrong(f"expected a comparison of {selector}, found {words[0][1]!r}")
        compare = comparison(self._next()[1], *self._next())
        return lambda look: any(compare(value) for value in look(selector))

    def _state(self) -> Callable[[Sequence[Any]], bool] | None:
        for words, state in STATES.items():
            if self._tokens[: len(words)] == [("word", word) for word in words]:
                del self._tokens[: len(words)]
                return state
        return None

    def _next(self) -> Token:
        return self._tokens.pop(0) if self._tokens[0][0] else self._tokens[0]


def comparison(sign: str, kind: str, literal: str) -> Callable[[Any], bool]:
    """Return what compares a value with a literal."""
    if kind not in ("quoted", "regex", "word"):
        raise wrong(f"expected a value after {sign}, found {literal!r}")
    numeric = kind == "word" and NUMBER.fullmatch(literal)
    if sign in ORDER:
        if not numeric:
            raise wrong(f"expected a number after {sign}, found {literal!r}")
        order, limit = ORDER[sign], float(literal)
        return lambda value: (it := number(value)) is not None and order(it, limit)
    if sign not in ("=", "!="):
        raise wrong(f"{sign} compares nothing")
    same = alike(kind, literal)
    if numeric:
        equal, limit = same, float(literal)

        def same(value: Any) -> bool:
            return number(value) == limit or equal(value)

    return same if sign == "=" else lambda value: not same(value)


def alike(kind: str, literal: str) -> Callable[[Any], bool]:
    """Return what tells whether a value's text is a literal: * stands for anything, %…% is a regex."""
    if kind == "regex":
        try:
            regex = re.compile(literal)
        except re.error as error:
            raise wrong(f"{literal!r}: {error}") from error
        return lambda value: value is not None and regex.search(text(value)) is not None
    plain = re.sub(r"\\(.)", r"\1", literal) if kind == "quoted" else literal
    form = re.compile(".*".join(map(re.escape, plain.split("*"))), re.DOTALL)
    return lambda value: value is not None and form.fullmatch(text(value)) is not None


def number(value: Any) -> float | None:
    """Return a value as a number; None where it is none."""
    if isinstance(value, bool) or value is None:
        return None
    found = value if isinstance(value, int | float | str) else ""
    return float(found) if NUMBER.fullmatch(str(found)) else None


def text(value: Any) -> str:
    """Return a value as patterns compare it."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
