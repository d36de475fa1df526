"""The rule of a composite alarm: ALARM("a") AND (OK("b") OR NOT TRUE). Pure.

Source: the API reference of PutCompositeAlarm.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
TOKEN = re.compile(r"\s*(?:(?P<text>\"[^\"]*\"|'[^']*')|(?P<sign>[()])|(?P<word>[^\s()\"']+))")
DEEPEST = 50


class BadRule(ValueError):
    """What is wrong with a rule."""


@dataclass(frozen=True)
class Rule:
    """A rule that was read."""

    names: tuple[str, ...]  # of the alarms that it is about, in their order
    holds: Callable[[Callable[[str], str]], bool]  # given what tells the state of an alarm


def parse(text: str) -> Rule:
    """Return a rule; BadRule."""
    reader = Reader(text)
    holds = reader.either(0)
    if reader.words:
        raise BadRule(f"unexpected {reader.words[0]!r}")
    return Rule(tuple(dict.fromkeys(reader.names)), holds)


def name_of(reference: str) -> str:
    """Return the name of an alarm that a rule names by its name or its ARN."""
    return reference.partition(":alarm:")[2] or reference


def tokens(text: str) -> list[str]:
    """Return the words, texts and parentheses of a rule; BadRule."""
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise BadRule(f"unexpected {text[at:].strip()[:10]!r}")
        found.append(match[0].strip())
        at = match.end()
    return found


Test = Callable[[Callable[[str], str]], bool]


class Reader:
    """Reads a rule: OR binds less than AND, AND less than NOT."""

    def __init__(self, text: str) -> None:
        self.words = tokens(text)
        self.names: list[str] = []

    def take(self, expected: str = "") -> str:
        """Return the next word; BadRule when it is another than expected."""
        if not self.words or (expected and self.words[0] != expected):
            found = repr(self.words[0]) if self.words else "the end"
            raise BadRule(f"expected {expected or 'more'}, found {found}")
        return self.words.pop(0)

    def either(self, depth: int) -> Test:
        """Read terms joined by OR."""
        tests = [self.both(depth)]
        while self.words and self.words[0] == "OR":
            self.take()
            tests.append(self.both(depth))
        return lambda state: any([test(state) for test in tests])

    def both(self, depth: int) -> Test:
        """Read terms joined by AND."""
        tests = [self.term(depth)]
        while self.words and self.words[0] == "AND":
            self.take()
            tests.append(self.term(depth))
        return lambda state: all([test(state) for test in tests])

    def term(self, depth: int) -> Test:
        """Read a term."""
        if depth > DEEPEST:
            raise BadRule(f"more than {DEEPEST} terms within one another")
        word = self.take()
        if word == "NOT":
            inner = self.term(depth + 1)
            return lambda state: not inner(state)
        if word == "(":
            inner = self.either(depth + 1)
            self.take(")")
            return inner
        if word in ("TRUE", "FALSE"):
            return lambda _: word == "TRUE"
        if word not in STATES:
            raise BadRule(
                f"expected one of {', '.join(STATES)}, TRUE, FALSE and NOT, found {word!r}"
            )
        self.take("(")
        reference = self.take().strip("\"'")
        self.take(")")
        name = name_of(reference)
        self.names.append(name)
        return lambda state: state(name) == word
