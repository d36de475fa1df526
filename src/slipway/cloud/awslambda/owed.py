"""The outbox of Lambda: events that are to be handled, and what others are to be told of them."""

import threading

from slipway.cloud.cloud import Cloud
from slipway.cloud.outbox import Outbox

WORKERS = 64  # events that are handled at once
_outboxes: dict[Cloud, Outbox] = {}
_making = threading.Lock()


def outbox(cloud: Cloud) -> Outbox:
    """Return what is owed by a cloud's functions."""
    with _making:
        if cloud not in _outboxes:
            _outboxes[cloud] = Outbox(cloud.state, WORKERS)
        return _outboxes[cloud]


def stop(cloud: Cloud) -> None:
    """Begin nothing more; what is not done is for the next process."""
    with _making:
        found = _outboxes.pop(cloud, None)
    if found:
        found.stop()
