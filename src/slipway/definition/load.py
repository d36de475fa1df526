"""From text to JSON values that every later step can handle."""

import json
import math
from typing import NoReturn

from slipway.definition.model import Json
from slipway.definition.references import children

LONGEST = 1_048_576  # characters
DEEPEST = 200  # levels of objects and lists; so that no walk over a value runs out of stack
DIGITS = 19  # of an integer, as in 64 bits


def load(text: str) -> Json:
    """Return the JSON value of a text.

    Raises ValueError for one that is too long, is not JSON, has an object with two members of one
    name, or holds a number or a string that cannot be passed on (not finite, half a character).
    """
    if len(text) > LONGEST:
        limits = f"(length: {len(text)}, maximum allowed: {LONGEST})"
        raise ValueError(f"the definition is too long {limits}")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_float=_float,
            parse_int=_integer,
        )
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("It is nested too deeply.") from None
    except UnicodeEncodeError as error:
        half = error.object[error.start : error.end].encode("unicode_escape").decode()
        raise ValueError(f"It is not valid JSON: {half} is half a character.") from None
    except ValueError as error:
        raise ValueError(f"It is not valid JSON: {error}.") from error
    return value


def check_depth(value: Json) -> None:
    """Raise ValueError for a value that is nested deeper than any walk over it may go."""
    layer = [value]
    for _ in range(DEEPEST):
        layer = [inner for each in layer for _, inner in children(each)]
    if layer:
        raise ValueError("It is nested too deeply.")


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members: dict[str, Json] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError(f"an object has more than one member '{name}'")
        members[name] = value
    return members


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _float(text: str) -> float:
    if not math.isfinite(float(text)):
        raise ValueError(f"the number {text[:40]} is too large")
    return float(text)


def _integer(text: str) -> int:
    if len(text.lstrip("-")) > DIGITS:
        raise ValueError(f"the number {text[:40]} is too large")
    return int(text)
