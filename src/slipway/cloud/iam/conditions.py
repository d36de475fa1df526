"""The condition operators of IAM policies. Pure.

Each compares one value of the policy, its variables filled in, with one value of the request.
Source: IAM User Guide, "Condition operators".
"""

import base64
import operator
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address, ip_network
from typing import Any

from slipway.cloud.iam.wildcards import Context, arn_like, filled, like, plain

Compare = Callable[[str, str], bool]  # (value of the policy, value of the request)


def converted(convert: Callable[[str], Any], compare: Callable[[Any, Any], bool]) -> Compare:
    """Return a comparison of converted values; what cannot be converted does not match."""

    def test(wanted: str, found: str) -> bool:
        try:
            return compare(convert(found), convert(plain(wanted)))
        except (ValueError, InvalidOperation, OverflowError):
            return False

    return test


def moment(text: str) -> datetime:
    """Return a date: ISO 8601, or epoch seconds; ValueError for others."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except ValueError:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo else found.replace(tzinfo=UTC)


def within(wanted: str, found: str) -> bool:
    """Tell whether an address lies in a range; ValueError when one is neither."""
    return ip_address(found) in ip_network(plain(wanted), strict=False)


def in_range(wanted: str, found: str) -> bool:
    """Tell whether an address lies in a range; what is no address lies in none."""
    try:
        return within(wanted, found)
    except ValueError:
        return False


def ordered(kind: str, convert: Callable[[str], Any]) -> dict[str, Compare]:
    """Return the six comparisons of an ordered type."""
    return {
        f"{kind}Equals": converted(convert, operator.eq),
        f"{kind}LessThan": converted(convert, operator.lt),
        f"{kind}LessThanEquals": converted(convert, operator.le),
        f"{kind}GreaterThan": converted(convert, operator.gt),
        f"{kind}GreaterThanEquals": converted(convert, operator.ge),
    }


POSITIVE: dict[str, Compare] = {
    "StringEquals": lambda wanted, found: plain(wanted) == found,
    "StringEqualsIgnoreCase": lambda wanted, found: plain(wanted).lower() == found.lower(),
    "StringLike": like,
    **ordered("Numeric", Decimal),
    **ordered("Date", moment),
    "Bool": lambda wanted, found: plain(wanted).lower() == found.lower(),
    "BinaryEquals": converted(lambda text: base64.b64decode(text, validate=True), operator.eq),
    "IpAddress": in_range,
    "ArnEquals": arn_like,
    "ArnLike": arn_like,
}
# Those that hold when the operator on the right does not
NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "NumericNotEquals": "NumericEquals",
    "DateNotEquals": "DateEquals",
    "NotIpAddress": "IpAddress",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
OPERATORS = {*POSITIVE, *NEGATED, "Null"}
IF_EXISTS = "IfExists"


def split(name: str) -> tuple[str, str, bool]:
    """Split `ForAnyValue:StringLikeIfExists` into its set operator, operator, and "if exists"."""
    quantifier, _, rest = name.rpartition(":")
    base = rest.removesuffix(IF_EXISTS)
    if quantifier not in ("", "ForAllValues", "ForAnyValue"):
        return quantifier, "", False
    return quantifier, base, rest != base


def holds(name: str, wanted: Sequence[str], key: str, context: Context, variables: bool) -> bool:
    """Tell whether one condition holds.

    Args:
        name: The operator, with its set operator and `IfExists`.
        wanted: The policy's values; one of them must match (none of them, for a negated operator).
        key: The condition key, in lower case.
        context: What the request is known by.
        variables: Whether `${…}` in the policy's values is filled in.
    """
    quantifier, base, if_exists = split(name)
    found = context.get(key)
    if base == "Null":
        return all((found is None) == (text.lower() == "true") for text in wanted)
    negated = base in NEGATED
    if not found:
        if quantifier == "ForAnyValue":
            return if_exists
        return if_exists or negated or quantifier == "ForAllValues"
    compare = POSITIVE[NEGATED.get(base, base)]
    patterns = [filled(text, context) if variables else text for text in wanted]
    usable = [text for text in patterns if text is not None]

    def matches(value: str) -> bool:
        return any(compare(text, value) for text in usable) != negated

    # Without a set operator a key should have one value; a negated one must hold for each.
    every = quantifier == "ForAllValues" or (negated and not quantifier)
    return all(map(matches, found)) if every else any(map(matches, found))
