"""Schedules and their groups in the cloud's state, and when each schedule is due."""

import base64
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from slipway.cloud.cloud import Cloud
from slipway.cloud.schedules import following
from slipway.cloud.service import Call, ServiceError, invalid
from slipway.cloud.state import Documents

SCHEDULE, GROUP, TAGS = "Schedule", "ScheduleGroup", "ScheduleTags"
DEFAULT = "default"
PAGE = 100

Schedule = dict[str, Any]


def schedules(cloud: Cloud, region: str) -> Documents:
    """Return the documents of schedules, by `GROUP/NAME`."""
    return cloud.state.documents(region, SCHEDULE)


def groups(cloud: Cloud, region: str) -> Documents:
    """Return the documents of groups, by name; the default one is not there until it has tags."""
    return cloud.state.documents(region, GROUP)


def arn(cloud: Cloud, region: str, group: str, name: str) -> str:
    """Return the ARN of a schedule."""
    return f"arn:aws:scheduler:{region}:{cloud.account}:schedule/{group}/{name}"


def group_arn(cloud: Cloud, region: str, name: str) -> str:
    """Return the ARN of a group."""
    return f"arn:aws:scheduler:{region}:{cloud.account}:schedule-group/{name}"


def group_of(call: Call, request: Mapping[str, Any]) -> str:
    """Return the group that a request means; ServiceError where there is none."""
    name = str(request.get("GroupName", DEFAULT))
    if name != DEFAULT and groups(call.cloud, call.region).get(name) is None:
        raise missing(f"Schedule group {name} does not exist.")
    return name


def found(call: Call, group: str, name: str) -> Schedule:
    """Return a schedule; ServiceError where there is none."""
    schedule = schedules(call.cloud, call.region).get(f"{group}/{name}")
    if schedule is None:
        raise missing(f"Schedule {name} does not exist.")
    return schedule


def missing(message: str) -> ServiceError:
    """Return the refusal for what does not exist."""
    return ServiceError("ResourceNotFoundException", message, 404)


def conflict(message: str) -> ServiceError:
    """Return the refusal of a name that is taken."""
    return ServiceError("ConflictException", message, 409)


def advanced(schedule: Schedule, after: float) -> Schedule:
    """Return a schedule with its next occurrence after a time, and the moment at which that is due.

    Within a flexible window it is due at a moment that depends on the schedule and the occurrence alone.
    """
    occurrence = None if schedule["State"] == "DISABLED" else occurrence_of(schedule, after)
    offset = 0
    window = schedule["FlexibleTimeWindow"]
    if occurrence is not None and window["Mode"] == "FLEXIBLE":
        digest = sha256(f"{schedule['Arn']}/{occurrence}".encode()).digest()
        offset = int.from_bytes(digest[:4], "big") % (window["MaximumWindowInMinutes"] * 60)
    due = None if occurrence is None else occurrence + offset
    return schedule | {"Occurrence": occurrence, "Next": due}


def occurrence_of(schedule: Mapping[str, Any], after: float) -> float | None:
    """Return when a schedule occurs next after a time; None when it does not any more. BadSchedule."""
    start, end = schedule.get("StartDate"), schedule.get("EndDate")
    begin = max(after, start - 1) if start is not None else after
    since = schedule["CreationDate"] if start is None else start
    zone = ZoneInfo(schedule["ScheduleExpressionTimezone"])
    moments = (datetime.fromtimestamp(time, UTC) for time in (begin, since))
    occurrence = following(schedule["ScheduleExpression"], zone, *moments)
    if occurrence is None or (end is not None and occurrence.timestamp() > end):
        return None
    return occurrence.timestamp()


def page(member: str, items: Iterable[Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """Return a page of a list whose order does not change."""
    every = list(items)
    try:
        start = int(base64.b64decode(request.get("NextToken", "") or b"MA=="))
    except ValueError as error:
        raise invalid("Invalid NextToken.") from error
    end = start + request.get("MaxResults", PAGE)
    token = base64.b64encode(str(end).encode()).decode() if end < len(every) else None
    return {member: every[start:end], "NextToken": token}
