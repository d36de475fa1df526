"""SQS's long poll: while the ground makes a request its clock stands, so nothing is waited for."""

from typing import Any

from slipway.cloud.ground.pinned import pass_time


def bridge() -> None:
    """Let a queue without messages answer at once, as if the time to wait had passed."""
    from moto.sqs.models import Queue

    def wait_for_messages(_: Any, timeout: float) -> None:
        pass_time(timeout)

    Queue.wait_for_messages = wait_for_messages  # type: ignore[method-assign, assignment]
