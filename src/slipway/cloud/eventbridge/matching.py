"""From an event to the targets of the rules that want it: written down in the event's transaction."""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from slipway.cloud.clock import now
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch import metrics
from slipway.cloud.eventbridge import records
from slipway.cloud.eventbridge.patterns import Pattern, matches, parse
from slipway.cloud.eventbridge.records import DEFAULT, Rule
from slipway.cloud.events import Event

KIND = "events"  # of the parcels
NAMESPACE = "AWS/Events"
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Wanted:
    """A rule that is enabled, and its pattern."""

    rule: Rule
    pattern: Pattern


Known = dict[tuple[str, str], tuple[Wanted, ...]]  # by region and bus

_known: dict[Cloud, Known] = {}
_lock = threading.Lock()


def forget(cloud: Cloud) -> None:
    """Read the rules anew at the next event; called in the transaction that changes one."""
    with _lock:
        _known.pop(cloud, None)
    cloud.state.when_committed(lambda: drop(cloud))


def drop(cloud: Cloud) -> None:
    """Forget what is known of the rules."""
    with _lock:
        _known.pop(cloud, None)


def wanted(cloud: Cloud, region: str, bus: str) -> tuple[Wanted, ...]:
    """Return the rules of a bus that match events."""
    with _lock:
        known = _known.get(cloud)
    if known is None:
        known = read(cloud)
        with _lock:
            _known[cloud] = known
    return known.get((region, bus), ())


def read(cloud: Cloud) -> Known:
    """Return the rules of all buses that match events."""
    found: dict[tuple[str, str], list[Wanted]] = {}
    with cloud.state.transaction():
        for region in cloud.state.regions(records.RULE):
            for _, rule in records.rules(cloud, region).all():
                if "EventPattern" in rule and rule["State"] != "DISABLED":
                    one = Wanted(rule, parse(rule["EventPattern"]))
                    found.setdefault((region, rule["EventBusName"]), []).append(one)
    return {key: tuple(rules) for key, rules in found.items()}


def keep(cloud: Cloud, event: Event) -> None:
    """Write down who is to get an event of a service; cheap where no rule can want it."""
    if wanted(cloud, event.region, DEFAULT) and event.source != "slipway":
        put(cloud, event.region, DEFAULT, document(cloud, event))


def document(cloud: Cloud, event: Event) -> dict[str, Any]:
    """Return an event in the form in which it is delivered."""
    return {
        "version": "0",
        "id": event.id,
        "detail-type": event.detail_type,
        "source": event.source,
        "account": cloud.account,
        "time": stamp(event.time),
        "region": event.region,
        "resources": list(event.resources),
        "detail": dict(event.detail),
    }


def stamp(time: datetime) -> str:
    """Return a time as events have it."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def put(cloud: Cloud, region: str, bus: str, event: Mapping[str, Any], hops: int = 0) -> None:
    """Write down who is to get what is put on a bus."""
    rules = [each.rule for each in wanted(cloud, region, bus) if matches(each.pattern, event)]
    if rules:
        metrics.record(cloud, region, NAMESPACE, (), {"MatchedEvents": (1, "Count")})
    for rule in rules:
        to_targets(cloud, region, rule, event, hops)


def to_targets(
    cloud: Cloud, region: str, rule: Rule, event: Mapping[str, Any], hops: int = 0
) -> None:
    """Write down that the targets of a rule are to get an event."""
    measure(cloud, region, rule["Name"], "TriggeredRules")
    received = stamp(datetime.fromtimestamp(now(), UTC))
    for target in rule["Targets"].values():
        body = {"region": region, "rule": rule["Name"], "arn": rule["Arn"], "target": target}
        body |= {"event": event, "received": received, "hops": hops}
        cloud.outbox.put(KIND, f"{rule['Arn']}/{target['Id']}", body)


def measure(cloud: Cloud, region: str, rule: str, metric: str) -> None:
    """Count something about a rule."""
    metrics.record(cloud, region, NAMESPACE, (("RuleName", rule),), {metric: (1, "Count")})
