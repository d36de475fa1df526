"""What SQS tells CloudWatch of a queue: what is in it at the end of each minute, what is sent and taken.

Source: the SQS developer guide, "Available CloudWatch metrics for Amazon SQS".
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

ACTIVE = 6 * 3600  # seconds after the last request for which an empty queue counts as active
MINUTE = 60
LONGEST = 86400  # seconds that are looked back on at most, after the clock was moved far
POISON = 3  # receives after which a message no longer says how old a queue is
NOTHING = {"NumberOfMessagesSent": 0, "NumberOfMessagesReceived": 0, "NumberOfMessagesDeleted": 0}
DELETED = {"NumberOfMessagesDeleted": 1}

Tell = Callable[
    [str, str, Mapping[str, float], float], None
]  # region, queue, values by metric, epoch seconds


def ends(after: float, until: float) -> range:
    """Return the ends of the minutes in a stretch of time, `after` excluded. Pure."""
    last = int(until) // MINUTE * MINUTE
    first = int(after) // MINUTE * MINUTE + MINUTE
    return range(max(first, last - LONGEST), last + 1, MINUTE)


def standing(queue: Any, minutes: Sequence[int]) -> Iterator[tuple[int, dict[str, float]]]:
    """Yield what a queue says at the end of each minute in which it is active."""
    messages = queue._messages
    ready = sorted(max(m.visible_at, m.delayed_until) for m in messages)  # milliseconds
    visible_at = sorted(m.visible_at for m in messages)
    delayed_until = sorted(m.delayed_until for m in messages)
    oldest = min((m.entered for m in messages if queue.fifo_queue or not poison(m)), default=None)
    for end in minutes:
        if not messages and end - getattr(queue, "used", queue.created_timestamp) > ACTIVE:
            continue
        at = 1000 * end
        values: dict[str, float] = {**NOTHING}
        values["ApproximateNumberOfMessagesVisible"] = bisect_left(ready, at)
        if held := len(messages) - bisect_left(visible_at, at):
            values["ApproximateNumberOfMessagesNotVisible"] = held
        if delayed := len(messages) - bisect_right(delayed_until, at):
            values["ApproximateNumberOfMessagesDelayed"] = delayed
        if oldest is not None:
            values["ApproximateAgeOfOldestMessage"] = max(0, int(end - oldest))
        if queue.fifo_queue:
            groups = {m.group_id for m in messages if m.visible_at >= at}
            values["ApproximateNumberOfGroupsWithInflightMessages"] = len(groups)
        yield end, values


def poison(message: Any) -> bool:
    """Tell whether a message was received from its queue again and again."""
    received: int = message.approximate_receive_count - message.received_before
    return received >= POISON


def sent(message: Any, added: bool) -> dict[str, float]:
    """Return what sending a message counts as; `added`: it was no duplicate."""
    if not added:
        return {"NumberOfDeduplicatedSentMessages": 1}
    return {"NumberOfMessagesSent": 1, "SentMessageSize": size(message)}


def size(message: Any) -> int:
    """Return the bytes of a message: its body, and the names, types and values of its attributes."""
    found = len(message.body.encode())
    for name, value in message.message_attributes.items():
        for part in (
            name,
            value.get("DataType"),
            value.get("StringValue"),
            value.get("BinaryValue"),
        ):
            found += len(part.encode() if isinstance(part, str) else part or b"")
    return found


def received(count: int) -> dict[str, float]:
    """Return what a receive counts as that returned so many messages."""
    return {"NumberOfMessagesReceived": count} if count else {"NumberOfEmptyReceives": 1}
