"""The value of a metric math expression. Pure.

A value is a number, a time series, or several of them. Where two series meet, only the times that both
have count; a quotient by zero is no datapoint.
"""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from slipway.cloud.cloudwatch import math_functions
from slipway.cloud.cloudwatch.expressions import (
    Apply,
    BadExpression,
    Name,
    Node,
    Number,
    Text,
)
from slipway.cloud.cloudwatch.timeseries import Range, Series, finite

Value = float | Series | tuple[Series, ...]


def truth(test: Callable[[float, float], bool]) -> Callable[[float, float], float]:
    """Return an operator whose answer is 1 or 0."""
    return lambda left, right: float(test(left, right))


OPERATORS: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "^": operator.pow,
    "==": truth(operator.eq),
    "!=": truth(operator.ne),
    "<": truth(operator.lt),
    ">": truth(operator.gt),
    "<=": truth(operator.le),
    ">=": truth(operator.ge),
    "&&": truth(lambda left, right: bool(left) and bool(right)),
    "||": truth(lambda left, right: bool(left) or bool(right)),
}
ELSEWHERE = {
    "ANOMALY_DETECTION_BAND": "nothing learns what is normal",
    "DB_PERF_INSIGHTS": "there are no databases",
    "INSIGHT_RULE_METRIC": "there are no Contributor Insights rules",
    "LAMBDA": "data comes from metrics alone",
    "SEARCH": "name the metrics in MetricStat",
    "SELECT": "name the metrics in MetricStat",
    "SERVICE_QUOTA": "there are no quotas",
}


@dataclass(frozen=True)
class Scope:
    """What an expression may speak of."""

    values: Mapping[str, Value]  # by Id
    metrics: Sequence[tuple[str, Series]]  # those with a MetricStat, for METRICS()
    range: Range


def evaluate(tree: Node, scope: Scope) -> Value:
    """Return an expression's value; BadExpression where it has none."""
    if isinstance(tree, Number):
        return tree.value
    if isinstance(tree, Text):
        raise BadExpression(f"the text {tree.value!r} is no value")
    if isinstance(tree, Name):
        if tree.name not in scope.values:
            raise BadExpression(
                f"{tree.name!r} is not the Id of a metric or expression of the request"
            )
        return scope.values[tree.name]
    if tree.function in ELSEWHERE:
        why = ELSEWHERE[tree.function]
        raise BadExpression(f"the local cloud does not have {tree.function}: {why}")
    if tree.function == "METRICS":
        return all_metrics(tree, scope)
    if tree.function == "FILL" and len(tree.arguments) == 2:
        return filled(tree, scope)
    arguments = [evaluate(argument, scope) for argument in tree.arguments]
    if tree.function in OPERATORS:
        return paired(OPERATORS[tree.function], arguments[0], arguments[1])
    if tree.function == "NEG":
        return paired(operator.mul, -1.0, arguments[0])
    if tree.function == "[]":
        return tuple(several(arguments))
    if tree.function == "IF":
        return chosen(arguments)
    return math_functions.call(tree.function, arguments, scope.range)


def several(values: Iterable[Value]) -> Iterable[Series]:
    """Yield the series of several values; BadExpression for a number."""
    for value in values:
        if isinstance(value, float):
            raise BadExpression("a list holds time series, not numbers")
        yield from [value] if isinstance(value, Series) else value


def all_metrics(tree: Apply, scope: Scope) -> Value:
    """Return the series of METRICS(), or of METRICS("text"): those whose Id holds it."""
    if len(tree.arguments) > 1 or not all(isinstance(each, Text) for each in tree.arguments):
        raise BadExpression("METRICS takes at most one text")
    part = tree.arguments[0].value if tree.arguments else ""  # type: ignore[union-attr]
    return tuple(series for name, series in scope.metrics if str(part) in name)


def filled(tree: Apply, scope: Scope) -> Value:
    """Return FILL(series, number | REPEAT | LINEAR | series)."""
    value = evaluate(tree.arguments[0], scope)
    by = tree.arguments[1]
    word = by.name.upper() if isinstance(by, Name) and by.name not in scope.values else ""
    if word and word not in math_functions.FILLS:
        raise BadExpression(f"FILL takes a number, REPEAT or LINEAR, not {word}")
    with_what = word or evaluate(by, scope)
    if isinstance(value, float) or isinstance(with_what, tuple):
        raise BadExpression("FILL takes a time series, and a number, REPEAT or LINEAR")
    if isinstance(value, Series):
        return math_functions.fill(value, with_what, scope.range)
    return tuple(math_functions.fill(series, with_what, scope.range) for series in value)


def paired(apply: Callable[[float, float], float], left: Value, right: Value) -> Value:
    """Return an operator's value; where one side is several series, each is taken in turn."""
    if isinstance(left, tuple) and isinstance(right, tuple):
        if len(left) != len(right):
            raise BadExpression(f"{len(left)} time series do not pair with {len(right)}")
        return tuple(one(apply, each, other) for each, other in zip(left, right, strict=True))
    if isinstance(left, tuple):
        return tuple(one(apply, each, right) for each in left)  # type: ignore[arg-type]
    if isinstance(right, tuple):
        return tuple(replace(one(apply, left, each), label=each.label) for each in right)
    if isinstance(left, float) and isinstance(right, float):
        found = finite(apply, left, right)
        if found is None:
            raise BadExpression("a number is divided by zero or too large")
        return found
    return one(apply, left, right)


def one(
    apply: Callable[[float, float], float], left: float | Series, right: float | Series
) -> Series:
    """Return the series of an operator on a series and a number or another series."""
    if isinstance(left, Series):
        if isinstance(right, Series):
            both = left.points.keys() & right.points.keys()
            pairs = {time: (left.points[time], right.points[time]) for time in sorted(both)}
        else:
            pairs = {time: (value, right) for time, value in left.points.items()}
        base = left
    else:
        assert isinstance(right, Series)  # noqa: S101
        pairs = {time: (left, value) for time, value in right.points.items()}
        base = right
    found = {time: finite(apply, *pair) for time, pair in pairs.items()}
    return replace(base, points={time: each for time, each in found.items() if each is not None})


def chosen(arguments: Sequence[Value]) -> Value:
    """Return IF(condition, when it is not 0, when it is)."""
    if len(arguments) != 3 or any(isinstance(each, tuple) for each in arguments):
        raise BadExpression("IF takes a condition and two values, each a number or one time series")
    test, yes, no = arguments
    if isinstance(test, float):
        return yes if test else no
    assert isinstance(test, Series)  # noqa: S101
    points = {}
    for time, found in test.points.items():
        source = yes if found else no
        value = source.points.get(time) if isinstance(source, Series) else source
        if value is not None:
            points[time] = value
    return replace(test, points=points)  # type: ignore[arg-type]
