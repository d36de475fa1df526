"""Make the ground repeatable: while a request is made, its clock stands and its dice are loaded.

Python code asks for the time and for random numbers through the names that its modules imported. `pin`
exchanges those names, in modules of one package only, for others that answer from the entry of the
journal. The rest of the process keeps its own clock.
"""

import datetime
import os
import random
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from slipway.cloud import clock
from slipway.cloud.ground import keys
from slipway.cloud.ground.variant import variant

_pinned = threading.local()


def now() -> float:
    """Return the time in epoch seconds: the pinned one in a thread that has one."""
    at: float | None = getattr(_pinned, "time", None)
    return clock.now() if at is None else at


def pass_time(seconds: float) -> None:
    """Move the pinned clock of this thread on, in place of waiting."""
    _pinned.time = now() + seconds


@contextmanager
def pinned(at: float, seed: int, dice: random.Random) -> Iterator[None]:
    """Let the clock of this thread stand at `at`, and let the dice fall as `seed` says. Nests."""
    before, rolled = getattr(_pinned, "time", None), dice.getstate()
    _pinned.time = at
    dice.seed(seed)
    try:
        yield
    finally:
        _pinned.time = before
        dice.setstate(rolled)


class _AnyDatetime(type):
    """Makes every datetime an instance, so that `isinstance` goes on to work."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime.datetime)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, datetime.datetime)


class _AnyDate(type):
    """The same for dates."""

    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime.date)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, datetime.date)


class PinnedDatetime(datetime.datetime, metaclass=_AnyDatetime):
    """`datetime` by the pinned clock. Every instance that it makes is a plain datetime."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make what the plain class makes."""
        return datetime.datetime(*args, **kwargs)

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> Any:
        """Return the pinned time."""
        return datetime.datetime.fromtimestamp(now(), tz)

    @classmethod
    def utcnow(cls) -> Any:
        """Return the pinned time in UTC, without a zone."""
        return cls.now(datetime.UTC).replace(tzinfo=None)

    @classmethod
    def today(cls) -> Any:
        """Return the pinned local time."""
        return cls.now()


class PinnedDate(datetime.date, metaclass=_AnyDate):
    """`date` by the pinned clock."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Make what the plain class makes."""
        return datetime.date(*args, **kwargs)

    @classmethod
    def today(cls) -> Any:
        """Return the pinned day."""
        return datetime.date.fromtimestamp(now())


def pin(package: str, dice: random.Random, done: set[str]) -> None:
    """Exchange the names in the modules of `package` that are loaded and not in `done`, and add them."""
    fresh = [name for name in sys.modules if name.startswith(package + ".") and name not in done]
    if not fresh:
        return
    table = substitutes(dice)
    for name in fresh:
        module = sys.modules[name]
        for attribute, value in list(vars(module).items()):
            if (substitute := table.get(id(value))) is not None:
                setattr(module, attribute, substitute)
        done.add(name)


def substitutes(dice: random.Random) -> dict[int, Any]:
    """Return what stands for which object, by its identity."""

    def uuid4() -> uuid.UUID:
        return uuid.UUID(int=dice.getrandbits(128), version=4)

    def uuid1(*_: object) -> uuid.UUID:
        return uuid.UUID(int=dice.getrandbits(128), version=1)

    rolls = ("choice", "choices", "getrandbits", "randbytes", "randint", "random", "randrange")
    own = {name: getattr(dice, name) for name in (*rolls, "sample", "shuffle", "uniform")}
    functions: list[tuple[Callable[..., Any], Callable[..., Any]]] = [
        (time.time, now),
        (uuid.uuid1, uuid1),
        (uuid.uuid4, uuid4),
        (os.urandom, dice.randbytes),
    ]
    modules = [
        variant(datetime, datetime=PinnedDatetime, date=PinnedDate),
        variant(time, time=now),
        variant(uuid, uuid1=uuid1, uuid4=uuid4),
        variant(os, urandom=dice.randbytes),
        variant(random, **own),
    ]
    if "cryptography.hazmat.primitives.asymmetric.ec" in sys.modules:
        modules += keys.variants()
    return {
        id(datetime.datetime): PinnedDatetime,
        id(datetime.date): PinnedDate,
        **{id(function): substitute for function, substitute in functions},
        **{id(sys.modules[module.__name__]): module for module in modules},
    }
