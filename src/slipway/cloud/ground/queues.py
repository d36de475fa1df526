"""SQS's queues: a long poll that waits for nothing, a poll that changes nothing, and a look at what waits.

What is done with messages is told, for the metrics; and queues know when they were last asked for.

A message that is sent counts the messages of its queue: with one look at the clock, not with three for each.

While the ground makes a request its clock stands, so a queue without messages answers at once.
"""

from collections.abc import Mapping
from typing import Any

from slipway.cloud.ground.outside import current
from slipway.cloud.ground.pinned import now, pass_time
from slipway.cloud.ground.queue_metrics import DELETED, Tell, received, sent


def bridge(tell: Tell) -> None:
    """Let a queue without messages answer at once, say when receiving has changed nothing, and count."""
    from moto.sqs.models import Queue, SQSBackend

    if vars(SQSBackend).get("tell") == tell:
        return
    SQSBackend.tell = tell  # type: ignore[attr-defined]
    receive, send = original(SQSBackend.receive_message), original(SQSBackend.send_message)
    get, remove = original(SQSBackend.get_queue), original(SQSBackend.delete_message)
    add, delete = original(Queue.add_message), original(Queue.delete_message)
    change = original(SQSBackend.change_message_visibility)

    def count(backend: Any, queue_name: str, values: Mapping[str, float]) -> None:
        at = now()
        current().do(lambda: tell(backend.region_name, queue_name, values, at))

    def get_queue(backend: Any, queue_name: str) -> Any:
        queue = get(backend, queue_name)
        queue.used = now()
        return queue

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
        count(backend, queue_name, received(len(found)))
        return found

    def send_message(backend: Any, queue_name: str, *args: Any, **kwargs: Any) -> Any:
        message = send(backend, queue_name, *args, **kwargs)
        added = message is backend.queues[queue_name]._messages[-1]
        count(backend, queue_name, sent(message, added))
        return message

    def remove_message(backend: Any, queue_name: str, receipt_handle: str) -> None:
        remove(backend, queue_name, receipt_handle)
        count(backend, queue_name, DELETED)

    def add_message(queue: Any, message: Any) -> None:
        message.entered, message.received_before = now(), message.approximate_receive_count
        message.home = getattr(message, "home", queue.name)  # to which a dead letter goes back
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

    put(SQSBackend, "get_queue", get_queue, get)
    put(SQSBackend, "send_message", send_message, send)
    put(SQSBackend, "receive_message", receive_message, receive)
    put(SQSBackend, "change_message_visibility", change_message_visibility, change)
    put(SQSBackend, "delete_message", remove_message, remove)
    put(Queue, "add_message", add_message, add)
    put(Queue, "delete_message", delete_message, delete)
    put(Queue, "wait_for_messages", wait_for_messages, None)
    for name, counted in (("delayed", delayed), ("not_visible", held)):
        setattr(Queue, f"approximate_number_of_messages_{name}", property(counted))
    Queue.messages = property(messages)  # type: ignore[assignment]


def put(owner: Any, name: str, ours: Any, motos: Any) -> None:
    """Put a method of ours in the place of one of moto's."""
    ours.__wrapped__ = motos
    setattr(owner, name, ours)


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
