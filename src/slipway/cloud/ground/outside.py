"""What a request on the ground takes from outside of it: recorded the first time, the same ever after.

An object of S3 may be gone when the journal is replayed, and a private key cannot be made twice.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

log = logging.getLogger(__name__)


class Outside(Protocol):
    """The world beyond the ground, during one request."""

    def take(self, name: str, find: Callable[[], bytes | None]) -> bytes | None:
        """Return a value: what `find` returns, or what it returned when the request was first made."""

    def do(self, act: Callable[[], None]) -> None:
        """Do what a request does to the world, once only."""

    def unchanged(self) -> None:
        """Note that the request has changed nothing on the ground."""

    def about(self, message: str) -> None:
        """Note that the request is about a message of a queue."""

    def gone(self, message: str) -> None:
        """Note that the request has deleted a message."""


class Noted:
    """What a request does to the messages of queues."""

    def __init__(self) -> None:
        self.idle = False  # the request has changed nothing
        self.messages: set[str] = set()  # that it is about
        self.deleted: set[str] = set()

    def unchanged(self) -> None:
        """Note it: the request need not be made again."""
        self.idle = True

    def about(self, message: str) -> None:
        """Note it."""
        self.messages.add(message)

    def gone(self, message: str) -> None:
        """Note it."""
        self.deleted.add(message)


class Made(Noted):
    """The world of a request that is made for the first time."""

    def __init__(self, record: Callable[[int, str, bytes | None], None]) -> None:
        super().__init__()
        self._record, self._count = record, 0

    def take(self, name: str, find: Callable[[], bytes | None]) -> bytes | None:
        """Find a value and record it."""
        value = find()
        self._record(self._count, name, value)
        self._count += 1
        return value

    def do(self, act: Callable[[], None]) -> None:
        """Do it."""
        act()


class Recorded(Noted):
    """The world of a request that is made again."""

    def __init__(self, values: list[tuple[str, bytes | None]]) -> None:
        super().__init__()
        self._values = iter(values)

    def take(self, name: str, find: Callable[[], bytes | None]) -> bytes | None:
        """Return the recorded value; find it anew only where the record has another."""
        recorded, value = next(self._values, ("", None))
        if recorded == name:
            return value
        log.warning("the journal was to have %r, found %r", name, recorded)
        return find()

    def do(self, act: Callable[[], None]) -> None:
        """Do nothing: it was done."""


class Now:
    """The world of a request that only reads."""

    def take(self, name: str, find: Callable[[], bytes | None]) -> bytes | None:
        """Find a value."""
        return find()

    def do(self, act: Callable[[], None]) -> None:
        """Do it."""
        act()

    def unchanged(self) -> None:
        """Do nothing: a request that only reads is in no journal."""

    def about(self, message: str) -> None:
        """Do nothing."""

    def gone(self, message: str) -> None:
        """Do nothing."""


NOW = Now()
_current: ContextVar[Outside] = ContextVar("outside", default=NOW)


def current() -> Outside:
    """Return the world of the present request."""
    return _current.get()


@contextmanager
def using(outside: Outside) -> Iterator[None]:
    """Let this be the world of what happens within."""
    token = _current.set(outside)
    try:
        yield
    finally:
        _current.reset(token)
