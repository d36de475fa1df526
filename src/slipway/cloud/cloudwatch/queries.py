"""The queries of GetMetricData and of alarms: metrics, and expressions on them and on one another."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch import expressions, metrics, statistics
from slipway.cloud.cloudwatch.aggregate import Aggregate, merged
from slipway.cloud.cloudwatch.expressions import BadExpression
from slipway.cloud.cloudwatch.metric_math import Scope, Value, evaluate
from slipway.cloud.cloudwatch.series import Metric
from slipway.cloud.cloudwatch.timeseries import Range, Series
from slipway.cloud.service import ServiceError

PERIODS = (1, 5, 10, 20, 30)  # seconds, beside the multiples of a minute
MOST = 1_000_000  # periods in a range

Query = Mapping[str, Any]  # a MetricDataQuery
Fetch = Callable[[Mapping[str, Any], Range], Series]  # a MetricStat and a range → its values


@dataclass(frozen=True)
class Asked:
    """The queries of a request, checked."""

    queries: Sequence[Query]
    trees: Mapping[str, expressions.Node]  # of the expressions, by Id
    periods: Mapping[str, int]  # by Id


def check(queries: Sequence[Query], where: str, any_period: bool = False) -> Asked:
    """Return queries that can be evaluated; ServiceError with the reason where they cannot.

    Args:
        queries: As in GetMetricData.
        where: The member of the request, as in "MetricDataQueries".
        any_period: Whether periods may be ones that callers cannot ask for.
    """
    trees: dict[str, expressions.Node] = {}
    for number, query in enumerate(queries, 1):
        at = f"{where}.member.{number}"
        if [query["Id"] for query in queries].count(query["Id"]) > 1:
            raise invalid(f"The values for parameter id in {where} are not unique.")
        if not (query["Id"][0].islower() and query["Id"].replace("_", "a").isalnum()):
            raise invalid(
                f"The value {query['Id']} for parameter {at}.Id is not matching the expected pattern "
                "^[a-z][a-zA-Z0-9_]*$."
            )
        if ("MetricStat" in query) == ("Expression" in query):
            raise invalid(f"Exactly one of {at}.MetricStat and {at}.Expression must be specified.")
        if "MetricStat" in query:
            check_statistic(query["MetricStat"]["Stat"], f"{at}.MetricStat.Stat")
            if not any_period:
                check_period(query["MetricStat"]["Period"], f"{at}.MetricStat.Period")
            continue
        if "Period" in query and not any_period:
            check_period(query["Period"], f"{at}.Period")
        try:
            trees[query["Id"]] = expressions.parse(query["Expression"])
        except BadExpression as error:
            raise wrong(query["Id"], error) from error
    periods = periods_of(queries, trees)
    return Asked(queries, trees, periods)


def check_period(period: int, at: str) -> None:
    """Refuse a period that metrics are not kept by."""
    if period not in PERIODS and (period < 60 or period % 60):
        raise invalid(
            f"The parameter {at} must be 1, 5, 10, 20, 30 or a multiple of 60, found {period}."
        )


def check_statistic(name: str, at: str) -> None:
    """Refuse a name that no statistic has."""
    try:
        statistics.parse(name)
    except statistics.UnknownStatistic:
        raise invalid(f"The value {name} for parameter {at} is not supported.") from None


def periods_of(queries: Sequence[Query], trees: Mapping[str, expressions.Node]) -> dict[str, int]:
    """Return the period of each query: its own, or the longest of what an expression is about."""
    found = {q["Id"]: q["MetricStat"]["Period"] for q in queries if "MetricStat" in q}
    longest = max(found.values(), default=0)
    for query in queries:
        if query["Id"] in trees:
            own = query.get("Period")
            about = reached(query["Id"], trees)
            known = max((found[name] for name in about if name in found), default=longest)
            found[query["Id"]] = own or known or 60
    return found


def reached(start: str, trees: Mapping[str, expressions.Node]) -> set[str]:
    """Return all Ids that an expression is about, through other expressions; ServiceError in a circle."""
    reaches: set[str] = set()
    ahead = [start]
    while ahead:
        for name in expressions.names(trees[ahead.pop()]):
            if name == start:
                raise wrong(start, BadExpression("it is about itself"))
            if name not in reaches:
                reaches.add(name)
                ahead += [name] if name in trees else []
    return reaches


def evaluated(asked: Asked, start: int, end: int, fetch: Fetch) -> dict[str, Value]:
    """Return the value of each query in a range; ServiceError names an expression without one."""
    values: dict[str, Value] = {}
    named: list[tuple[str, Series]] = []
    for query in asked.queries:
        if stat := query.get("MetricStat"):
            series = fetch(stat, spanned(start, end, stat["Period"]))
            label = query.get("Label") or stat["Metric"]["MetricName"]
            series = Series(series.points, series.period, label)
            values[query["Id"]] = series
            named.append((query["Id"], series))
    waiting = dict(asked.trees)
    while waiting:
        ready = [
            name for name, tree in waiting.items() if not expressions.names(tree) & waiting.keys()
        ]
        for name in ready:
            within = spanned(start, end, asked.periods[name])
            try:
                values[name] = evaluate(waiting.pop(name), Scope(values, named, within))
            except BadExpression as error:
                raise wrong(name, error) from error
            except RecursionError:
                raise wrong(name, BadExpression(expressions.TOO_DEEP)) from None
    return values


def spanned(start: int, end: int, period: int) -> Range:
    """Return a range of whole periods; ServiceError when there are too many."""
    if (end - start) / period > MOST:
        raise invalid(f"The range has more than {MOST} periods of {period} seconds.")
    return Range(start, end, period)


def reader(cloud: Cloud, region: str) -> Fetch:
    """Return what reads the metrics of a region."""

    def fetch(stat: Mapping[str, Any], within: Range) -> Series:
        found = aggregates(cloud, region, stat["Metric"], stat.get("Unit"), within)
        return series_of(stat, found, within.period)

    return fetch


def series_of(stat: Mapping[str, Any], found: Mapping[int, Aggregate], period: int) -> Series:
    """Return a statistic of what a metric has in each period."""
    statistic = statistics.parse(stat["Stat"])
    values = {time: statistics.value(statistic, each) for time, each in found.items()}
    return Series({t: v for t, v in values.items() if v is not None}, period)


def aggregates(
    cloud: Cloud, region: str, metric: Mapping[str, Any], unit: str | None, within: Range
) -> dict[int, Aggregate]:
    """Return what a metric has in a range, by period, of one unit or of all together."""
    asked = metric_of(region, metric)
    by_unit = metrics.read(cloud, asked, within.start, within.end, within.period)
    chosen = [points for name, points in by_unit.items() if unit in (None, name)]
    times = sorted({time for points in chosen for time in points})
    return {time: merged(p[time] for p in chosen if time in p) for time in times}


def metric_of(region: str, metric: Mapping[str, Any]) -> Metric:
    """Return the metric that a request's members name."""
    pairs = sorted((each["Name"], each["Value"]) for each in metric.get("Dimensions", []))
    return Metric(region, metric.get("Namespace", ""), metric.get("MetricName", ""), tuple(pairs))


def invalid(message: str) -> ServiceError:
    """Return the refusal of a value."""
    return ServiceError("ValidationError", message)


def wrong(name: str, error: BadExpression) -> ServiceError:
    """Return the refusal of an expression."""
    return invalid(f"Error in expression '{name}': {error}.")
