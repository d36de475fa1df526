"""Who decided about a model package, when and why: a trail in its properties, the same on AWS. Pure.

Each decision is a property of its own, so none takes another's place: "Decision-<time>-<salt>" is
"Approved by <who>: <why>", of a stage "Approved for Production by <who>: <why>". What the platform
does with a package stands there in the same form ("Released to staging by …"). "LastDecision"
names the decision that was written last. A property takes 256 characters of a small alphabet; the
whole reason of the last decision is its ApprovalDescription.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

PREFIX = "Decision-"
LAST = "LastDecision"
LONGEST = 256  # characters of a property's value
KEPT = 30  # decisions; a package has at most 50 properties, and others want some
ENDS = ("Rejected", "Refused")  # after which only a new approval leads on
ALLOWED = re.compile(r"[^\w\s.:/=+\-@]")  # what a property may not hold
READ = re.compile(r"(?P<action>\w+( (for|to) \w+)?) by (?P<who>.*?)(: (?P<why>.*))?$", re.S)
TIME = "%Y%m%dT%H%M%S.%fZ"


@dataclass(frozen=True)
class Decision:
    """One step of a package's way: an approval, a rejection, a release."""

    key: str
    action: str  # "Approved", "Rejected for Production", "Released to staging"
    who: str
    why: str  # as far as a property holds it
    when: datetime


def decide(action: str, who: str, why: str, now: datetime, salt: str) -> Decision:
    """Return a new decision; `salt` tells it from others of the same moment."""
    key = f"{PREFIX}{now.astimezone(UTC).strftime(TIME)}-{salt}"
    return Decision(key, action, plain(who), plain(why), now)


def plain(text: str) -> str:
    """Return a text in the alphabet of properties."""
    return " ".join(ALLOWED.sub(" ", text).split())


def properties(decision: Decision) -> dict[str, str]:
    """Return the properties that write a decision down."""
    said = f"{decision.action} by {decision.who}: {decision.why}"
    return {decision.key: said[:LONGEST].strip(), LAST: decision.key}


def trail(found: Mapping[str, str]) -> list[Decision]:
    """Return the decisions among a package's properties, the oldest first."""
    decisions = []
    for key, value in found.items():
        said = READ.match(value)
        time = key.removeprefix(PREFIX).partition("-")[0]
        if key.startswith(PREFIX) and said:
            try:
                when = datetime.strptime(time, TIME).replace(tzinfo=UTC)
            except ValueError:
                continue
            decisions.append(Decision(key, said["action"], said["who"], said["why"] or "", when))
    return sorted(decisions, key=lambda each: each.key)


def outdated(found: Mapping[str, str]) -> list[str]:
    """Return the properties of the oldest decisions, which a new one has to make room for.

    The latest rejection or refusal stays: the platform's releases are named after it.
    """
    steps = trail(found)
    ends = [each.key for each in steps if each.action in ENDS]
    return [each.key for each in steps[: -KEPT + 1] if each.key not in ends[-1:]]


def rival(
    before: Mapping[str, str], after: Mapping[str, str], mine: Decision, stands: bool
) -> Decision | None:
    """Return somebody else's decision that goes before mine, though I had not seen it; None: mine stands.

    `before` was read before mine was written, `after` afterwards, and then the package's status was
    (`stands`) or was not the one that mine gave it. Of two at the same
    moment the first that was written stands: it finds the other one named as last, the other finds
    itself. Of more than two none is told that its decision stands, and never are two. One whose
    status is not the package's does not stand.
    """
    known = (*before, mine.key)
    unseen = [each for each in trail(after) if each.key not in known and competes(each, mine)]
    if not unseen:
        return None
    last = after.get(LAST)
    if stands and last != mine.key and len(unseen) == 1:
        return None
    return next((each for each in unseen if each.key == last), unseen[0])


def competes(other: Decision, mine: Decision) -> bool:
    """Tell whether two decisions are about the same: approval, or one stage of the way."""
    verb, _, about = other.action.partition(" ")
    return verb in ("Approved", "Rejected") and about == mine.action.partition(" ")[2]
