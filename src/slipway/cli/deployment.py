"""The DeploymentConfig that a person's options mean. Pure, and without imports that cost time."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from slipway.cli.errors import Refused


class Strategy(StrEnum):
    """How traffic moves to the new model."""

    ALL_AT_ONCE = "all-at-once"
    CANARY = "canary"
    LINEAR = "linear"
    ROLLING = "rolling"


SIZES = {Strategy.CANARY: "--canary", Strategy.LINEAR: "--step", Strategy.ROLLING: "--batch"}
DEFAULTS = {Strategy.CANARY: "10%", Strategy.LINEAR: "25%", Strategy.ROLLING: "50%"}


@dataclass(frozen=True)
class Pace:
    """How much traffic moves at a time, and how long each stage is watched."""

    strategy: Strategy
    size: str | None  # "10%" of the capacity, or "2" instances; None: the strategy's default
    bake: int  # seconds after each step
    final_bake: int  # seconds with all traffic on the new model, before the old one ends
    timeout: int | None  # seconds for everything


def deployment_config(pace: Pace, alarms: list[str]) -> dict[str, Any]:
    """Return the DeploymentConfig of UpdateEndpoint."""
    found: dict[str, Any] = {}
    limit = {"MaximumExecutionTimeoutInSeconds": pace.timeout} if pace.timeout else {}
    if pace.strategy is Strategy.ROLLING:
        found["RollingUpdatePolicy"] = limit | {
            "MaximumBatchSize": size_of(pace),
            "WaitIntervalInSeconds": pace.bake,
        }
    else:
        routing: dict[str, Any] = {
            "Type": pace.strategy.name,
            "WaitIntervalInSeconds": pace.bake,
        }
        if pace.strategy is Strategy.CANARY:
            routing["CanarySize"] = size_of(pace)
        if pace.strategy is Strategy.LINEAR:
            routing["LinearStepSize"] = size_of(pace)
        found["BlueGreenUpdatePolicy"] = limit | {
            "TrafficRoutingConfiguration": routing,
            "TerminationWaitInSeconds": pace.final_bake,
        }
    if alarms:
        found["AutoRollbackConfiguration"] = {"Alarms": [{"AlarmName": name} for name in alarms]}
    return found


def chosen(strategy: Strategy, sizes: dict[Strategy, str | None]) -> str | None:
    """Return the size option of a strategy; Refused when one of another strategy was given."""
    for other, size in sizes.items():
        if size is not None and other is not strategy:
            raise Refused(
                f"{SIZES[other]} goes with --strategy {other}, found --strategy {strategy}"
            )
    return sizes.get(strategy)


def size_of(pace: Pace) -> dict[str, Any]:
    """Return the CapacitySize that "10%" or "2" is."""
    text = pace.size or DEFAULTS[pace.strategy]
    number = text.removesuffix("%")
    if not number.isascii() or not number.isdigit() or int(number) < 1:
        raise Refused(
            f"{SIZES[pace.strategy]}: expected a percentage such as 10% or a number of instances, "
            f"found {text!r}"
        )
    kind = "CAPACITY_PERCENT" if text.endswith("%") else "INSTANCE_COUNT"
    return {"Type": kind, "Value": int(number)}
