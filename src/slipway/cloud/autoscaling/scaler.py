"""Looks after the targets every few seconds: limits, schedules, policies, and changes that go on."""

import logging
import threading
from typing import Any

from slipway.cloud.autoscaling import policies, records, resources, scheduled
from slipway.cloud.autoscaling.changes import caused, not_scaled, scale, settled
from slipway.cloud.autoscaling.decisions import Seen, choose, configuration, wish
from slipway.cloud.autoscaling.records import ACTION, POLICY, TARGET, changed, kept, key
from slipway.cloud.autoscaling.resources import Capacity, Resource
from slipway.cloud.autoscaling.settings import factor
from slipway.cloud.autoscaling.tracked import MINUTE
from slipway.cloud.autoscaling.tracking import MARGIN, clamped
from slipway.cloud.clock import now, subscribe
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch import alarms, evaluator
from slipway.cloud.cloudwatch.actions import ACTIONS, record
from slipway.cloud.events import Event
from slipway.cloud.service import ServiceError

log = logging.getLogger(__name__)

Document = dict[str, Any]


class Scaler:
    """Runs until it is stopped; wakes up when an alarm changes or a target is registered."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._stopped = False
        self._wake = threading.Event()
        self._looking = threading.Lock()
        self._forget = subscribe(self._moved, lambda: due(cloud))
        cloud.events.subscribe(self._hear)
        self._thread = threading.Thread(target=self._run, name="autoscaling", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look after the targets now."""
        self._wake.set()

    def stop(self) -> None:
        """Stop, after the look that is going on."""
        self._stopped = True
        self._forget()
        self._wake.set()
        self._thread.join()

    def _hear(self, event: Event) -> None:
        if event.source == "aws.cloudwatch" or event.detail_type.startswith("SageMaker Endpoint"):
            self._wake.set()

    def _run(self) -> None:
        while not self._stopped:
            self._wake.wait(pause(self._cloud))
            self._wake.clear()
            if self._stopped:
                return
            self._look()

    def _look(self) -> None:
        with self._looking:
            try:
                look(self._cloud)
            except Exception:
                log.exception("targets are not looked after")

    def _moved(self) -> None:
        """Do what is due where the clock has come to, before it is moved on."""
        time = due(self._cloud)
        if time is not None and time <= now():
            self._look()
        self._wake.set()


def pause(cloud: Cloud) -> float:
    """Return the seconds until the next look: as alarms are evaluated, or when an action is due."""
    time = due(cloud)
    waits = [evaluator.pause(cloud)] if time is None else [evaluator.pause(cloud), time - now()]
    return max(0.1, min(waits))


def due(cloud: Cloud) -> float | None:
    """Return when the next scheduled action is due."""
    times = [
        float(action["next"])
        for region in cloud.state.regions(ACTION)
        for _, action in kept(cloud, region, ACTION).all()
        if action.get("next") is not None
    ]
    return min(times, default=None)


def look(cloud: Cloud) -> None:
    """Look after every target once."""
    for region in cloud.state.regions(TARGET):
        for name, _ in kept(cloud, region, TARGET).all():
            try:
                look_after(cloud, region, name)
            except ServiceError as error:
                log.warning("target %s: %s", name, error.message)
            except Exception:
                log.exception("target %s is not looked after", name)


def look_after(cloud: Cloud, region: str, name: str) -> None:
    """Bring one target to where its limits, schedules and policies want it."""
    targets = kept(cloud, region, TARGET)
    target = targets.get(name)
    if target is None:
        return
    of = resources.resource(region, target["ResourceId"], target["ScalableDimension"])
    if target.get("activity") and not settled(cloud, of, target):
        return
    scheduled.run_due(cloud, region, target)
    target = targets.get(name) or target
    seen = triggered(cloud, region, target)
    if not seen and not target.get("clamp"):
        return
    has = resources.read(cloud, of)
    if not has.ready:
        return  # an update of the endpoint goes on; alarms go on to say what they want
    if target.get("clamp"):
        changed(cloud, region, TARGET, name, clamp=None)
        if brought_in(cloud, of, target, has):
            return
    follow(cloud, of, target, has, seen)


def brought_in(cloud: Cloud, of: Resource, target: Document, has: Capacity) -> bool:
    """Bring a capacity between its limits; tell whether it was outside."""
    least, most = target["MinCapacity"], target["MaxCapacity"]
    count = clamped(has.desired, least, most)
    if count == has.desired:
        return False
    which = f"minimum capacity was set to {least}"
    if count == most and has.desired > most:
        which = f"maximum capacity was set to {most}"
    scale(cloud, of, target, count, which)
    return True


def triggered(cloud: Cloud, region: str, target: Document) -> list[Seen]:
    """Return the alarms that call on the policies of a target."""
    found = []
    by_arn = {each["PolicyARN"]: each for each in records.of_target(cloud, region, POLICY, target)}
    for _, alarm in alarms.kept(cloud, region).all():
        if not alarm["ActionsEnabled"]:
            continue
        for arn in alarm[ACTIONS[alarm["StateValue"]]]:
            if (policy := by_arn.get(arn)) and (
                one := look_at(cloud, region, target, policy, alarm)
            ):
                found.append(one)
    return found


def look_at(
    cloud: Cloud, region: str, target: Document, policy: Document, alarm: Document
) -> Seen | None:
    """Return what an alarm says to a policy; None where it is not heard (yet, or again)."""
    if "AlarmRule" in alarm:
        return None
    since = alarm["StateTransitionedTimestamp"]
    steps = policy["PolicyType"] == policies.STEPS
    if steps and called(policy, alarm["AlarmName"], since):
        return None
    points, period = evaluator.recent(cloud, region, alarm)
    high = alarm["ComparisonOperator"].startswith("Greater")
    # What was measured before the last change speaks of another capacity.
    fresh = (target.get("changed") or 0.0) if high and not steps else 0.0
    window = points[-alarm["EvaluationPeriods"] :]
    metrics = [p.value for p in window if p.value is not None and p.time + period / 2 > fresh]
    threshold = alarm["Threshold"]
    return Seen(
        policy,
        alarm["AlarmName"],
        alarm["StateValue"],
        high,
        metrics,
        threshold,
        threshold if high else threshold / MARGIN,
        since,
    )


def called(policy: Document, alarm: str, since: float) -> bool:
    """Tell whether an alarm has called a step policy: when it changed, and in this minute."""
    last = policy.get("called", {}).get(alarm)
    return last is not None and last[0] == since and now() < last[1] + MINUTE * factor()


def follow(cloud: Cloud, of: Resource, target: Document, has: Capacity, seen: list[Seen]) -> None:
    """Do what the policies want, or write down why not."""
    wishes = [found for each in seen if (found := wish(each, has.desired, now(), factor()))]
    for each in seen:
        if each.policy["PolicyType"] == policies.STEPS:
            name = key(target, each.policy["PolicyName"])
            calls = {each.alarm: [each.since, now()]}
            changed(cloud, of.region, POLICY, name, called=each.policy.get("called", {}) | calls)
    trackers = [
        policy["PolicyName"]
        for policy in records.of_target(cloud, of.region, POLICY, target)
        if policy["PolicyType"] == policies.TRACKING
        and not configuration(policy).get("DisableScaleIn")
    ]
    chosen = choose(wishes, has.desired, target["SuspendedState"], trackers)
    if chosen is None:
        return
    count = clamped(chosen.capacity, target["MinCapacity"], target["MaxCapacity"])
    since = next(each.since for each in seen if each.alarm == chosen.alarm)
    if count == has.desired:
        not_scaled(cloud, of, target, has, chosen, since)
        return
    last = "lastOut" if count > has.desired else "lastIn"
    name = key(target, chosen.policy)
    members: Document = {last: now()}
    if last == "lastOut":
        members |= {"before": has.desired, "lastIn": None}
    changed(cloud, of.region, POLICY, name, **members)
    if scale(cloud, of, target, count, caused(chosen), last=[chosen.policy, last]) and (
        alarm := alarms.kept(cloud, of.region).get(chosen.alarm)
    ):
        policy = kept(cloud, of.region, POLICY).get(name)
        record(cloud, of.region, alarm, policy["PolicyARN"] if policy else chosen.policy)
