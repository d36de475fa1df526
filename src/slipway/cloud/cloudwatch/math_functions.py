"""The functions of CloudWatch's metric math. Pure."""

import math
import statistics
from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import accumulate, pairwise

from slipway.cloud.cloudwatch.expressions import BadExpression
from slipway.cloud.cloudwatch.timeseries import Range, Series

Value = float | Series | tuple[Series, ...]
FILLS = ("REPEAT", "LINEAR")


def deviation(values: Sequence[float]) -> float:
    """Return the standard deviation of a population."""
    return statistics.pstdev(values)


# Of one series a number, of several series one series, of each time's values
COMBINED: Mapping[str, Callable[[Sequence[float]], float]] = {
    "AVG": statistics.fmean,
    "MAX": max,
    "MIN": min,
    "STDDEV": deviation,
    "SUM": math.fsum,
}
# Of each value another one
EACH: Mapping[str, Callable[[float], float]] = {
    "ABS": abs,
    "CEIL": lambda value: float(math.ceil(value)),
    "FLOOR": lambda value: float(math.floor(value)),
    "LOG": math.log,
    "LOG10": math.log10,
}
# Of each time a number, in UTC
CALENDAR: Mapping[str, Callable[[datetime], float]] = {
    "MINUTE": lambda at: at.minute,
    "HOUR": lambda at: at.hour,
    "DAY": lambda at: at.isoweekday(),
    "DATE": lambda at: at.day,
    "MONTH": lambda at: at.month,
    "YEAR": lambda at: at.year,
    "EPOCH": lambda at: at.timestamp(),
}


def call(name: str, arguments: Sequence[Value], within: Range) -> Value:
    """Return a function's value; BadExpression where it is none or takes other arguments."""
    if name in COMBINED:
        return combined(name, only(name, arguments))
    if name in EACH:
        return each(EACH[name], only(name, arguments))
    if name in CALENDAR or name in SERIES:
        value = only(name, arguments)
        if isinstance(value, float):
            raise BadExpression(f"{name} takes a time series, not a number")
        found = tuple(of_series(name, s) for s in several(value))
        return found[0] if isinstance(value, Series) else found
    if name in SCALAR:
        value = only(name, arguments)
        if not isinstance(value, Series):
            raise BadExpression(f"{name} takes one time series")
        return SCALAR[name](value)
    if name in LISTS:
        return LISTS[name](arguments, within)
    raise BadExpression(f"the local cloud has no function {name}")


def of_series(name: str, series: Series) -> Series:
    """Return a function's value for one series."""
    if name in CALENDAR:
        return dated(CALENDAR[name], series)
    return SERIES[name](series)


def several(value: Series | tuple[Series, ...]) -> tuple[Series, ...]:
    """Return one series or several as several."""
    return (value,) if isinstance(value, Series) else value


def only(name: str, arguments: Sequence[Value]) -> Value:
    """Return the one argument of a function; several series may stand as several arguments."""
    if len(arguments) == 1:
        return arguments[0]
    if name in COMBINED and arguments and all(isinstance(each, Series) for each in arguments):
        return tuple(each for each in arguments if isinstance(each, Series))
    raise BadExpression(f"{name} takes one argument, found {len(arguments)}")


def combined(name: str, value: Value) -> Value:
    """Return the number of a series, or the series of several."""
    apply = COMBINED[name]
    if isinstance(value, float):
        return value
    if isinstance(value, Series):
        values = list(value.points.values())
        return float(apply(values)) if values else Series({}, value.period)
    times = sorted({time for series in value for time in series.points})
    points = {
        time: float(apply([s.points[time] for s in value if time in s.points])) for time in times
    }
    return Series(points, max((s.period for s in value), default=60))


def each(apply: Callable[[float], float], value: Value) -> Value:
    """Return a value in which each number is another one; those without one are left out."""
    if isinstance(value, tuple):
        return tuple(mapped(apply, series) for series in value)
    if isinstance(value, Series):
        return mapped(apply, value)
    try:
        return apply(value)
    except ValueError as error:
        raise BadExpression(str(error)) from None


def mapped(apply: Callable[[float], float], series: Series) -> Series:
    """Return a series in which each number is another one."""
    points = {}
    for time, value in series.points.items():
        try:
            points[time] = apply(value)
        except ValueError:
            continue
    return replace(series, points=points)


def dated(apply: Callable[[datetime], float], series: Series) -> Series:
    """Return a series of parts of its times."""
    points = {t: float(apply(datetime.fromtimestamp(t, UTC))) for t in series.points}
    return replace(series, points=points)


def steps(series: Series, of: Callable[[int, float], float]) -> Series:
    """Return a series of what lies between a point and the one before: seconds and difference."""
    points = {
        after: of(after - before, series.points[after] - series.points[before])
        for before, after in pairwise(series.points)
    }
    return replace(series, points=points)


def running(series: Series) -> Series:
    """Return the sums up to each point."""
    sums = accumulate(series.points.values())
    return replace(series, points=dict(zip(series.points, sums, strict=True)))


SERIES: Mapping[str, Callable[[Series], Series]] = {
    "DIFF": lambda series: steps(series, lambda _, by: by),
    "DIFF_TIME": lambda series: steps(series, lambda seconds, _: float(seconds)),
    "RATE": lambda series: steps(series, lambda seconds, by: by / seconds),
    "RUNNING_SUM": running,
}


def fill(series: Series, by: str | float | Series, within: Range) -> Series:
    """Return a series with a value at every period: a number's, another series', or from around it."""
    known, points = list(series.points), {}
    for time in replace(within, period=series.period).times():
        value = series.points.get(time)
        if value is None:
            value = substitute(series, known, by, time)
        if value is not None:
            points[time] = value
    return replace(series, points=points)


def substitute(
    series: Series, known: Sequence[int], by: str | float | Series, time: int
) -> float | None:
    """Return what stands for a missing point; None where nothing is near. `known` are its times."""
    if isinstance(by, Series):
        return by.points.get(time)
    if isinstance(by, float):
        return by
    after = bisect(known, time)
    if not after or (by == "LINEAR" and after == len(known)):
        return None
    low = known[after - 1]
    if by == "REPEAT":
        return series.points[low]
    high = known[after]
    part = (time - low) / (high - low)
    return series.points[low] + part * (series.points[high] - series.points[low])


def edge(series: Series, last: bool) -> float | Series:
    """Return the first or last value."""
    values = list(series.points.values())
    return values[-1 if last else 0] if values else series


SCALAR: Mapping[str, Callable[[Series], Value]] = {
    "FIRST": lambda series: edge(series, last=False),
    "LAST": lambda series: edge(series, last=True),
    "PERIOD": lambda series: float(series.period),
}


def metric_count(arguments: Sequence[Value], within: Range) -> Value:
    """Return the number of series in a list."""
    value = only("METRIC_COUNT", arguments)
    return float(len(value)) if isinstance(value, tuple) else 1.0


def time_series(arguments: Sequence[Value], within: Range) -> Value:
    """Return a series that is a number all the time."""
    value = only("TIME_SERIES", arguments)
    if not isinstance(value, float):
        raise BadExpression("TIME_SERIES takes a number")
    return Series({time: value for time in within.times()}, within.period)


def remove_empty(arguments: Sequence[Value], within: Range) -> Value:
    """Return the series of a list that have points."""
    value = only("REMOVE_EMPTY", arguments)
    if not isinstance(value, tuple):
        raise BadExpression("REMOVE_EMPTY takes a list of time series")
    return tuple(series for series in value if series.points)


LISTS: Mapping[str, Callable[[Sequence[Value], Range], Value]] = {
    "METRIC_COUNT": metric_count,
    "REMOVE_EMPTY": remove_empty,
    "TIME_SERIES": time_series,
}
