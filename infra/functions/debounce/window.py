"""Which files landed together, and when their one execution is due. Pure.

Files belong to one window until none has come for a while. All that is known is one small state, which
is changed only if it is still the one that was read; every step may therefore be tried again.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

REMEMBERED = 10  # executions by which late and repeated messages are recognized
COARSE = 1.0  # seconds: an event's time is cut off to whole ones


@dataclass(frozen=True)
class Landed:
    """A file that landed, or a folder that is to be looked at whatever has landed."""

    key: str
    at: float  # epoch seconds, as its event says


@dataclass(frozen=True)
class Window:
    """Files that landed together and wait for quiet."""

    id: str
    folder: str  # the longest that they have in common; "" or ends with "/"
    last: float  # when the latest message came, epoch seconds
    tick: str  # the one delayed message that will look again


@dataclass(frozen=True)
class Started:
    """A window whose execution was started, or is being started."""

    id: str
    folder: str
    sealed: float  # when it took no more files, epoch seconds

    @property
    def token(self) -> str:
        """The ClientRequestToken of its execution: always the same one."""
        return hashlib.sha256(self.id.encode()).hexdigest()


@dataclass(frozen=True)
class State:
    """All that is known of a pipeline's windows."""

    open: Window | None = None
    starting: Started | None = None  # sealed; nobody has written down yet that it was started
    started: tuple[Started, ...] = ()  # the newest last


def to_document(state: State) -> dict[str, Any]:
    """Return a state as JSON takes it."""
    return asdict(state)


def from_document(document: dict[str, Any]) -> State:
    """Return the state of a document."""
    window, starting = document.get("open"), document.get("starting")
    return State(
        Window(**window) if window else None,
        Started(**starting) if starting else None,
        tuple(Started(**each) for each in document.get("started", ())),
    )


def folder_of(key: str) -> str:
    """Return the folder in which a key lies, "" or ending with "/"."""
    return key[: key.rfind("/") + 1]


def common_folder(folders: Iterable[str]) -> str:
    """Return the longest folder that holds all of some folders."""
    first, *others = list(folders)
    parts = first.split("/")[:-1]
    for other in others:
        theirs = other.split("/")[:-1]
        same = 0
        while same < min(len(parts), len(theirs)) and parts[same] == theirs[same]:
            same += 1
        parts = parts[:same]
    return "".join(f"{part}/" for part in parts)


def covered(state: State, landed: Landed) -> bool:
    """Tell whether a file was there already when an execution that reads it was started."""
    known = (*state.started, *([state.starting] if state.starting else ()))
    return any(
        landed.key.startswith(each.folder) and landed.at + COARSE <= each.sealed for each in known
    )


def arrived(state: State, files: Iterable[Landed], now: float, new: str) -> State:
    """Return the state after messages came; the same one when all of them are old news.

    `new` names the window, if one opens, and the tick that is to be sent after the state is kept.
    """
    folders = [folder_of(each.key) for each in files if not covered(state, each)]
    if not folders:
        return state
    before = state.open
    if before is None:
        window = Window(new, common_folder(folders), now, new)
    else:
        folder = common_folder([before.folder, *folders])
        window = Window(before.id, folder, max(now, before.last), new)
    return replace(state, open=window)


@dataclass(frozen=True)
class Wait:
    """Look again after so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Seal:
    """The window takes no more files: its execution is to be started."""

    state: State


def due(state: State, tick: str, now: float, quiet: float) -> Wait | Seal | None:
    """Return what a tick means; None: a newer one will look, or there is nothing to look at."""
    window = state.open
    if window is None or window.tick != tick:
        return None
    left = window.last + quiet - now
    if left > 0:
        return Wait(left)
    return Seal(replace(state, open=None, starting=Started(window.id, window.folder, now)))


def recorded(state: State, started: Started) -> State:
    """Return the state in which an execution is known to have been started."""
    if state.starting != started:
        return state  # somebody else wrote it down
    return replace(state, starting=None, started=(*state.started, started)[-REMEMBERED:])


def read_time(text: str) -> float:
    """Return the epoch seconds of an event's time, `2026-11-21T12:00:00Z`."""
    return datetime.fromisoformat(text).timestamp()
