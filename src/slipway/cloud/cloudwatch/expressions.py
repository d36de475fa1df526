"""CloudWatch's metric math: an expression's text as a tree. Pure.

Source: the CloudWatch user guide, "Using math expressions with CloudWatch metrics".
"""

import re
from dataclasses import dataclass

LONGEST = 2048  # characters, as in the API
DEEPEST = 40  # expressions within expressions
TOO_DEEP = "too many expressions within one another"
TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<text>\"[^\"]*\"|'[^']*')|(?P<sign>==|!=|<=|>=|&&|\|\||[-+*/^()\[\],<>]))"
)
# From the weakest: what stands on one level is read from left to right.
LEVELS: tuple[tuple[str, ...], ...] = (
    ("||", "OR"),
    ("&&", "AND"),
    ("==", "!="),
    ("<", ">", "<=", ">="),
    ("+", "-"),
    ("*", "/"),
)
WORDS = {"AND": "&&", "OR": "||"}


class BadExpression(ValueError):
    """What is wrong with an expression."""


@dataclass(frozen=True)
class Number:
    """A number."""

    value: float


@dataclass(frozen=True)
class Text:
    """A text in quotes."""

    value: str


@dataclass(frozen=True)
class Name:
    """The Id of a metric or of another expression."""

    name: str


@dataclass(frozen=True)
class Apply:
    """A function or an operator with its arguments."""

    function: str  # in upper case, or a sign: "+", "NEG", "[]" for a list
    arguments: tuple["Node", ...]


Node = Number | Text | Name | Apply


def parse(text: str) -> Node:
    """Return the tree of an expression; BadExpression says where it ends to be one."""
    if len(text) > LONGEST:
        raise BadExpression(f"expected at most {LONGEST} characters, found {len(text)}")
    reader = Reader(tokens(text))
    try:
        tree = reader.level(0, 0)
    except RecursionError:
        raise BadExpression(TOO_DEEP) from None
    if reader.next is not None:
        raise BadExpression(f"unexpected {reader.next!r}")
    return tree


def tokens(text: str) -> list[str]:
    """Return the words and signs of an expression."""
    found, at, text = [], 0, text.rstrip()
    while at < len(text):
        match = TOKEN.match(text, at)
        if not match:
            raise BadExpression(f"unexpected {text[at:].strip()[:10]!r}")
        found.append(match[0].strip())
        at = match.end()
    return found


class Reader:
    """Reads tokens by precedence."""

    def __init__(self, words: list[str]) -> None:
        self._words = words
        self._at = 0

    @property
    def next(self) -> str | None:
        """The token that comes next."""
        return self._words[self._at] if self._at < len(self._words) else None

    def take(self, expected: str = "") -> str:
        """Return the next token and go on; BadExpression when another was expected."""
        found = self.next
        if found is None or (expected and found != expected):
            wanted = repr(expected) if expected else "more"
            raise BadExpression(f"expected {wanted}, found {found or 'the end'!r}")
        self._at += 1
        return found

    def level(self, number: int, depth: int) -> Node:
        """Return the expression whose operators are of a level or bind tighter."""
        if depth > DEEPEST:
            raise BadExpression(TOO_DEEP)
        if number == len(LEVELS):
            return self.power(depth)
        left = self.level(number + 1, depth)
        while self.next is not None and self.next.upper() in LEVELS[number]:
            sign = self.take().upper()
            left = Apply(WORDS.get(sign, sign), (left, self.level(number + 1, depth)))
        return left

    def power(self, depth: int) -> Node:
        """Return a power, or a term; -x^2 is -(x^2)."""
        if self.next == "-":
            self.take()
            return Apply("NEG", (self.power(depth),))
        base = self.term(depth)
        if self.next == "^":
            self.take()
            return Apply("^", (base, self.power(depth)))
        return base

    def term(self, depth: int) -> Node:
        """Return a number, a name, a call, a list, or what stands in parentheses."""
        word = self.take()
        if word == "(":
            inside = self.level(0, depth + 1)
            self.take(")")
            return inside
        if word == "[":
            return Apply("[]", self.arguments("]", depth + 1))
        if word[0] in "'\"":
            return Text(word[1:-1])
        if word[0].isdigit() or word[0] == ".":
            return Number(float(word))
        if not (word[0].isalpha() or word[0] == "_"):
            raise BadExpression(f"unexpected {word!r}")
        if self.next == "(":
            self.take()
            return Apply(word.upper(), self.arguments(")", depth + 1))
        return Name(word)

    def arguments(self, end: str, depth: int) -> tuple[Node, ...]:
        """Return what stands between commas up to a sign."""
        found: list[Node] = []
        while self.next != end:
            if found:
                self.take(",")
            found.append(self.level(0, depth))
        self.take(end)
        return tuple(found)


def names(tree: Node) -> set[str]:
    """Return the Ids that an expression is about."""
    found, ahead = set(), [tree]
    while ahead:
        node = ahead.pop()
        if isinstance(node, Name):
            found.add(node.name)
        elif isinstance(node, Apply):
            ahead += node.arguments
    return found
