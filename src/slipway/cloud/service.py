"""What a service of the cloud is: operations by name, each a function of a call and its request."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slipway.cloud.cloud import Cloud
from slipway.cloud.coverage import Coverage


class ServiceError(Exception):
    """A refusal that the caller sees with AWS's error code, message and HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status


def invalid(message: str) -> ServiceError:
    """Return the refusal of a request that most services call a ValidationException."""
    return ServiceError("ValidationException", message)


@dataclass(frozen=True)
class Call:
    """Who calls what, where."""

    cloud: Cloud
    service: str
    operation: str
    region: str
    access_key: str
    request_id: str = ""  # where the operation's texts name it


# Takes the request's members (parsed and validated against botocore's input shape) and returns the
# answer's members (datetimes as datetime objects).
Operation = Callable[[Call, dict[str, Any]], dict[str, Any]]


def nothing(cloud: Cloud) -> None:
    """Do nothing when the cloud starts or stops."""


@dataclass(frozen=True)
class Service:
    """The operations that Slipway owns of one AWS service; all others fall to the ground."""

    name: str  # botocore's service name
    operations: Mapping[str, Operation]
    coverage: Mapping[str, Coverage] = field(default_factory=dict)  # by operation
    start: Callable[[Cloud], None] = nothing  # take up what the last process left unfinished
    stop: Callable[[Cloud], None] = nothing
    invalid: str = "ValidationException"  # the error code for a request that the model forbids
    ground: bool = True  # the ground answers the other operations; else they are refused
