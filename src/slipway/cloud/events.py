"""The events that services publish, in the form in which EventBridge delivers them."""

import logging
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from slipway.cloud.clock import now
from slipway.cloud.state import State

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Event:
    """One EventBridge event."""

    source: str  # "aws.sagemaker"
    detail_type: str
    resources: tuple[str, ...]
    detail: Mapping[str, Any]
    region: str
    time: datetime
    id: str = field(default_factory=lambda: str(uuid.uuid4()))


Hear = Callable[[Event], None]


class Events:
    """Tells services of a change when it is committed; what is owed to others is written with it."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._keepers: list[Hear] = []
        self._subscribers: list[Hear] = []
        self._lock = threading.Lock()

    def subscribe(self, subscriber: Hear) -> None:
        """Call `subscriber` with every event from now on, after its change; it must return quickly."""
        with self._lock:
            self._subscribers.append(subscriber)

    def keep(self, keeper: Hear) -> None:
        """Call `keeper` with every event from now on, in the transaction of its change, to write there."""
        with self._lock:
            self._keepers.append(keeper)

    def publish(
        self,
        detail_type: str,
        detail: Mapping[str, Any],
        *,
        region: str,
        resources: tuple[str, ...] = (),
        source: str = "aws.sagemaker",
        time: float | None = None,
    ) -> None:
        """Publish one event, in the transaction of the change that it tells of.

        It is told when that is committed, in the order of the changes, and never if it is rolled back. A
        subscriber that fails harms neither the others nor the publisher.
        """
        moment = datetime.fromtimestamp(now() if time is None else time, UTC)
        event = Event(source, detail_type, resources, detail, region, moment)
        with self._lock:
            keepers = tuple(self._keepers)
        with self._state.transaction():
            for keep in keepers:
                keep(event)
            self._state.when_committed(partial(self._tell, event))

    def _tell(self, event: Event) -> None:
        with self._lock:
            subscribers = tuple(self._subscribers)
        for subscriber in subscribers:
            try:
                subscriber(event)
            except Exception:
                log.exception("a subscriber failed on %s", event.detail_type)
