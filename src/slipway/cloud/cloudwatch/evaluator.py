"""Evaluates all alarms every few seconds, in a thread of its own, and wherever the clock is moved to."""

import logging
import threading
from collections.abc import Iterator
from typing import Any

from slipway.cloud.clock import now, subscribe
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch import queries, reasons, rules
from slipway.cloud.cloudwatch.alarm_events import queries_of
from slipway.cloud.cloudwatch.alarms import KIND, kept, state
from slipway.cloud.cloudwatch.evaluation import BEYOND, Point, judge, rule_of, window
from slipway.cloud.cloudwatch.timeseries import Range, Series
from slipway.cloud.cloudwatch.transitions import transition
from slipway.cloud.service import ServiceError

EVERY = 5.0  # seconds
AFTER = 0.05  # seconds after the end of a period, when it is looked at
PASSES = 10  # levels of composite alarms on composite alarms
log = logging.getLogger(__name__)


class Evaluator:
    """Runs until it is stopped."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._stopped = threading.Event()
        self._evaluating = threading.Lock()
        self._looked = now()
        self._forget = subscribe(self._evaluate, self._due)
        self._thread = threading.Thread(target=self._run, name="alarms", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop, after the evaluation that is going on."""
        self._forget()
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(pause(self._cloud)):
            self._evaluate()
            self._looked = now()

    def _evaluate(self) -> None:
        with self._evaluating:
            try:
                evaluate_all(self._cloud)
            except Exception:
                log.exception("alarms are not evaluated")

    def _due(self) -> float | None:
        """Return when the next period ends whose end may change an alarm, while the clock is moved.

        Once an evaluation range lies behind the present's last look, nothing new is in it.
        """
        ends = [
            now() // period * period + period + AFTER
            for period, periods in map(range_of, metric_alarms(self._cloud))
            if now() < self._looked + period * (periods + BEYOND + 1)
        ]
        return min(ends, default=None)


def pause(cloud: Cloud) -> float:
    """Return the seconds until the next evaluation: just after periods end, short ones more often."""
    periods = [float(alarm.get("Period", EVERY)) for _, _, alarm in alarms(cloud)]
    every = max(1.0, min([EVERY, *periods]))
    return every - now() % every + AFTER


def alarms(cloud: Cloud) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield region, name and document of every alarm."""
    for region in cloud.state.regions(KIND):
        for name, alarm in kept(cloud, region).all():
            yield region, name, alarm


def metric_alarms(cloud: Cloud) -> Iterator[dict[str, Any]]:
    """Yield the document of every alarm that is not made of others."""
    return (alarm for _, _, alarm in alarms(cloud) if "AlarmRule" not in alarm)


def range_of(alarm: dict[str, Any]) -> tuple[int, int]:
    """Return the period of a metric alarm in seconds, and how many periods it looks at."""
    stats = (query.get("MetricStat", query) for query in alarm.get("Metrics", []))
    period = alarm.get("Period") or max((each.get("Period", 60) for each in stats), default=60)
    return period, alarm["EvaluationPeriods"]


def evaluate_all(cloud: Cloud) -> None:
    """Bring every alarm into the state that its metric says, and composite ones after them."""
    known = list(alarms(cloud))
    for region, name, alarm in known:
        if "AlarmRule" not in alarm:
            try:
                evaluate(cloud, region, name, alarm)
            except Exception:
                log.exception("alarm %s is not evaluated", name)
    composite = [each for each in known if "AlarmRule" in each[2]]
    for _ in range(PASSES):
        if not any([compose(cloud, region, name) for region, name, _ in composite]):
            return


def evaluate(cloud: Cloud, region: str, name: str, alarm: dict[str, Any]) -> None:
    """Bring one metric alarm into its state."""
    rule = rule_of(alarm)
    before = alarm["StateValue"]
    try:
        points, period = recent(cloud, region, alarm)
    except ServiceError as error:
        log.warning("alarm %s: %s", name, error)
        return
    judgment = judge(rule, points)
    if judgment.state in (None, before):
        return
    said = reasons.reason(rule, judgment, before)[:1023]
    statistic = alarm.get("Statistic") or alarm.get("ExtendedStatistic")
    data = reasons.data(rule, judgment, now(), period, statistic, alarm.get("Unit"))
    transition(cloud, region, name, str(judgment.state), said, data)


def recent(cloud: Cloud, region: str, alarm: dict[str, Any]) -> tuple[list[Point], int]:
    """Return the points of a metric alarm's evaluation range, and its period."""
    periods = alarm["EvaluationPeriods"]
    if "Metrics" not in alarm:
        period = alarm["Period"]
        within = Range(*window(now(), period, periods), period)
        (query,) = queries_of(alarm)
        stat = query["MetricStat"]
        found = queries.aggregates(cloud, region, stat["Metric"], stat.get("Unit"), within)
        series = queries.series_of(stat, found, period)
        counts = {time: each.count for time, each in found.items()}
    else:
        asked = queries.check(alarm["Metrics"], "Metrics", any_period=True)
        returned = next(query for query in asked.queries if query.get("ReturnData", True))
        period = asked.periods[returned["Id"]]
        within = Range(*window(now(), period, periods), period)
        values = queries.evaluated(asked, within.start, within.end, queries.reader(cloud, region))
        value = values[returned["Id"]]
        if not isinstance(value, Series):
            raise queries.invalid("an alarm needs an expression that is one time series")
        series, counts = value, dict.fromkeys(value.points, 1.0)
    points = [Point(t, series.points.get(t), counts.get(t, 0.0)) for t in within.times()]
    return points, period


def compose(cloud: Cloud, region: str, name: str) -> bool:
    """Bring a composite alarm into its state; return whether that is another one."""
    alarm = kept(cloud, region).get(name)
    if alarm is None:
        return False
    rule = rules.parse(alarm["AlarmRule"])
    holds = rule.holds(lambda child: state(cloud, region, child))
    wanted = "ALARM" if holds else "OK"
    if wanted == alarm["StateValue"]:
        return False
    latest = newest(cloud, region, rule.names)
    said = f"The rule is {'true' if holds else 'false'}."
    data = None
    if latest:
        moved = latest["StateTransitionedTimestamp"]
        at = f"{reasons.at(moved):%A %d %B, %Y %H:%M:%S} UTC"
        said = f"{latest['AlarmArn']} transitioned to {latest['StateValue']} at {at}"
        data = reasons.triggered(latest["AlarmArn"], latest["StateValue"], moved)
    transition(cloud, region, name, wanted, said, data)
    return True


def newest(cloud: Cloud, region: str, names: tuple[str, ...]) -> dict[str, Any] | None:
    """Return the alarm whose state is the newest."""
    found = [alarm for name in names if (alarm := kept(cloud, region).get(name))]
    return max(found, key=lambda alarm: float(alarm["StateTransitionedTimestamp"]), default=None)
