"""The operations of EventBridge: all of them are Slipway's."""

from functools import partial

from slipway.cloud.cloud import Cloud
from slipway.cloud.eventbridge import (
    buses,
    delivery,
    matching,
    put_events,
    refused,
    rule_targets,
    rules,
    tags,
    timed,
)
from slipway.cloud.eventbridge.coverage import COVERAGE
from slipway.cloud.service import Operation, Service

OPERATIONS: dict[str, Operation] = {
    **rules.OPERATIONS,
    **rule_targets.OPERATIONS,
    **put_events.OPERATIONS,
    **buses.OPERATIONS,
    **tags.OPERATIONS,
    **refused.OPERATIONS,
}


def start(cloud: Cloud) -> None:
    """Hear of every event from now on, and deliver what the last process did not."""
    cloud.events.keep(partial(matching.keep, cloud))
    cloud.outbox.sends(matching.KIND, partial(delivery.deliver, cloud))
    timed.start(cloud)


def stop(cloud: Cloud) -> None:
    """Make no more scheduled events."""
    timed.stop(cloud)
    matching.drop(cloud)


SERVICE = Service("events", OPERATIONS, COVERAGE, start, stop)
