"""Schedules whose time has come: written down for their targets, and gone when they are complete."""

import uuid
from collections.abc import Iterator

from slipway.cloud.clock import now
from slipway.cloud.cloud import Cloud
from slipway.cloud.running import Running
from slipway.cloud.scheduler import records
from slipway.cloud.scheduler.records import Schedule
from slipway.cloud.timer import LATE, Timer

KIND = "scheduler"  # of the parcels
TIMERS = Running(lambda cloud: Timer("scheduler", lambda: due(cloud), lambda: run(cloud)))
start, stop, wake = TIMERS.start, TIMERS.stop, TIMERS.wake


def waiting(cloud: Cloud) -> Iterator[tuple[float, str, str, Schedule]]:
    """Yield the time, region, key and document of every schedule that is due some time."""
    for region in cloud.state.regions(records.SCHEDULE):
        for key, schedule in records.schedules(cloud, region).all():
            if schedule.get("Next") is not None:
                yield schedule["Next"], region, key, schedule


def due(cloud: Cloud) -> float | None:
    """Return when the next schedule is due."""
    return min((time for time, *_ in waiting(cloud)), default=None)


def run(cloud: Cloud) -> None:
    """Write down the invocations that are due, each with the change of when the next one is."""
    with cloud.state.transaction():
        for time, region, key, schedule in sorted(waiting(cloud), key=lambda each: each[:3]):
            if time > now():
                return
            body = {
                "region": region,
                "arn": schedule["Arn"],
                "group": schedule["GroupName"],
                "target": schedule["Target"],
                "occurrence": schedule["Occurrence"],
                "execution": str(uuid.uuid4()),
            }
            cloud.outbox.put(KIND, schedule["Arn"], body)
            after = now() if time < now() - LATE else schedule["Occurrence"]
            following = records.advanced(schedule, after)
            if following["Next"] is None and schedule["ActionAfterCompletion"] == "DELETE":
                records.schedules(cloud, region).delete(key)
            else:
                records.schedules(cloud, region).replace(key, following)
