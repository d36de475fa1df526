"""AWS::CloudFormation::WaitCondition and its handle: a stack waits until somebody has said so."""

import json
from typing import Any

from slipway.cloud.cloudformation import signals
from slipway.cloud.cloudformation.naming import physical
from slipway.cloud.cloudformation.resource import Asked, Failed, Made, Properties, ResourceType


def handle(asked: Asked) -> Made:
    """Make an address to which signals are put."""
    name = physical(asked.stack_name, asked.logical_id, asked.token)
    return Made(signals.address(asked.cloud, asked.region, asked.stack, name))


def wait(asked: Asked) -> Made:
    """Wait for as many signals as are asked for; Failed when one says so, or not enough came."""
    count = int(asked.properties.get("Count", 1))
    made = Made(physical(asked.stack_name, asked.logical_id, asked.token))
    found = signals.wait(
        asked,
        asked.properties["Handle"],
        lambda come: bool(bad(come)) or len(good(come)) >= count,
        int(asked.properties["Timeout"]),
        made,
    )
    for one in bad(found):
        raise Failed(
            f"WaitCondition received failed message: '{one.get('Reason', '')}' for uniqueId: "
            f"{one.get('UniqueId', '')}"
        )
    came = good(found)
    if len(came) < count:
        raise Failed(
            f"WaitCondition timed out. Received {len(came)} conditions when expecting {count}"
        )
    return Made(made.physical_id, {"Data": json.dumps(came)})


def good(found: list[Any]) -> dict[str, Any]:
    """Return the data of the signals of success, by their ids."""
    return {one.get("UniqueId"): one.get("Data") for one in found if one.get("Status") == "SUCCESS"}


def bad(found: list[Any]) -> list[Any]:
    """Return the signals that are no success."""
    return [one for one in found if one.get("Status") != "SUCCESS"]


def same(asked: Asked, made: Made, before: Properties) -> Made:
    """Return what a change leaves as it is."""
    return made


def nothing(asked: Asked, made: Made) -> None:
    """Remove what is nothing."""


HANDLE = ResourceType("AWS::CloudFormation::WaitConditionHandle", handle, same, nothing)
CONDITION = ResourceType(
    "AWS::CloudFormation::WaitCondition",
    wait,
    same,
    nothing,
    frozenset({"Count", "Handle", "Timeout"}),
)
