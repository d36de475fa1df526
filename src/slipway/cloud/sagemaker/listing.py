"""One page of a list operation: filters, order and tokens, the same for every kind of resource. Pure."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from slipway.cloud.service import ServiceError

Item = Mapping[str, Any]

PAGE = 10  # items, where the caller names no number


@dataclass(frozen=True)
class Listing:
    """How one List operation filters and sorts its items, which are documents or summaries.

    Members that hold a time may be ISO strings, epoch seconds or datetimes.
    """

    name: str  # the member that holds the name, "TrainingJobName"
    sort: Mapping[str, str]  # the values of SortBy → the member to sort by
    sort_by: str = "CreationTime"  # the default of SortBy
    order: str = "Ascending"  # the default of SortOrder
    # request member → item member that must be at least (not before) this time
    since: Mapping[str, str] = field(
        default_factory=lambda: {
            "CreationTimeAfter": "CreationTime",
            "LastModifiedTimeAfter": "LastModifiedTime",
        }
    )
    # request member → item member that must be before this time
    before: Mapping[str, str] = field(
        default_factory=lambda: {
            "CreationTimeBefore": "CreationTime",
            "LastModifiedTimeBefore": "LastModifiedTime",
        }
    )
    equal: Mapping[str, str] = field(default_factory=dict)  # request member → item member
    prefix: str = ""  # the request member that holds the start of a name, "PipelineNamePrefix"
    unique: str = ""  # the member that tells items of one name apart, where names are shared

    def page(
        self, items: Iterable[Item], request: Mapping[str, Any]
    ) -> tuple[list[Item], str | None]:
        """Return the items that the request asks for, and the token of the next page, if any.

        A token names the last item of its page, so a page neither repeats nor skips an item when
        others come or go meanwhile.

        Raises:
            ServiceError: NextToken is not one that this request's filters and order gave.
        """
        member = self.sort[request.get("SortBy", self.sort_by)]
        backwards = request.get("SortOrder", self.order) == "Descending"
        keyed = [
            (position(item.get(member)), str(item[self.unique or self.name]), item)
            for item in items
            if self.wanted(item, request)
        ]
        keyed.sort(key=lambda entry: entry[:2], reverse=backwards)
        digest = fingerprint(request)
        if "NextToken" in request:
            last = read_token(request["NextToken"], digest)
            keyed = [e for e in keyed if (e[:2] < last if backwards else e[:2] > last)]
        size = request.get("MaxResults", PAGE)
        more = len(keyed) > size
        token = write_token(keyed[size - 1][:2], digest) if more else None
        return [item for _, _, item in keyed[:size]], token

    def wanted(self, item: Item, request: Mapping[str, Any]) -> bool:
        """Tell whether an item passes the request's filters."""
        return (
            request.get("NameContains", "") in item[self.name]
            and item[self.name].startswith(request.get(self.prefix, ""))
            and all(since(item.get(m), request[f]) for f, m in self.since.items() if f in request)
            and all(before(item.get(m), request[f]) for f, m in self.before.items() if f in request)
            and all(item.get(m) == request[f] for f, m in self.equal.items() if f in request)
        )


def since(value: Any, limit: datetime) -> bool:
    """Tell whether a stored time is at or after a limit."""
    return value is not None and moment(value) >= limit


def before(value: Any, limit: datetime) -> bool:
    """Tell whether a stored time is before a limit."""
    return value is not None and moment(value) < limit


def moment(value: Any) -> datetime:
    """Return a stored time as an aware datetime."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    time = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def position(value: Any) -> str:
    """Return a value in a form that sorts as the value does: times by their ISO form in UTC."""
    if isinstance(value, int | float | datetime):
        return moment(value).astimezone(UTC).isoformat(timespec="microseconds")
    return str(value or "")


def fingerprint(request: Mapping[str, Any]) -> str:
    """Return what a token and the request that uses it must agree on: all but page and its size."""
    rest = {k: str(v) for k, v in request.items() if k not in ("NextToken", "MaxResults")}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()[:16]


def write_token(last: tuple[str, str], digest: str) -> str:
    """Return the token of the page that begins after an item."""
    return base64.urlsafe_b64encode(json.dumps([digest, *last]).encode()).decode()


def read_token(token: str, digest: str) -> tuple[str, str]:
    """Return the position in a token; ServiceError when it is not of this request."""
    try:
        of, member, name = json.loads(base64.urlsafe_b64decode(token))
    except (ValueError, TypeError, RecursionError):
        of, member, name = "", "", ""
    if of != digest:
        raise ServiceError("ValidationException", "Invalid NextToken: not of this list request.")
    return member, name
