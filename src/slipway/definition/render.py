"""Primitive values as the text that Std:Join and parameter lists show."""

from decimal import Decimal

from slipway.definition.model import Primitive


def render(value: Primitive) -> str:
    """Return a string as it is, `3` for 3, `6.0` for 6.0, `true` and `false` for booleans.

    Floats are written as Java's Double.toString does: shortest digits that read back the same,
    always with a point, with an exponent (`3.0E-5`) below 1e-3 and from 1e7 on.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else _render_float(value)


def _render_float(value: float) -> str:
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    first, rest = str(digits[0]), "".join(map(str, digits[1:])) or "0"
    power = int(exponent) + len(digits) - 1
    return f"{'-' if sign else ''}{first}.{rest}E{power}"
