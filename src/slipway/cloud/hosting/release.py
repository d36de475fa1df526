"""What a release does, step by step: from counts and a DeploymentConfig to actions. Pure.

A release moves an endpoint from the *old* fleets to the *new* ones, variant by variant at the same
pace. Every action names what there is to be afterwards, so doing one twice does nothing more.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Side = Literal["old", "new"]
Counts = Mapping[str, int]  # instances by variant
Deployment = Mapping[str, Any]  # a DeploymentConfig; {} is what AWS does without one

LONGEST = 28800  # seconds that a release may take, where its MaximumExecutionTimeout says nothing


@dataclass(frozen=True)
class Provision:
    """Start instances until there are so many."""

    side: Side
    counts: Counts


@dataclass(frozen=True)
class Shift:
    """Give the new fleets this part of each variant's traffic, the old ones the rest."""

    parts: Mapping[str, float]


@dataclass(frozen=True)
class Bake:
    """Watch the alarms for a while."""

    seconds: float
    wait: str  # the member of the DeploymentConfig that says how long


@dataclass(frozen=True)
class Terminate:
    """Let instances end their requests and stop them until so few are left."""

    side: Side
    counts: Counts


Action = Provision | Shift | Bake | Terminate


@dataclass(frozen=True)
class Stand:
    """What there is at one moment of a release."""

    old: Counts
    new: Counts
    parts: Mapping[str, float]  # of the new fleets


def plan(old: Counts, new: Counts, deployment: Deployment) -> tuple[Action, ...]:
    """Return the actions of a release from fleets of these sizes to fleets of those.

    A serverless variant counts as one instance. Without a policy everything moves at once.
    """
    if "RollingUpdatePolicy" in deployment:
        return rolling(old, new, deployment["RollingUpdatePolicy"])
    policy = deployment.get("BlueGreenUpdatePolicy", {})
    return (
        Provision("new", new),
        *shifts(new, policy.get("TrafficRoutingConfiguration", {})),
        *bake("TerminationWaitInSeconds", policy),
        Terminate("old", dict.fromkeys(old, 0)),
    )


def shifts(new: Counts, routing: Mapping[str, Any]) -> tuple[Action, ...]:
    """Return how traffic moves to fleets that are there whole."""
    everything = Shift(dict.fromkeys(new, 1.0))
    wait = bake("WaitIntervalInSeconds", routing)
    match routing.get("Type", "ALL_AT_ONCE"):
        case "CANARY":
            return (Shift(parts(new, routing["CanarySize"])), *wait, everything)
        case "LINEAR":
            step = parts(new, routing["LinearStepSize"])
            several = max((math.ceil(round(1 / size, 9)) for size in step.values()), default=1)
            actions: list[Action] = []
            for k in range(1, several):
                actions.append(Shift({name: min(1.0, k * size) for name, size in step.items()}))
                actions += wait
            return (*actions, everything)
    return (everything,)


def rolling(old: Counts, new: Counts, policy: Mapping[str, Any]) -> tuple[Action, ...]:
    """Return a release in batches: start some, move their part, watch, stop as many old ones.

    Neither fleet ever gets a larger part of the traffic than the part of it that is there.
    """
    actions: list[Action] = []
    for pace in paces(new, policy["MaximumBatchSize"]):
        there = {name: whole(pace * count) for name, count in new.items()}
        left = {name: whole((1 - pace) * count) for name, count in old.items()}
        actions += [Provision("new", there), Shift(dict.fromkeys(new, pace))]
        actions += bake("WaitIntervalInSeconds", policy)
        actions.append(Terminate("old", left))
    return tuple(actions)


def paces(new: Counts, size: Mapping[str, Any]) -> tuple[float, ...]:
    """Return the part of a rolling release that each batch completes; no batch is over the size."""
    steps = {name: math.ceil(count / batch_of(count, size)) for name, count in new.items()}
    slowest = max(steps, key=lambda name: steps[name])
    count = new[slowest]
    batch = batch_of(count, size)
    return tuple(min(1.0, k * batch / count) for k in range(1, steps[slowest] + 1)) or (1.0,)


def undo(stand: Stand, old: Counts, deployment: Deployment) -> tuple[Action, ...]:
    """Return the actions that bring the old fleets back to these sizes and end the new ones.

    Traffic goes back before anything else where the old fleets still have an instance: a slow
    answer is better than a bad one. RollbackMaximumBatchSize says how many come back at a time.
    """
    back = Shift(dict.fromkeys(stand.parts, 0.0))
    served = all(stand.old.get(name, 0) or not count for name, count in old.items())
    size = deployment.get("RollingUpdatePolicy", {}).get("RollbackMaximumBatchSize")
    batch = {name: batch_of(count, size) if size else max(count, 1) for name, count in old.items()}
    actions: list[Action] = [back] if served else []
    here, there = dict(stand.old), dict(stand.new)
    while here != old:
        here = {n: min(count, here.get(n, 0) + batch[n]) for n, count in old.items()}
        actions.append(Provision("old", here))
        if here != old and served:
            fewer = {n: max(0, count - batch.get(n, count)) for n, count in there.items()}
            if fewer != there:
                actions.append(Terminate("new", there := fewer))
    if not served:
        actions.append(back)
    return (*actions, Terminate("new", dict.fromkeys(there, 0)))


def begin(old: Counts, new: Counts) -> Stand:
    """Return where a release begins."""
    return Stand(old, dict.fromkeys(new, 0), dict.fromkeys(new, 0.0))


def after(stand: Stand, actions: Iterable[Action]) -> Stand:
    """Return where one is after some actions."""
    for action in actions:
        match action:
            case Provision("old", counts) | Terminate("old", counts):
                stand = replace(stand, old=counts)
            case Provision(_, counts) | Terminate(_, counts):
                stand = replace(stand, new=counts)
            case Shift(moved):
                stand = replace(stand, parts=moved)
    return stand


def final(actions: tuple[Action, ...], index: int) -> bool:
    """Tell whether nothing but the end of old instances is left from an index on."""
    return all(isinstance(action, Terminate) for action in actions[index:])


def longest(deployment: Deployment) -> float:
    """Return the seconds that a release may take before it counts as failed."""
    for policy in ("BlueGreenUpdatePolicy", "RollingUpdatePolicy"):
        if "MaximumExecutionTimeoutInSeconds" in deployment.get(policy, {}):
            return float(deployment[policy]["MaximumExecutionTimeoutInSeconds"])
    return LONGEST


def alarms(deployment: Deployment) -> tuple[str, ...]:
    """Return the names of the alarms that end a release."""
    found = deployment.get("AutoRollbackConfiguration", {}).get("Alarms", ())
    return tuple(alarm["AlarmName"] for alarm in found if "AlarmName" in alarm)


def parts(counts: Counts, size: Mapping[str, Any]) -> dict[str, float]:
    """Return the part of each variant's traffic that a CapacitySize is."""
    if size["Type"] == "CAPACITY_PERCENT":
        return dict.fromkeys(counts, min(1.0, size["Value"] / 100))
    return {name: min(1.0, size["Value"] / max(count, 1)) for name, count in counts.items()}


def batch_of(count: int, size: Mapping[str, Any]) -> int:
    """Return the instances that a CapacitySize is of so many: at least 1, else rounded down."""
    if size["Type"] == "CAPACITY_PERCENT":
        return max(1, count * int(size["Value"]) // 100)
    return max(1, min(count, int(size["Value"])))


def bake(wait: str, policy: Mapping[str, Any]) -> tuple[Bake, ...]:
    """Return the pause that a member of a policy asks for, if any."""
    seconds = policy.get(wait, 0)
    return (Bake(float(seconds), wait),) if seconds else ()


def whole(instances: float) -> int:
    """Return a number of instances rounded up, but not for the dust of binary fractions."""
    return math.ceil(round(instances, 9))
