"""What CloudFormation asks of a resource type, and what it is told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slipway.cloud.cloud import Cloud

Properties = Mapping[str, Any]  # resolved: no intrinsic function is left


@dataclass(frozen=True)
class Asked:
    """One resource of a stack, and who asks for it."""

    cloud: Cloud
    region: str
    stack: str  # the stack's ARN
    stack_name: str
    logical_id: str
    type: str  # "AWS::S3::Bucket"
    properties: Properties
    tags: Mapping[str, str]  # of the stack, and aws:cloudformation:…: for types that take tags
    # A boto3 client by service name, as the deployer or the role that the stack was given. Its calls
    # take the way of everybody's, so the resource is the same as one made by hand.
    client: Callable[[str], Any]
    # The same for each attempt of one operation: a process that was killed in the middle tries again
    # with it. Physical names are made from it (`naming.physical`), so the second attempt finds what
    # the first has made.
    token: str
    # Whether the operation is being given up: what waits for long looks here now and then, and raises
    # Failed.
    cancelled: Callable[[], bool] = lambda: False


@dataclass(frozen=True)
class Made:
    """A resource that exists."""

    physical_id: str  # what Ref returns
    attributes: Mapping[str, Any] = field(default_factory=dict)  # what Fn::GetAtt returns, by name


class Failed(Exception):
    """A resource could not be made, changed or removed; the text is the event's ResourceStatusReason.

    A ClientError of a call needs no wrapping: the engine words it as CloudFormation does. `made` is what
    is there in spite of a creation that failed: the rollback removes it.
    """

    def __init__(self, reason: str, made: Made | None = None) -> None:
        super().__init__(reason)
        self.made = made


@dataclass(frozen=True)
class ResourceType:
    """A resource type: three operations that may be tried again, and what forces a new resource.

    An operation returns when the resource is stable (an endpoint InService, say). `delete` takes a
    resource that is gone already as done. `update` gets the properties before.
    """

    name: str  # "AWS::S3::Bucket"
    create: Callable[[Asked], Made]
    update: Callable[[Asked, Made, Properties], Made]
    delete: Callable[[Asked, Made], None]
    replacing: frozenset[str] = frozenset()  # properties whose change needs a new resource
