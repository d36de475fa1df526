"""Texts with wildcards and policy variables, as IAM policies hold them. Pure."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

# What a request is known by: condition keys in lower case, each with its values
Context = Mapping[str, Sequence[str]]

VARIABLE = re.compile(r"\$\{\s*([^,}]+?)\s*(?:,\s*'([^']*)'\s*)?\}")
ESCAPES = "*?$"  # ${*}, ${?} and ${$} are these characters themselves
LITERAL = "\0"  # before a character that is no wildcard


def filled(text: str, context: Context) -> str | None:
    """Return a text with its variables filled in, or None where one has no value and no default.

    Wildcards in a variable's value are no wildcards, so they come back marked as literal.
    """
    missing = False

    def value(found: re.Match[str]) -> str:
        nonlocal missing
        name, default = found.groups()
        if name in ESCAPES:
            return LITERAL + name
        values = context.get(name.lower(), ())
        if len(values) == 1:
            default = values[0]
        missing = missing or default is None
        return "".join(LITERAL + c if c in ESCAPES else c for c in default or "")

    text = VARIABLE.sub(value, text)
    return None if missing else text


def plain(text: str) -> str:
    """Return a filled text without the marks of literal characters."""
    return text.replace(LITERAL, "")


@lru_cache(maxsize=4096)
def expression(text: str, ignore_case: bool) -> re.Pattern[str]:
    """Compile a filled text: * is any run of characters, ? is one."""
    tokens = re.findall(LITERAL + r".|.", text, re.DOTALL)
    wild = {"*": ".*", "?": "."}
    parts = "".join(wild.get(token, re.escape(token[-1])) for token in tokens)
    return re.compile(parts, re.DOTALL | (re.IGNORECASE if ignore_case else 0))


def like(pattern: str, value: str, ignore_case: bool = False) -> bool:
    """Tell whether the whole value fits a filled pattern."""
    return expression(pattern, ignore_case).fullmatch(value) is not None


def arn_like(pattern: str, value: str) -> bool:
    """Tell whether an ARN fits: field by field, so that a wildcard does not reach over a colon.

    Only the last of the six fields may hold colons. `*` alone fits all.
    """
    if pattern == "*":
        return True
    wanted, found = pattern.split(":", 5), value.split(":", 5)
    wanted += ["*"] * (6 - len(wanted))  # an ARN cut short means all below it
    return len(found) == 6 and all(map(like, wanted, found))
