"""The execution environments of a cloud: started when they are needed, kept while they are warm.

An environment takes one event at a time, so there are as many of a function as it has invocations at
once. One that nobody needed for a while is ended; so is one whose function was changed.
"""

import logging
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from slipway.cloud.awslambda.environment import Environment
from slipway.cloud.awslambda.errors import throttled
from slipway.cloud.awslambda.settings import settings
from slipway.cloud.cloud import Cloud

OLDEST = 1800.0  # seconds after which an environment is replaced: its credentials have an end
SWEPT = 2.0  # seconds between two looks for environments that are not needed
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Key:
    """What an environment was made for."""

    region: str
    function: str
    version: str
    revision: str


@dataclass
class Pool:
    """The environments of one cloud."""

    idle: dict[Key, list[Environment]] = field(default_factory=lambda: defaultdict(list))
    busy: dict[Environment, Key] = field(default_factory=dict)
    running: Counter[tuple[str, str]] = field(default_factory=Counter)  # by region and function
    stale: set[Environment] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopped: threading.Event = field(default_factory=threading.Event)
    sweeper: threading.Thread | None = None


_pools: dict[Cloud, Pool] = {}
_making = threading.Lock()


def pool(cloud: Cloud) -> Pool:
    """Return the environments of a cloud."""
    with _making:
        return _pools.setdefault(cloud, Pool())


def enter(cloud: Cloud, region: str, function: str, reserved: int | None, free: int) -> int:
    """Take a place for an invocation; return how many run now. TooManyRequestsException.

    `reserved` is the function's own number of places; without one, `free` is that of all such functions.
    """
    of, place = pool(cloud), (region, function)
    with of.lock:
        if reserved is not None and of.running[place] >= reserved:
            raise throttled("ReservedFunctionConcurrentInvocationLimitExceeded")
        if reserved is None and of.running.total() >= free:
            raise throttled("ConcurrentInvocationLimitExceeded")
        of.running[place] += 1
        return of.running[place]


def busy(cloud: Cloud) -> int:
    """Return how many invocations run now."""
    return pool(cloud).running.total()


def has_place(cloud: Cloud, region: str, function: str, reserved: int | None) -> bool:
    """Tell whether a function that has so many places for itself has one that is free."""
    return reserved is None or pool(cloud).running[region, function] < reserved


def leave(cloud: Cloud, region: str, function: str) -> None:
    """Give the place of an invocation back."""
    of = pool(cloud)
    with of.lock:
        of.running[region, function] -= 1


def take(cloud: Cloud, key: Key, make: Callable[[], Environment]) -> tuple[Environment, bool]:
    """Return an environment for one event, and whether it is new: a warm one, if there is one."""
    of, found = pool(cloud), None
    with of.lock:
        if waiting := of.idle.get(key):
            found = waiting.pop()
            of.busy[found] = key
    if found and found.is_alive():
        return found, False
    if found:  # it ended by itself since its last event
        give_back(cloud, found, usable=False)
    made = make()
    with of.lock:
        of.busy[made] = key
        if of.sweeper is None and not of.stopped.is_set():
            of.sweeper = threading.Thread(target=sweep, args=(of,), name="lambda", daemon=True)
            of.sweeper.start()
    return made, True


def give_back(cloud: Cloud, environment: Environment, usable: bool) -> None:
    """Keep an environment for the next event, or end it."""
    of = pool(cloud)
    environment.used = time.monotonic()
    with of.lock:
        key = of.busy.pop(environment)
        keep = usable and environment not in of.stale and not of.stopped.is_set()
        of.stale.discard(environment)
        if keep:
            of.idle[key].append(environment)
    if not keep:
        environment.end()


def forget(cloud: Cloud, region: str, function: str, version: str) -> None:
    """Use no more environments of a function's version ("" for all) that were made until now."""
    of, gone = pool(cloud), []
    with of.lock:
        for key in list(of.idle):
            if concerns(key, region, function, version):
                gone += of.idle.pop(key)
        of.stale |= {e for e, k in of.busy.items() if concerns(k, region, function, version)}
    for environment in gone:
        environment.end()


def concerns(key: Key, region: str, function: str, version: str) -> bool:
    """Tell whether an environment is one of a function's version."""
    return (key.region, key.function) == (region, function) and version in ("", key.version)


def sweep(of: Pool) -> None:
    """End environments that nobody needed for a while, or that are too old, until the cloud stops."""
    while not of.stopped.wait(SWEPT):
        now, gone = time.monotonic(), []
        with of.lock:
            for key, waiting in list(of.idle.items()):
                old = [e for e in waiting if is_old(e, now)]
                gone += old
                of.idle[key] = [e for e in waiting if e not in old]
                if not of.idle[key]:
                    del of.idle[key]
        for environment in gone:
            with suppress(Exception):
                environment.end()


def is_old(environment: Environment, now: float) -> bool:
    """Tell whether an idle environment is to be ended."""
    return now - environment.used > settings().idle or now - environment.started > OLDEST


def is_stopped(cloud: Cloud) -> bool:
    """Tell whether what fails now fails because the cloud stops."""
    return pool(cloud).stopped.is_set()


def stop(cloud: Cloud) -> None:
    """End all environments, those at work too."""
    of = pool(cloud)
    of.stopped.set()
    with of.lock:
        idle = [environment for waiting in of.idle.values() for environment in waiting]
        of.idle.clear()
        busy = list(of.busy)
    for environment in (*busy, *idle):
        environment.kill()
    for environment in idle:
        try:
            environment.end()
        except Exception:
            log.exception("an execution environment did not end")


def drop(cloud: Cloud) -> None:
    """Forget a cloud that has stopped."""
    with _making:
        _pools.pop(cloud, None)
