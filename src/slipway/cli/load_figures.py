"""What a load test found, and what follows from it. Pure."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

PERCENTILES = (50, 90, 99, 99.9)
KEPT_UP = 0.95  # part of the requests that must be answered in time, or the endpoint is saturated
GRACE = 0.25  # seconds after the last request until the answers count as late; or 3 x the fastest
ERRORS = 0.01  # part of the requests that may fail, or the endpoint is saturated
BUSY = 0.9  # part of one core from which the load generator itself may be the limit
MINUTE = 60  # autoscaling counts invocations per instance in a minute


@dataclass(frozen=True)
class Sent:
    """One request: when it was meant to go, when its answer was there, and what went wrong."""

    intended: float  # seconds on one clock
    ended: float
    error: str = ""  # its kind: "ModelError 500", "ThrottlingException", …


@dataclass(frozen=True)
class Step:
    """What was found at one rate."""

    rate: float  # requests/s that were meant to go
    seconds: float  # from the first intended moment to the last answer
    requests: int
    percentiles: Mapping[float, float]  # ms; of answers without error, from the intended moment
    errors: Mapping[str, int]  # by kind
    busy: float  # part of one core that the load generator took
    in_time: float  # part of the requests that were answered soon after the last of them was meant

    @property
    def answered(self) -> float:
        """Return the good answers per second."""
        return (self.requests - sum(self.errors.values())) / self.seconds if self.seconds else 0.0

    @property
    def own_limit(self) -> bool:
        """Tell whether the load generator, not the endpoint, may have been the limit."""
        return self.busy >= BUSY

    def holds(self, target: float | None, percentile: float) -> bool:
        """Tell whether the endpoint kept up, and within a latency in ms where there is one."""
        if sum(self.errors.values()) > ERRORS * self.requests:
            return False
        if self.in_time < KEPT_UP:
            return False
        return target is None or self.percentiles.get(percentile, math.inf) <= target


def step_of(rate: float, sent: Sequence[Sent], busy: float) -> Step:
    """Return the figures of requests that were meant to go at a rate.

    Latencies count from the intended moment, so a request that had to wait for a free connection
    shows that wait: nothing is omitted because the endpoint was slow.
    """
    if not sent:
        return Step(rate, 0.0, 0, {}, {}, busy, 0.0)
    good = sorted((one.ended - one.intended) * 1000 for one in sent if not one.error)
    errors = Counter(one.error for one in sent if one.error)
    first = min(one.intended for one in sent)
    # The last request belongs to an interval too; without it few requests would look too fast.
    meant = len(sent) / rate
    seconds = max(meant, max(one.ended for one in sent) - first)
    # An endpoint that cannot keep up falls behind more and more; one that can is done soon after.
    until = first + meant + max(GRACE, 3 * min(one.ended - one.intended for one in sent))
    in_time = sum(one.ended <= until for one in sent) / len(sent)
    found = {p: percentile(good, p) for p in PERCENTILES} if good else {}
    return Step(rate, seconds, len(sent), found, dict(errors), busy, in_time)


def percentile(ordered: Sequence[float], p: float) -> float:
    """Return the smallest value that p percent of the values do not exceed (nearest rank)."""
    return ordered[max(0, math.ceil(p / 100 * len(ordered)) - 1)]


def best(steps: Iterable[Step], target: float | None, percentile: float) -> Step | None:
    """Return the fastest rate at which the endpoint kept up within the target."""
    good = [step for step in steps if step.holds(target, percentile)]
    return max(good, key=lambda step: step.rate, default=None)


def advice(
    steps: Sequence[Step],
    instances: int,
    target: float | None,
    percentile: float,
    wanted: float | None,
    safety: float,
) -> dict[str, Any]:
    """Return what the steps say of an endpoint with so many instances.

    SaturationRps is the most that was answered at all; MaxRps the highest rate within the target.
    InvocationsPerInstance = MaxRps per instance x safety x 60, AWS's formula for the target value of
    SageMakerVariantInvocationsPerInstance. Instances are taken to add up.
    """
    top = best(steps, target, percentile)
    found: dict[str, Any] = {
        "SaturationRps": max((step.answered for step in steps), default=0.0),
        "Saturated": any(not step.holds(None, percentile) for step in steps),
        "MaxRps": top.rate if top else None,
        "GeneratorLimited": any(step.own_limit for step in steps),
    }
    if top is None or not instances:
        return found
    each = top.rate / instances
    found["RpsPerInstance"] = each
    found["InvocationsPerInstanceTarget"] = each * safety * MINUTE
    if wanted:
        found["InstancesNeeded"] = math.ceil(wanted / each)
        found["InstancesWithReserve"] = math.ceil(wanted / (each * safety))
    return found


def next_rate(steps: Sequence[Step], target: float | None, percentile: float) -> float | None:
    """Return the rate to try next in a search for the highest one that holds; None: found.

    Rates double until one does not hold, then the gap is halved until it is within 10 %.
    """
    top = best(steps, target, percentile)
    failed = [step.rate for step in steps if not step.holds(target, percentile)]
    good = top.rate if top else 0.0
    over = min((rate for rate in failed if rate > good), default=None)
    if over is None:
        return good * 2
    if over - good <= 0.1 * over or over < 1:
        return None
    return (good + over) / 2
