"""SQS's queues: a long poll that waits for nothing, a poll that changes nothing, and a look at what waits.

A message that is sent counts the messages of its queue: with one look at the clock, not with three for each.

While the ground makes a request its clock stands, so a queue without messages answers at once.
"""

from typing import Any

from slipway.cloud.ground.outside import current
from slipway.cloud.ground.pinned import now, pass_time


def bridge() -> None:
    """Let a queue without messages answer at once, and say when receiving has changed nothing."""
    from moto.sqs.models import Queue, SQSBackend

    receive = original(SQSBackend.receive_message)
    add, delete = original(Queue.add_message), original(Queue.delete_message)
    change = original(SQSBackend.change_message_visibility)

    def wait_for_messages(_: Any, timeout: float) -> None:
        pass_time(timeout)

    def receive_message(backend: Any, queue_name: str, *args: Any, **kwargs: Any) -> Any:
        queue = backend.get_queue(queue_name)
        before = len(queue._messages)
        found = receive(backend, queue_name, *args, **kwargs)
        if not found and len(queue._messages) == before:  # none went to a dead-letter queue either
            current().unchanged()
        for message in found:
            about(queue, message.id)
        return found

    def add_message(queue: Any, message: Any) -> None:
        add(queue, message)
        about(queue, message.id)

    def delete_message(queue: Any, receipt_handle: str) -> None:
        found = [m.id for m in queue._messages if m.had_receipt_handle(receipt_handle)]
        delete(queue, receipt_handle)
        for message in found:
            about(queue, message)
            current().gone(message)

    def change_message_visibility(
        backend: Any, queue_name: str, receipt_handle: str, *args: Any, **kwargs: Any
    ) -> None:
        change(backend, queue_name, receipt_handle, *args, **kwargs)
        queue = backend.get_queue(queue_name)
        for message in queue._messages:
            if message.had_receipt_handle(receipt_handle):
                about(queue, message.id)

    def messages(queue: Any) -> list[Any]:
        at = 1000 * now()
        return [m for m in queue._messages if m.visible_at < at and m.delayed_until <= at]

    def delayed(queue: Any) -> int:
        at = 1000 * now()
        return sum(m.delayed_until > at for m in queue._messages)

    def held(queue: Any) -> int:
        at = 1000 * now()
        return sum(m.visible_at >= at for m in queue._messages)

    receive_message.__wrapped__ = receive  # type: ignore[attr-defined]
    add_message.__wrapped__ = add  # type: ignore[attr-defined]
    delete_message.__wrapped__ = delete  # type: ignore[attr-defined]
    change_message_visibility.__wrapped__ = change  # type: ignore[attr-defined]
    Queue.add_message = add_message  # type: ignore[method-assign, assignment]
    Queue.delete_message = delete_message  # type: ignore[method-assign, assignment]
    SQSBackend.change_message_visibility = change_message_visibility  # type: ignore[method-assign, assignment]
    Queue.messages = property(messages)  # type: ignore[assignment]
    Queue.approximate_number_of_messages_delayed = property(delayed)  # type: ignore[assignment]
    Queue.approximate_number_of_messages_not_visible = property(held)  # type: ignore[assignment]
    Queue.wait_for_messages = wait_for_messages  # type: ignore[method-assign, assignment]
    SQSBackend.receive_message = receive_message  # type: ignore[method-assign, assignment]


def about(queue: Any, message: str) -> None:
    """Note that a request is about a message; a FIFO queue's past is never forgotten."""
    if not queue.fifo_queue:
        current().about(message)


def original(method: Any) -> Any:
    """Return moto's own method, where ours stands for it already."""
    return vars(method).get("__wrapped__", method)


def next_message(account: str, region: str, name: str) -> float | None:
    """Return when a queue has a message to be received, epoch seconds; None where none is in it."""
    from moto.sqs.models import sqs_backends

    queue = sqs_backends[account][region].queues.get(name)
    if queue is None or not queue._messages:
        return None
    milliseconds = 1000 * now()
    held: dict[str, float] = {}  # until when a message of a group is with somebody
    for message in queue._messages:
        if queue.fifo_queue and message.group_id and message.visible_at > milliseconds:
            held[message.group_id] = max(held.get(message.group_id, 0), message.visible_at)
    return (
        min(
            max(message.visible_at, message.delayed_until, held.get(message.group_id or "", 0))
            for message in queue._messages
        )
        / 1000
    )
