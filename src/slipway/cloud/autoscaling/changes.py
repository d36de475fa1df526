"""Changes of capacity: asked for, gone on with, and written down as activities."""

from typing import Any

from slipway.cloud.autoscaling import records, resources
from slipway.cloud.autoscaling.decisions import Wish
from slipway.cloud.autoscaling.records import ACTIVITY, POLICY, TARGET, changed, key
from slipway.cloud.autoscaling.resources import NOUNS, Capacity, Resource
from slipway.cloud.clock import now
from slipway.cloud.cloud import Cloud

Document = dict[str, Any]
NOTHING = {"activity": None, "wanted": None, "last": None}  # no change goes on


def scale(
    cloud: Cloud, of: Resource, target: Document, count: int, cause: str, last: Any = None
) -> bool:
    """Ask for a capacity; return whether it was not refused.

    `last` is [policy's name, member of its document that says when it last changed something].
    """
    noun = NOUNS[of.dimension]
    activity = records.activity(
        cloud,
        of.region,
        target,
        f"Setting desired {noun} to {count}.",
        cause,
        StatusMessage=f"Successfully set desired {noun} to {count}. Waiting for change to be fulfilled "
        "by sagemaker.",
    )
    name = activity["ActivityId"]
    changed(cloud, of.region, TARGET, key(target), activity=name, wanted=count, last=last)
    refusal = resources.change(cloud, of, count)
    if refusal:
        said = f"Failed to set desired {noun} to {count}. Reason: {refusal}"
        end = {"StatusCode": "Failed", "StatusMessage": said, "EndTime": now()}
        changed(cloud, of.region, ACTIVITY, name, **end)
        changed(cloud, of.region, TARGET, key(target), **NOTHING)
    return not refusal


def settled(cloud: Cloud, of: Resource, target: Document) -> bool:
    """Tell whether a target's last change is over, and write down how it ended."""
    has = resources.read(cloud, of)
    if not has.ready:
        return False
    wanted = target["wanted"]
    said = f"set desired {NOUNS[of.dimension]} to {wanted}."
    end = {
        "StatusCode": "Successful",
        "StatusMessage": f"Successfully {said} Change successfully fulfilled by sagemaker.",
    }
    if has.current != wanted:
        reason = has.failure or f"there are {has.current}"
        end = {"StatusCode": "Failed", "StatusMessage": f"Failed to {said} Reason: {reason}"}
    time = now()
    changed(cloud, of.region, ACTIVITY, target["activity"], EndTime=time, **end)
    if last := target.get("last"):
        changed(cloud, of.region, POLICY, key(target, last[0]), **{last[1]: time})
    changed(cloud, of.region, TARGET, key(target), changed=time, **NOTHING)
    return True


def caused(chosen: Wish) -> str:
    """Return the cause of an activity."""
    return f"monitor alarm {chosen.alarm} in state {chosen.state} triggered policy {chosen.policy}"


def not_scaled(
    cloud: Cloud, of: Resource, target: Document, has: Capacity, chosen: Wish, since: float
) -> None:
    """Write down, once for each time that an alarm calls, why nothing is done."""
    least, most = target["MinCapacity"], target["MaxCapacity"]
    if chosen.capacity > has.desired:
        reason = {"Code": "AlreadyAtMaxCapacity", "MaxCapacity": most}
    elif chosen.capacity < has.desired:
        reason = {"Code": "AlreadyAtMinCapacity", "MinCapacity": least}
    else:
        reason = {"Code": "AlreadyAtDesiredCapacity", "CurrentCapacity": has.desired}
    told = [chosen.alarm, since, reason["Code"]]
    if target.get("told") == told:
        return
    changed(cloud, of.region, TARGET, key(target), told=told)
    records.activity(
        cloud,
        of.region,
        target,
        "Attempting to scale due to alarm triggered",
        caused(chosen),
        StatusCode="Failed",
        StatusMessage="Failed to scale: the capacity is what it may be.",
        EndTime=now(),
        NotScaledReasons=[reason],
    )
