"""Pieces of work that go on after the answer to a request, each in a thread of its own.

What they do is in the state before they begin, so that the next process takes it up.
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from slipway.cloud import faults
from slipway.cloud.cloud import Cloud

log = logging.getLogger(__name__)

FULL = 1.0  # seconds until something is written again to a disk that was full
LAST = 5.0  # seconds that a thread gets when the cloud ends

Written = TypeVar("Written")

_threads: dict[threading.Thread, Path] = {}
_ended: set[Path] = set()  # the homes of clouds that end: what fails now fails for that reason
_lock = threading.Lock()


class Interrupted(Exception):
    """The cloud ends: the next one takes this up."""


def begin(
    cloud: Cloud, name: str, work: Callable[[], None], trouble: Callable[[str], None]
) -> None:
    """Do a piece of work in a thread; `trouble` is called with the reason of an error of ours."""

    def run() -> None:
        try:
            work()
        except Interrupted:
            pass
        except Exception as error:
            log.exception("%s", name)
            if not ending(cloud):
                trouble(f"InternalServerError: an error in Slipway: {error!r}")
        finally:
            with _lock:
                _threads.pop(threading.current_thread(), None)

    thread = threading.Thread(target=run, name=name, daemon=True)
    with _lock:
        _threads[thread] = cloud.home
    thread.start()


def insist(what: str, write: Callable[[], Written]) -> Written:
    """Write something to the state; a full disk only delays it."""
    while True:
        try:
            return write()
        except sqlite3.OperationalError as error:
            if not faults.disk_full(error):
                raise
            log.error("%s changed; the disk is full, so this is written later", what)
            time.sleep(FULL)


def ending(cloud: Cloud) -> bool:
    """Tell whether a cloud is being stopped."""
    return cloud.home in _ended


def unless_ending(cloud: Cloud) -> None:
    """Raise Interrupted when a cloud is being stopped: what looks like a failure is none."""
    if ending(cloud):
        raise Interrupted


def reopen(cloud: Cloud) -> None:
    """Take work again for a state folder that another cloud of this process has left."""
    with _lock:
        _ended.discard(cloud.home)


def close(cloud: Cloud) -> list[threading.Thread]:
    """Let what runs notice that the cloud ends; return the threads to wait for."""
    with _lock:
        _ended.add(cloud.home)
        return [thread for thread, home in _threads.items() if home == cloud.home]


def join(threads: list[threading.Thread]) -> None:
    """Wait for threads, not for ever."""
    for thread in threads:
        thread.join(LAST)
