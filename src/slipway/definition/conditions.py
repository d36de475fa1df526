"""Whether conditions hold."""

import operator
from collections.abc import Callable, Iterable
from typing import Any, assert_never

from slipway.definition.errors import ResolveError
from slipway.definition.model import (
    Comparison,
    Condition,
    Disjunction,
    Json,
    Membership,
    Negation,
    Operator,
)
from slipway.definition.resolve import Scope, resolve

_COMPARE: dict[Operator, Callable[[Any, Any], bool]] = {
    Operator.EQUALS: operator.eq,
    Operator.GREATER_THAN: operator.gt,
    Operator.GREATER_THAN_OR_EQUAL_TO: operator.ge,
    Operator.LESS_THAN: operator.lt,
    Operator.LESS_THAN_OR_EQUAL_TO: operator.le,
}


def evaluate(conditions: Iterable[Condition], scope: Scope) -> bool:
    """Return whether all conditions hold.

    Every value is resolved, whatever the others are, so that the outcome never depends on an
    error that a shorter look would have missed. Raises ResolveError when a value cannot be
    resolved or two cannot be compared.
    """
    return all([_holds(condition, scope) for condition in conditions])


def _holds(condition: Condition, scope: Scope) -> bool:
    match condition:
        case Comparison(how, left, right):
            return compare(how, resolve(left, scope), resolve(right, scope))
        case Membership(query, values):
            wanted = resolve(query, scope)
            found = [resolve(value, scope) for value in values]
            return any(kind(each) == kind(wanted) and each == wanted for each in found)
        case Negation(inner):
            return not _holds(inner, scope)
        case Disjunction(inner):
            return any([_holds(each, scope) for each in inner])
    assert_never(condition)


def compare(how: Operator, left: Json, right: Json) -> bool:
    """Compare two values: numbers by value, strings by character, booleans for equality only.

    Raises ResolveError for two values of different kinds.
    """
    if kind(left) != kind(right):
        raise ResolveError(
            f"LeftValue [{left}] of type [{kind(left)}] and RightValue [{right}] of type "
            f"[{kind(right)}] are not of the same type."
        )
    if kind(left) not in ("Number", "String") and how is not Operator.EQUALS:
        raise ResolveError(
            f"Condition of type [{how}] not supported between [{left}] of type [{kind(left)}] "
            f"and [{right}] of type [{kind(right)}]"
        )
    return _COMPARE[how](left, right)


def kind(value: Json) -> str:
    """Return what a value is in a comparison; integers and floats are the same kind."""
    match value:
        case bool():
            return "Boolean"
        case int() | float():
            return "Number"
        case str():
            return "String"
    return "Null" if value is None else "Json"
