"""What the policies of a target want, and which of them is followed. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from slipway.cloud.autoscaling import stepping, tracking

COOLDOWN = 300  # seconds, where a policy names none


@dataclass(frozen=True)
class Wish:
    """The capacity that a policy wants, and the alarm for which."""

    capacity: int
    policy: str  # its name
    alarm: str  # its name
    state: str  # of the alarm


@dataclass(frozen=True)
class Seen:
    """A policy's alarm that is in a state on which the policy acts."""

    policy: Mapping[str, Any]
    alarm: str
    state: str
    high: bool  # the metric is above the target; for steps always True
    metrics: Sequence[float]  # the datapoints of the alarm's window, oldest first
    threshold: float
    target: float  # what is tracked, in the measure of the datapoints
    since: float  # when the alarm went into the state


def cooling(policy: Mapping[str, Any], member: str, last: str, now: float, factor: float) -> bool:
    """Tell whether a policy's cooldown after its last change is not over."""
    seconds = float(configuration(policy).get(member, COOLDOWN * factor))
    changed = policy.get(last)
    return changed is not None and now < float(changed) + seconds


def configuration(policy: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the configuration of a policy of either type."""
    found: Mapping[str, Any] = (
        policy.get("TargetTrackingScalingPolicyConfiguration")
        or policy["StepScalingPolicyConfiguration"]
    )
    return found


def wish(seen: Seen, current: int, now: float, factor: float) -> Wish | None:
    """Return what a policy wants for an alarm of its; None while it waits."""
    steps = seen.policy["PolicyType"] == "StepScaling"
    out, back = ("Cooldown", "Cooldown") if steps else ("ScaleOutCooldown", "ScaleInCooldown")
    amount = stepped if steps else tracked
    found = amount(seen, current)
    if found is None:
        return None
    if found > current and cooling(seen.policy, out, "lastOut", now, factor):
        # What was added counts as a part of what is wanted now, so only a larger step is taken.
        found = amount(seen, min(current, seen.policy["before"]))
        if found is None or found <= current:
            return None
    if found < current and cooling(seen.policy, back, "lastIn", now, factor):
        return None
    return Wish(found, seen.policy["PolicyName"], seen.alarm, seen.state)


def tracked(seen: Seen, base: int) -> int | None:
    """Return the capacity that brings the metric to the target."""
    if not seen.high:
        return tracking.back_in(base, seen.metrics, seen.target)
    return tracking.out(base, seen.metrics, seen.target) if seen.metrics else None


def stepped(seen: Seen, base: int) -> int | None:
    """Return the capacity of the step in which the metric lies; None in no step or without a metric."""
    if not seen.metrics:
        return None
    config = configuration(seen.policy)
    amount = stepping.adjustment(config["StepAdjustments"], seen.metrics[-1] - seen.threshold)
    if amount is None:
        return None
    least = config.get("MinAdjustmentMagnitude", 0)
    return stepping.capacity(base, config["AdjustmentType"], amount, least)


def choose(
    wishes: Sequence[Wish], current: int, suspended: Mapping[str, bool], trackers: Sequence[str]
) -> Wish | None:
    """Return the wish that is followed: the largest capacity; None when none may be.

    Args:
        wishes: Of all policies whose alarms call for something.
        current: The capacity now.
        suspended: The target's SuspendedState.
        trackers: Names of the target tracking policies that scale in: all must want it.
    """
    if suspended["DynamicScalingOutSuspended"]:
        wishes = [each for each in wishes if each.capacity <= current]
    if suspended["DynamicScalingInSuspended"]:
        wishes = [each for each in wishes if each.capacity >= current]
    outs = [each for each in wishes if each.capacity > current]
    if outs:
        return max(outs, key=lambda each: each.capacity)
    ready = {each.policy for each in wishes if each.capacity < current}
    if ready & set(trackers) and not set(trackers) <= ready:
        wishes = [each for each in wishes if each.policy not in trackers]
    return max(wishes, key=lambda each: each.capacity, default=None)
