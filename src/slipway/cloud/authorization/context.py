"""The condition keys by which policies know a request; those that take a look-up are looked up when asked for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from slipway.cloud import clock
from slipway.cloud.identity import Identity

Values = Sequence[str]
Tags = Mapping[str, str]


class Context(Mapping[str, Values]):
    """Condition keys in lower case, some of them found only when a policy asks."""

    def __init__(self, known: Mapping[str, Values], looked_up: Mapping[str, Callable[[], Tags]]):
        """Take what is known, and for families of keys (`aws:resourcetag/`) what finds their tags."""
        self._known = dict(known)
        self._looked_up = looked_up

    def __getitem__(self, key: str) -> Values:
        if key in self._known:
            return self._known[key]
        family, slash, name = key.partition("/")
        if not slash or (find := self._looked_up.get(f"{family}/")) is None:
            raise KeyError(key)
        tags = {tag.lower(): value for tag, value in find().items()}
        value = self._known[key] = (tags[name],)
        return value

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def of_everybody(who: Identity, principal_id: str, region: str, agent: str) -> dict[str, Values]:
    """Return the keys that every request has."""
    now = clock.now()
    keys = {
        "aws:currenttime": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"),
        "aws:epochtime": str(int(now)),
        "aws:securetransport": "true",  # loopback counts as TLS
        "aws:requestedregion": region,
        "aws:viaawsservice": "false",
        "aws:useragent": agent,
        "aws:resourceaccount": who.account,
    }
    session = who.session
    if session and session.service:
        keys |= {
            "aws:principalisawsservice": "true",
            "aws:principalservicename": session.service,
            "aws:sourcearn": session.source_arn,
            "aws:sourceaccount": who.account,
        }
        return {key: (value,) for key, value in keys.items()}
    keys |= {
        "aws:principalarn": who.policies_of or who.arn,
        "aws:principalaccount": who.account,
        "aws:principaltype": "AssumedRole" if session else "User" if who.policies_of else "Account",
        "aws:principalisawsservice": "false",
        "aws:userid": principal_id,
    }
    if session is None and who.policies_of:
        keys["aws:username"] = who.policies_of.rpartition("/")[2]
    if session:
        keys["aws:tokenissuetime"] = datetime.fromtimestamp(session.issued, UTC).isoformat()
        if session.source_identity:
            keys["aws:sourceidentity"] = session.source_identity
    return {key: (value,) for key, value in keys.items()}


def of_tags(members: Mapping[str, Any]) -> dict[str, Values]:
    """Return the keys of the tags that a request puts on something or takes away."""
    tags = tags_in(members)
    found: dict[str, Values] = {
        f"aws:requesttag/{key.lower()}": (value,) for key, value in tags.items()
    }
    removed = members.get("TagKeys") or members.get("tagKeys") or ()
    names = (*tags, *(key for key in removed if isinstance(key, str)))
    if names:
        found["aws:tagkeys"] = names
    return found


def tags_in(members: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags in a request, in whichever of AWS's forms."""
    given = members.get("Tags") or members.get("tags") or members.get("TagList") or ()
    if isinstance(given, Mapping):
        return {str(key): str(value) for key, value in given.items()}
    found = {}
    for tag in given:
        if isinstance(tag, Mapping):
            by_name = {name.lower().removeprefix("tag"): value for name, value in tag.items()}
            if "key" in by_name:
                found[str(by_name["key"])] = str(by_name.get("value") or "")
    return found
