"""Schedules: made, changed, shown and deleted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from slipway.cloud.clock import now
from slipway.cloud.sagemaker.listing import moment
from slipway.cloud.scheduler import records, timed
from slipway.cloud.scheduler.delivery import PRINCIPAL
from slipway.cloud.scheduler.records import DEFAULT, Schedule
from slipway.cloud.scheduler.rules import problems
from slipway.cloud.service import Call, Operation, invalid
from slipway.cloud.targets.permits import trusted
from slipway.cloud.targets.refusals import Undelivered

KEPT = (
    *("Name", "ScheduleExpression", "StartDate", "EndDate", "Description", "State", "KmsKeyArn"),
    *("ScheduleExpressionTimezone", "Target", "FlexibleTimeWindow", "ActionAfterCompletion"),
)
DATES = ("StartDate", "EndDate", "CreationDate", "LastModificationDate")
DEFAULTS = {
    "State": "ENABLED",
    "ScheduleExpressionTimezone": "UTC",
    "ActionAfterCompletion": "NONE",
}
RETRIES = {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}


def create(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make a schedule (CreateSchedule)."""
    group = records.group_of(call, request)
    schedule = made(call, group, request)
    kept, key = records.schedules(call.cloud, call.region), f"{group}/{request['Name']}"
    with call.cloud.state.transaction():
        old = kept.get(key)
        if old and request.get("ClientToken") and old.get("Token") == request["ClientToken"]:
            return {"ScheduleArn": old["Arn"]}
        schedule["Token"] = request.get("ClientToken")
        schedule["CreationDate"] = schedule["LastModificationDate"]
        if old:
            raise records.conflict(f"Schedule {request['Name']} already exists.")
        kept.create(key, records.advanced(schedule, now()))
        call.cloud.state.when_committed(lambda: timed.wake(call.cloud))
    return {"ScheduleArn": schedule["Arn"]}


def made(call: Call, group: str, request: Mapping[str, Any]) -> Schedule:
    """Return the document of a schedule that a request asks for; ServiceError."""
    schedule: Schedule = DEFAULTS | {
        name: value.timestamp() if isinstance(value, datetime) else value
        for name in KEPT
        if (value := request.get(name)) is not None
    }
    for problem in problems(schedule):
        raise invalid(problem)
    schedule["Target"] = schedule["Target"] | {
        "RetryPolicy": RETRIES | schedule["Target"].get("RetryPolicy", {})
    }
    try:
        source = records.group_arn(call.cloud, call.region, group)
        trusted(call.cloud, call.region, schedule["Target"]["RoleArn"], PRINCIPAL, source)
    except Undelivered as error:
        raise invalid(
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."
        ) from error
    arn = records.arn(call.cloud, call.region, group, request["Name"])
    return schedule | {"GroupName": group, "Arn": arn, "LastModificationDate": now()}


def update(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Replace all of a schedule (UpdateSchedule)."""
    group = records.group_of(call, request)
    schedule = made(call, group, request)
    with call.cloud.state.transaction():
        old = records.found(call, group, request["Name"])
        schedule |= {"Token": old.get("Token"), "CreationDate": old["CreationDate"]}
        after = records.advanced(schedule, now())
        records.schedules(call.cloud, call.region).replace(f"{group}/{request['Name']}", after)
        call.cloud.state.when_committed(lambda: timed.wake(call.cloud))
    return {"ScheduleArn": schedule["Arn"]}


def get(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a schedule (GetSchedule)."""
    schedule = records.found(call, records.group_of(call, request), request["Name"])
    return shown(schedule, ("Arn", "GroupName", *KEPT, *DATES))


def shown(schedule: Schedule, members: tuple[str, ...]) -> dict[str, Any]:
    """Return members of a schedule as they are shown."""
    found = {name: schedule[name] for name in members if name in schedule}
    return found | {name: moment(found[name]) for name in DATES if name in found}


def list_schedules(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of schedules, by group and name (ListSchedules)."""
    wanted = records.group_of(call, request) if "GroupName" in request else None
    every = sorted(records.schedules(call.cloud, call.region).all(), key=lambda each: each[0])
    members = ("Arn", "GroupName", "Name", "State", "CreationDate", "LastModificationDate")
    found = [
        shown(schedule, members) | {"Target": {"Arn": schedule["Target"]["Arn"]}}
        for _, schedule in every
        if wanted in (None, schedule["GroupName"])
        and schedule["Name"].startswith(request.get("NamePrefix", ""))
        and request.get("State") in (None, schedule["State"])
    ]
    return records.page("Schedules", found, request)


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a schedule (DeleteSchedule)."""
    group = request.get("GroupName", DEFAULT)
    if not records.schedules(call.cloud, call.region).delete(f"{group}/{request['Name']}"):
        raise records.missing(f"Schedule {request['Name']} does not exist.")
    return {}


OPERATIONS: dict[str, Operation] = {
    "CreateSchedule": create,
    "UpdateSchedule": update,
    "GetSchedule": get,
    "ListSchedules": list_schedules,
    "DeleteSchedule": delete,
}
