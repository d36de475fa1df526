"""The trail of a model package: each step of its way, in its CustomerMetadataProperties. Pure.

Its form is that of `slipway approve`, which reads it as well: `Decision-<time>-<salt>` is
"<action> by <who>: <why>", `LastDecision` names the newest.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

PREFIX = "Decision-"
LAST = "LastDecision"
LONGEST = 256  # characters of a property's value
KEPT = 30  # steps; a package has at most 50 properties
FORBIDDEN = re.compile(r"[^\w\s.:/=+\-@]")
READ = re.compile(r"(?P<action>\w+( (for|to) \w+)?) by (?P<who>.*?)(: (?P<why>.*))?$", re.S)
TIME = "%Y%m%dT%H%M%S.%fZ"
ENDS = ("Rejected", "Refused")  # after which only a new approval leads on


@dataclass(frozen=True)
class Step:
    """One step: who did what, and why."""

    action: str  # "Approved", "Released to staging"
    who: str
    why: str
    key: str = ""


def plain(text: str) -> str:
    """Return a text in the alphabet of properties and tags."""
    return " ".join(FORBIDDEN.sub(" ", text).split())


def properties(steps: Sequence[Step], now: datetime, salt: str) -> dict[str, str]:
    """Return the properties that write steps down, in their order."""
    found: dict[str, str] = {}
    for number, step in enumerate(steps):
        moment = (now + timedelta(microseconds=number)).astimezone(UTC)
        key = f"{PREFIX}{moment.strftime(TIME)}-{salt}"
        found[key] = f"{step.action} by {plain(step.who)}: {plain(step.why)}"[:LONGEST].strip()
        found[LAST] = key
    return found


def trail(found: Mapping[str, str]) -> list[Step]:
    """Return the steps among a package's properties, the oldest first."""
    steps = []
    for key, value in sorted(found.items()):
        if key.startswith(PREFIX) and (said := READ.match(value)):
            steps.append(Step(said["action"], said["who"], said["why"] or "", key))
    return steps


def outdated(found: Mapping[str, str], new: int) -> list[str]:
    """Return the properties of the oldest steps, which `new` ones have to make room for.

    The latest end stays: releases are named after it.
    """
    steps = trail(found)
    ends = [step.key for step in steps if step.action in ENDS]
    return [step.key for step in steps[: -(KEPT - new)] if step.key not in ends[-1:]]


def since_end(found: Mapping[str, str]) -> list[Step]:
    """Return the steps after the latest one that was an end, all where there is none."""
    after = list[Step]()
    for step in trail(found):
        after = [] if step.action in ENDS else [*after, step]
    return after


def has(steps: Iterable[Step], *actions: str) -> bool:
    """Tell whether one of some actions is among the steps."""
    return any(step.action in actions for step in steps)
