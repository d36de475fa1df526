"""Values that a botocore shape allows, and values that it forbids, made from the shape alone."""

import re
from collections.abc import Iterator
from typing import Any

from slipway.cloud.patterns import matches, translate

CANDIDATES = ("", "a", "-", "a b", "!", "\x00", "é", "A" * 20, "/", "0")
WRONG = {
    "string": 1,
    "integer": "one",
    "long": "one",
    "float": "one",
    "double": "one",
    "boolean": "yes",
    "blob": 1,
    "timestamp": "soon",
    "list": "x",
    "map": "x",
    "structure": "x",
}
Path = tuple[str, ...]  # member names; "[]" is a list's element, "{}" a map's value


def valid(shape) -> Any:
    """Return the smallest value that a shape allows."""
    limits, kind = shape.metadata, shape.type_name
    if kind == "structure":
        names = list(shape.required_members)
        if limits.get("union") and not names:
            names = list(shape.members)[:1]
        return {name: valid(shape.members[name]) for name in names}
    if kind == "list":
        return [valid(shape.member)] * max(1, limits.get("min", 0))
    if kind == "map":
        keys = [valid(shape.key), *(f"k{n}" for n in range(1, limits.get("min", 0)))]
        return {key: valid(shape.value) for key in keys}
    if kind == "string":
        return text(limits)
    if kind in ("integer", "long", "float", "double"):
        return limits.get("min", 1) or min(1, limits.get("max", 1))
    return {"boolean": True, "timestamp": 1_700_000_000, "blob": b"x"}[kind]


def text(limits) -> str:
    """Return a string that fits enum, pattern and length."""
    if "enum" in limits:
        return limits["enum"][0]
    least, most = limits.get("min", 0), limits.get("max", 1 << 20)
    pattern = limits.get("pattern", ".*")
    for size in (max(least, 1), least, 20, 0):
        found = of_pattern(re._parser.parse(translate(pattern).pattern), size)
        for candidate in (found, found[:size], "arn:aws:iam::123456789012:role/r"):
            if least <= len(candidate) <= most and matches(pattern, candidate):
                return candidate
    raise AssertionError(f"no example for {dict(limits)}")


def of_pattern(parsed, size: int) -> str:
    """Return a text that a parsed pattern matches, its open repetitions `size` long."""
    out = []
    for name, value in parsed:
        name = str(name)
        if name == "LITERAL":
            out.append(chr(value))
        elif name in ("ANY", "NOT_LITERAL"):
            out.append("a" if value != ord("a") else "b")
        elif name == "IN":
            out.append(of_class(value))
        elif name == "BRANCH":
            out.append(of_pattern(value[1][0], size))
        elif name == "SUBPATTERN":
            out.append(of_pattern(value[3], size))
        elif name in ("MAX_REPEAT", "MIN_REPEAT"):
            low, high, inner = value
            times = low if high != re._constants.MAXREPEAT else max(low, size)
            out += [of_pattern(inner, size)] * int(times)
    return "".join(out)


def of_class(items) -> str:
    """Return a character of a class; a letter where it has any."""
    negated = str(items[0][0]) == "NEGATE"
    members = items[1:] if negated else items
    for character in "a0A/-_. ":
        if any(in_class(character, str(name), value) for name, value in members) != negated:
            return character
    return chr(items[0][1] if str(items[0][0]) == "LITERAL" else items[0][1][0])


def in_class(character: str, name: str, value) -> bool:
    """Tell whether a character is of one item of a class."""
    if name == "LITERAL":
        return value == ord(character)
    if name == "RANGE":
        return value[0] <= ord(character) <= value[1]
    kind = str(value).rpartition("_")[2]
    pattern = {"WORD": r"\w", "DIGIT": r"\d", "SPACE": r"\s"}[kind]
    return bool(re.match(pattern, character, re.ASCII)) != ("NOT" in str(value))


def paths(shape, above: Path = (), seen: tuple[str, ...] = ()) -> Iterator[tuple[Path, Any]]:
    """Yield the path and the shape of everything below a shape, each recursive shape once."""
    if shape.name in seen:
        return
    below = {
        "structure": lambda: shape.members.items(),
        "list": lambda: [("[]", shape.member)],
        "map": lambda: [("{}", shape.value)],
    }.get(shape.type_name, lambda: [])()
    for name, member in below:
        yield (*above, name), member
        yield from paths(member, (*above, name), (*seen, shape.name))


def put(shape, base: Any, path: Path, value: Any) -> Any:
    """Return `base` with `value` at a path, and the smallest valid values on the way to it."""
    if not path:
        return value
    name, *rest = path
    if shape.type_name == "list":
        inner = base[0] if base else valid(shape.member)
        return [put(shape.member, inner, tuple(rest), value), *(base or [])[1:]]
    if shape.type_name == "map":
        key = next(iter(base), None) or valid(shape.key)
        return {
            **base,
            key: put(shape.value, base.get(key, valid(shape.value)), tuple(rest), value),
        }
    member = shape.members[name]
    inner = base.get(name, valid(member))
    kept = {} if shape.metadata.get("union") else base
    return {**kept, name: put(member, inner, tuple(rest), value)}


def forbidden(shape) -> Iterator[tuple[str, Any]]:
    """Yield values that a shape forbids, each with what is wrong about it."""
    limits, kind, good = shape.metadata, shape.type_name, valid(shape)
    yield "wrong type", WRONG[kind]
    if kind == "string":
        if limits.get("max", 1 << 20) < 1 << 16:
            yield "too long", (good or "a") * (limits["max"] + 1)
        if limits.get("min", 0) > 0:
            yield "too short", ""
        if "enum" in limits:
            yield "wrong enum", "NoSuchValue"
        if "pattern" in limits:
            bad = [c for c in CANDIDATES if not matches(limits["pattern"], c)]
            yield from [("wrong form", c) for c in bad[:1]]
    elif kind in ("integer", "long", "float", "double"):
        if "max" in limits:
            yield "out of range", limits["max"] + 1
        if "min" in limits:
            yield "out of range", limits["min"] - 1
    elif kind == "list":
        if limits.get("max", 1000) < 1000:
            yield "too many", [valid(shape.member)] * (limits["max"] + 1)
        if limits.get("min", 0) > 0:
            yield "too few", []
        yield "null inside", [None]
    elif kind == "map":
        if limits.get("max", 1000) < 200:
            yield "too many", {f"k{n}": valid(shape.value) for n in range(limits["max"] + 1)}
        yield "null inside", {key: None for key in valid(shape)}
    elif kind == "structure":
        for name in shape.required_members:
            yield f"without {name}", {k: v for k, v in good.items() if k != name}
        yield "unknown member", {**good, "NoSuchMember": 1}
        if limits.get("union"):
            yield "none of a union", {}
