"""When a secret rotates next, by its RotationRules. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from slipway.cloud.schedules import RATE, UNITS, BadSchedule, following
from slipway.cloud.service import ServiceError

DAY = 86400
SHORTEST = 4 * 3600  # seconds between two rotations, on AWS
ATTEMPTS = 5  # of one rotation, until its next time
PATIENCE = 60.0  # seconds until the second attempt; twice as many until each further one

Rules = Mapping[str, Any]


def checked(rules: Rules) -> Rules:
    """Return rules that can be followed; ServiceError for others."""
    schedule = rules.get("ScheduleExpression")
    if schedule and "AutomaticallyAfterDays" in rules:
        raise refused("expected either AutomaticallyAfterDays or ScheduleExpression, found both")
    if schedule:
        rate = RATE.fullmatch(schedule)
        if rate and int(rate[1]) * UNITS[rate[2].rstrip("s")] < SHORTEST:
            raise refused(f"{schedule}: a secret rotates every 4 hours at most")
        try:
            following(schedule, ZoneInfo("UTC"), *(datetime.now(UTC),) * 2)
        except BadSchedule as error:
            raise refused(f"{schedule}: {error}") from error
    return rules


def refused(text: str) -> ServiceError:
    """Return the refusal of rules."""
    return ServiceError("InvalidParameterException", f"RotationRules: {text}.")


def next_time(rules: Rules, last: float) -> float | None:
    """Return when a secret rotates after a rotation, in epoch seconds; None for never by itself."""
    if days := rules.get("AutomaticallyAfterDays"):
        return last + float(days) * DAY
    if schedule := rules.get("ScheduleExpression"):
        since = datetime.fromtimestamp(last, UTC)
        found = following(schedule, ZoneInfo("UTC"), since, since)
        return found.timestamp() if found else None
    return None


def retry(failures: int, at: float) -> float | None:
    """Return when a rotation that failed so often is tried again; None: not before its next time."""
    return at + PATIENCE * 2 ** (failures - 1) if failures < ATTEMPTS else None
