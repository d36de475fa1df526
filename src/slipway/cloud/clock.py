"""What time it is for the services of the cloud that act on time: asked here and nowhere else.

It is the machine's time, and as much later as somebody has moved it (`slipway clock --advance 1h`). It
never goes back. What waits for a time subscribes, and is woken when the clock is moved.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from slipway.cloud.state import State

KIND, NAME = "Clock", "ahead"  # of the document that keeps how far the clock was moved
STOPS = 10_000  # at which one advance stops at most
log = logging.getLogger(__name__)

Wake = Callable[[], None]
Due = Callable[[], float | None]


@dataclass(frozen=True, eq=False)
class Follower:
    """Who acts on time: how it is woken, and when it next has something to do, where it knows."""

    wake: Wake
    due: Due | None


@dataclass(frozen=True)
class Advance:
    """What moving the clock came to."""

    stops: int  # moments at which something was due
    whole: bool  # False: there were more of them than STOPS, and the rest was passed over


class Clock:
    """How far the time of this process's cloud is ahead of the machine's."""

    def __init__(self) -> None:
        self.ahead = 0.0  # seconds
        self._state: State | None = None
        self._followers: list[Follower] = []
        self._lock = threading.Lock()
        self._advancing = threading.Lock()

    def load(self, state: State) -> None:
        """Take up how far the clock was moved, and keep it there from now on."""
        kept = state.documents("", KIND).get(NAME) or {"seconds": 0.0}
        self._state, self.ahead = state, float(kept["seconds"])

    def subscribe(self, wake: Wake, due: Due | None) -> Callable[[], None]:
        """Wake somebody whenever the clock is moved; return what ends it."""
        follower = Follower(wake, due)
        with self._lock:
            self._followers.append(follower)

        def forget() -> None:
            with self._lock:
                self._followers.remove(follower)

        return forget

    def advance(self, seconds: float) -> Advance:
        """Move the clock, stopping wherever somebody has something to do."""
        if not seconds >= 0:
            raise ValueError(f"the clock never goes back; expected seconds of 0 or more: {seconds}")
        with self._advancing:
            end, stops = now() + seconds, 0
            last, coming = now(), self._coming(now(), end)
            while coming and stops < STOPS:
                last, stops = min(time for time, _ in coming), stops + 1
                self._move(last)
                self._wake(follower for time, follower in coming if time == last)
                self._wake(each for each in self._present() if each.due is None)
                coming = self._coming(last, end)
            self._move(end)
            self._wake(self._present())
            return Advance(stops, not coming)

    def _coming(self, after: float, until: float) -> list[tuple[float, Follower]]:
        """Return who has something to do in a span of time, and when first."""
        dues = [(asked(each), each) for each in self._present()]
        return [(time, each) for time, each in dues if time is not None and after < time <= until]

    def _move(self, to: float) -> None:
        ahead = self.ahead + max(0.0, to - now())
        if self._state:
            with self._state.transaction():
                kept = self._state.documents("", KIND)
                if not kept.create(NAME, {"seconds": ahead}):
                    kept.replace(NAME, {"seconds": ahead})
        self.ahead = ahead

    def _wake(self, followers: Iterable[Follower]) -> None:
        for each in followers:
            try:
                each.wake()
            except Exception:
                log.exception("somebody who follows the clock failed")

    def _present(self) -> tuple[Follower, ...]:
        with self._lock:
            return tuple(self._followers)


def asked(follower: Follower) -> float | None:
    """Return when a follower next has something to do."""
    try:
        return follower.due() if follower.due else None
    except Exception:
        log.exception("somebody who follows the clock does not know when")
        return None


CLOCK = Clock()  # there is one cloud in a process, and one time


def now() -> float:
    """Return the time in epoch seconds."""
    return time.time() + CLOCK.ahead


def subscribe(wake: Wake, due: Due | None = None) -> Callable[[], None]:
    """Have `wake` called whenever the clock was moved; return what ends it.

    An advance stops at every time that `due` returns, in their order, and calls `wake` there: what does
    all that is due before it returns sees each moment as if the time had passed.
    """
    return CLOCK.subscribe(wake, due)


def wait_until(at: float, woken: threading.Event) -> bool:
    """Wait until a time of the cloud's, or until `woken` is set; tell whether the time has come.

    The clock sets `woken` too, when it is moved. A thread of a service waits so in its loop.
    """
    forget = subscribe(woken.set)
    try:
        woken.wait(max(0.0, at - now()))
    finally:
        forget()
    return now() >= at
