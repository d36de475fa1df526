"""Scheduled actions: new limits for a target at certain times."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slipway.cloud.autoscaling import records
from slipway.cloud.autoscaling.records import ACTION, NAMESPACE, TARGET, changed, kept, key
from slipway.cloud.clock import now
from slipway.cloud.cloud import Cloud
from slipway.cloud.schedules import BadSchedule, following
from slipway.cloud.service import Call, ServiceError, invalid

OPTIONAL = ("Schedule", "Timezone", "StartTime", "EndTime", "ScalableTargetAction")


def put(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make a scheduled action, or change one (PutScheduledAction)."""
    target = records.target_of(call.cloud, call.region, request)
    name = key(request, request["ScheduledActionName"])
    actions = kept(call.cloud, call.region, ACTION)
    given = {
        member: value.timestamp() if isinstance(value, datetime) else value
        for member in OPTIONAL
        if (value := request.get(member)) is not None
    }
    with call.cloud.state.transaction():
        old = actions.get(name)
        arn = f"arn:aws:autoscaling:{call.region}:{call.cloud.account}:scheduledAction"
        document = old or {
            "ScheduledActionName": request["ScheduledActionName"],
            "ScheduledActionARN": f"{arn}:resource/{NAMESPACE}/{target['ResourceId']}"
            f":scheduledActionName/{request['ScheduledActionName']}",
            "ServiceNamespace": NAMESPACE,
            "ResourceId": target["ResourceId"],
            "ScalableDimension": target["ScalableDimension"],
            "CreationTime": now(),
        }
        document |= given
        check(document)
        document["next"] = next_of(document, now())
        if old:
            actions.replace(name, document)
        else:
            actions.create(name, document)
    return {}


def check(action: Mapping[str, Any]) -> None:
    """Refuse an action that never does anything; ServiceError."""
    if "Schedule" not in action:
        raise invalid("Schedule is required for a new scheduled action.")
    limits = action.get("ScalableTargetAction", {})
    if not limits:
        raise invalid("At least one of MinCapacity and MaxCapacity must be given.")
    least, most = limits.get("MinCapacity", 0), limits.get("MaxCapacity", float("inf"))
    if least < 0 or least > most:
        raise invalid("Maximum capacity cannot be less than minimum capacity")
    if action.get("StartTime", 0) >= action.get("EndTime", float("inf")):
        raise invalid("StartTime must be before EndTime.")
    try:
        ZoneInfo(action.get("Timezone", "UTC"))
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise invalid(f"Timezone {action['Timezone']} is not known.") from error
    try:
        next_of(action, 0)
    except BadSchedule as error:
        raise invalid(f"Schedule {action['Schedule']} cannot be read: {error}.") from error


def next_of(action: Mapping[str, Any], after: float) -> float | None:
    """Return when an action comes next after a time; None when it does not come again."""
    begin = max(after, action.get("StartTime", 0) - 1)
    since = datetime.fromtimestamp(action.get("StartTime", action["CreationTime"]), UTC)
    zone = ZoneInfo(action.get("Timezone", "UTC"))
    found = following(action["Schedule"], zone, datetime.fromtimestamp(begin, UTC), since)
    if found is None or found.timestamp() > action.get("EndTime", float("inf")):
        return None
    return found.timestamp()


def run_due(cloud: Cloud, region: str, target: Mapping[str, Any]) -> None:
    """Give a target the limits of the actions whose time has come, in the order of their times.

    Times that passed while the cloud was stopped count once.
    """
    due = [
        action
        for action in records.of_target(cloud, region, ACTION, target)
        if action.get("next") is not None and action["next"] <= now()
    ]
    for action in sorted(due, key=lambda action: float(action["next"])):
        name = key(action, action["ScheduledActionName"])
        changed(cloud, region, ACTION, name, next=next_of(action, now()))
        if not target["SuspendedState"]["ScheduledScalingSuspended"]:
            limit(cloud, region, target, action)


def limit(cloud: Cloud, region: str, target: Mapping[str, Any], action: Mapping[str, Any]) -> None:
    """Give a target the limits of an action."""
    limits = action["ScalableTargetAction"]
    with cloud.state.transaction():
        found = kept(cloud, region, TARGET).get(key(target))
        if found is None:
            return
        new = {name: found[name] for name in ("MinCapacity", "MaxCapacity")} | limits
        if new["MinCapacity"] > new["MaxCapacity"]:  # one was told; the other gives way
            low = "MaxCapacity" not in limits
            new["MaxCapacity" if low else "MinCapacity"] = new[
                "MinCapacity" if low else "MaxCapacity"
            ]
        changed(cloud, region, TARGET, key(target), **new, clamp=True)
        said = f"min capacity to {new['MinCapacity']} and max capacity to {new['MaxCapacity']}"
        records.activity(
            cloud,
            region,
            target,
            f"Setting {said}",
            f"scheduled action name {action['ScheduledActionName']} was triggered",
            StatusCode="Successful",
            StatusMessage=f"Successfully set {said}",
            EndTime=now(),
        )


def describe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of scheduled actions (DescribeScheduledActions)."""
    wanted = request.get("ScheduledActionNames")
    found = [
        action
        for _, action in kept(call.cloud, call.region, ACTION).all()
        if (wanted is None or action["ScheduledActionName"] in wanted)
        and all(
            request.get(name, action[name]) == action[name]
            for name in ("ResourceId", "ScalableDimension")
        )
    ]
    return records.page("ScheduledActions", found, request)


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a scheduled action (DeleteScheduledAction)."""
    name = key(request, request["ScheduledActionName"])
    if not kept(call.cloud, call.region, ACTION).delete(name):
        raise ServiceError(
            "ObjectNotFoundException",
            f"No scheduled action found for service namespace: {NAMESPACE}, resource ID: "
            f"{request['ResourceId']}, scalable dimension: {request['ScalableDimension']}, scheduled "
            f"action name: {request['ScheduledActionName']}",
        )
    return {}
