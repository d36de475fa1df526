"""A request that TensorFlow Serving would refuse: its message and its HTTP status."""

from typing import Any

# TensorFlow Serving's HTTP status by the code of its status (tensorflow.errors).
STATUS = {
    1: 499,  # cancelled
    2: 500,  # unknown
    3: 400,  # invalid argument
    4: 504,  # deadline exceeded
    5: 404,  # not found
    6: 409,  # already exists
    7: 403,  # permission denied
    8: 503,  # resource exhausted
    9: 400,  # failed precondition
    10: 409,  # aborted
    11: 400,  # out of range
    12: 501,  # unimplemented
    13: 500,  # internal
    14: 503,  # unavailable
    15: 500,  # data loss
}


class Refused(Exception):
    """What is answered with `{"error": message}` and a status."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.status = status


def of(error: Any) -> Refused:
    """Return what an error of TensorFlow's (OpError) is answered with.

    Its message is what the kernel said; Python's, with the trace of the model's making, goes before it.
    """
    message = error.message.rpartition("\n\n")[2].rpartition("<stack traces unavailable>\n")[2]
    message = message.partition(" [Op:")[0]
    return Refused(message, STATUS.get(error.error_code, 500))
