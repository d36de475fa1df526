"""The events that services publish, in the form in which EventBridge delivers them."""

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

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


class Events:
    """Hand each event to every subscriber, at once and in the publisher's thread."""

    def __init__(self) -> None:
        self._subscribers: list[Callable[[Event], None]] = []
        self._lock = threading.Lock()

    def subscribe(self, subscriber: Callable[[Event], None]) -> None:
        """Call `subscriber` with every event from now on; it must return quickly."""
        with self._lock:
            self._subscribers.append(subscriber)

    def publish(
        self,
        detail_type: str,
        detail: Mapping[str, Any],
        *,
        region: str,
        resources: tuple[str, ...] = (),
        source: str = "aws.sagemaker",
    ) -> None:
        """Publish one event; a subscriber that fails harms neither the others nor the publisher."""
        event = Event(source, detail_type, resources, detail, region, datetime.now(UTC))
        with self._lock:
            subscribers = tuple(self._subscribers)
        for subscriber in subscribers:
            try:
                subscriber(event)
            except Exception:
                log.exception("a subscriber failed on %s", detail_type)
