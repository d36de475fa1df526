"""Filter patterns for events that are JSON, `{ $.a = 1 }`, or columns, `[ip, status = 4*, ...]`. Pure."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from slipway.cloud.logs.comparisons import Look, Parser, Test, wrong

STEP = re.compile(
    r"""\.?\[\s*(?:(?P<index>\d+|\*)|'(?P<one>[^']*)'|"(?P<two>[^"]*)")\s*\]|\.(?P<name>[^\s.\[\]]+)"""
)
# A column: in brackets, in quotes, or up to the next space
COLUMN = re.compile(r'\[([^\]]*)\]|"((?:[^"\\]|\\.)*)"|(\S+)')
CELL = re.compile(r'(?:"(?:[^"\\]|\\.)*"|%(?:[^%\\]|\\.)+%|[^,"%]|%)+')
REST = "..."

Match = Callable[[str], Look | None]  # an event → how to look into it, None where it does not match


def of_json(pattern: str) -> tuple[Match, Sequence[str]]:
    """Return whether an event matches `{ … }`, and the selectors in it."""
    if not pattern.endswith("}"):
        raise wrong("expected } at its end")
    parser = Parser(pattern[1:-1])
    test = parser.whole()
    paths = {selector: steps(selector) for selector in parser.selectors}

    def match(event: str) -> Look | None:
        try:
            found = json.loads(event)
        except ValueError:
            return None

        def look(selector: str) -> Sequence[Any]:
            return list(selected(found, paths.get(selector) or steps(selector)))

        return look if isinstance(found, dict | list) and test(look) else None

    return match, parser.selectors


def steps(selector: str) -> list[str | int]:
    """Return the steps of a selector: names, places in lists, and "*" for all."""
    if not selector.startswith("$") or selector == "$":
        raise wrong(f"expected $.NAME, found {selector!r}")
    found, position = list[str | int](), 1
    while position < len(selector):
        if not (step := STEP.match(selector, position)):
            raise wrong(f"{selector!r} selects nothing")
        index = step["index"]
        if index is not None and index != "*":
            found.append(int(index))
        else:
            names = (step[name] for name in ("index", "one", "two", "name"))
            found.append(next(name for name in names if name is not None))
        position = step.end()
    return found


def selected(value: Any, path: Sequence[str | int]) -> Iterator[Any]:
    """Yield what a path leads to."""
    if not path:
        yield value
        return
    step, rest = path[0], path[1:]
    inner: list[Any] = []
    if step == "*" and isinstance(value, dict | list):
        inner = list(value.values() if isinstance(value, dict) else value)
    elif isinstance(value, dict | list):
        with suppress(KeyError, IndexError, TypeError):
            inner = [value[step]]  # type: ignore[index]
    for each in inner:
        yield from selected(each, rest)


def of_columns(pattern: str) -> tuple[Match, Sequence[str]]:
    """Return whether an event matches `[ … ]`, and its columns as `$NAME`."""
    if not pattern.endswith("]"):
        raise wrong("expected ] at its end")
    parts = CELL.findall(pattern[1:-1])
    cells = [part.strip() for part in parts]
    if ",".join(parts) != pattern[1:-1] or not all(cells) or not cells or cells.count(REST) > 1:
        raise wrong("expected columns with a comma between them, and ... once at most")
    tests = [column(cell) for cell in cells if cell != REST]
    names = [name for name, _ in tests]
    before = cells.index(REST) if REST in cells else len(cells)

    def match(event: str) -> Look | None:
        values = [next(filter(None, found.groups()), "") for found in COLUMN.finditer(event)]
        if len(values) < len(names) or (REST not in cells and len(values) > len(names)):
            return None
        after = len(names) - before
        kept = values[:before] + (values[-after:] if after > 0 else [])
        known = dict(zip(names, kept, strict=True))

        def look(selector: str) -> Sequence[Any]:
            name = selector.removeprefix("$")
            return [known[name]] if name in known else []

        return look if all(test(look) for _, test in tests) else None

    return match, [f"${name}" for name in names]


def column(cell: str) -> tuple[str, Test]:
    """Return the name of a column and its test."""
    if re.fullmatch(r"[\w.-]+", cell):
        return cell, lambda look: True
    parser = Parser(cell)
    test = parser.whole()
    if len(set(parser.selectors)) != 1:
        raise wrong(f"expected conditions of one column, found {cell!r}")
    return parser.selectors[0], test
