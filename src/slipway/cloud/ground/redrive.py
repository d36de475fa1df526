"""SQS's message move tasks: dead letters go back to the queues from which they came. moto has none."""

import sys
from collections.abc import Iterator
from typing import Any

from slipway.cloud.ground.pinned import now
from slipway.cloud.ground.queues import about

SHOWN = 10  # tasks of a queue that are remembered
LOST = "CouldNotDetermineMessageSource"  # of a message that came from no queue


def mend() -> None:
    """Let moto answer the operations of message move tasks, once its module is loaded."""
    responses = sys.modules.get("moto.sqs.responses")
    if responses is not None:
        responses.SQSResponse.start_message_move_task = start
        responses.SQSResponse.list_message_move_tasks = listed
        responses.SQSResponse.cancel_message_move_task = cancel


def start(response: Any) -> Any:
    """Move all messages that can be received, at once (StartMessageMoveTask)."""
    from moto.core.responses import ActionResult
    from moto.moto_api._internal import mock_random

    backend, arns = response.sqs_backend, ("SourceArn", "DestinationArn")
    source, to = (named(backend, response._get_param(each), each) for each in arns)
    if not any(queue.dead_letter_queue is source for queue in backend.queues.values()):
        raise error(
            "InvalidParameterValue", "Source queue must be configured as a Dead Letter Queue."
        )
    task = {
        "SourceArn": source.queue_arn,
        "DestinationArn": to and to.queue_arn,
        "MaxNumberOfMessagesPerSecond": response._get_param("MaxNumberOfMessagesPerSecond"),
        "ApproximateNumberOfMessagesToMove": len(source.messages),
        "StartedTimestamp": int(1000 * now()),
    }
    moves = list(destinations(backend, source, to))
    for message, queue in moves:
        if queue is None:
            task |= {"Status": "FAILED", "FailureReason": LOST}
            break
        move(message, source, queue, str(mock_random.uuid4()))
    moved = sum(message not in source._messages for message, _ in moves)
    task = {"Status": "COMPLETED"} | task | {"ApproximateNumberOfMessagesMoved": moved}
    source.move_tasks = [task, *getattr(source, "move_tasks", ())][:SHOWN]
    return ActionResult({"TaskHandle": str(mock_random.uuid4())})


def destinations(backend: Any, source: Any, to: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the messages that can be received, each with the queue to which it goes; None for none."""
    for message in source.messages:
        home = backend.queues.get(message.home)
        yield message, to or (home if home is not source else None)


def move(message: Any, source: Any, queue: Any, new_id: str) -> None:
    """Take a message out of one queue and send it to another, as a new one."""
    about(source, message.id)
    source._messages.remove(message)
    source._pending_messages.discard(message)
    message.id, message.home, message.visible_at = new_id, queue.name, 0.0
    message.approximate_receive_count, message.approximate_first_receive_timestamp = 0, None
    message.receipt_handle, message._old_receipt_handles = None, []
    message.mark_sent()
    queue.add_message(message)


def listed(response: Any) -> Any:
    """Return the tasks of a queue, the newest first (ListMessageMoveTasks)."""
    from moto.core.responses import ActionResult

    source = named(response.sqs_backend, response._get_param("SourceArn"), "SourceArn")
    tasks = getattr(source, "move_tasks", [])
    return ActionResult({"Results": tasks[: int(response._get_param("MaxResults") or 1)]})


def cancel(_: Any) -> Any:
    """Refuse to end a task: it has ended (CancelMessageMoveTask)."""
    raise error("ResourceNotFoundException", "Task does not exist or has ended already.")


def named(backend: Any, arn: str | None, member: str) -> Any:
    """Return the queue of an ARN; None for none."""
    if not arn:
        return None
    queue = backend.queues.get(arn.rpartition(":")[2])
    if queue is None or queue.queue_arn != arn:
        said = f"The resource that you specified for the {member} parameter doesn't exist."
        raise error("ResourceNotFoundException", said)
    return queue


def error(code: str, message: str) -> Exception:
    """Return a refusal of moto's."""
    from moto.sqs.exceptions import SQSException

    return SQSException(code, message)
