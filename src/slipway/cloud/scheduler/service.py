"""The operations of EventBridge Scheduler: all of them are Slipway's."""

from functools import partial

from slipway.cloud.cloud import Cloud
from slipway.cloud.scheduler import delivery, groups, schedules, timed
from slipway.cloud.scheduler.coverage import COVERAGE
from slipway.cloud.service import Operation, Service

OPERATIONS: dict[str, Operation] = {**schedules.OPERATIONS, **groups.OPERATIONS}


def start(cloud: Cloud) -> None:
    """Invoke what is due from now on, and what the last process did not."""
    cloud.outbox.sends(timed.KIND, partial(delivery.deliver, cloud))
    timed.start(cloud)


def stop(cloud: Cloud) -> None:
    """Invoke no more."""
    timed.stop(cloud)


SERVICE = Service("scheduler", OPERATIONS, COVERAGE, start, stop)
