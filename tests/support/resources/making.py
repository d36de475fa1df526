"""Making resources as CloudFormation's engine does, without the engine."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from botocore.exceptions import ClientError

from slipway.cloud import api
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudformation.resource import Asked, Made
from slipway.cloud.cloudformation.settling import gone
from slipway.cloud.cloudformation.types import found

REGION, ACCOUNT = "us-east-1", "123456789012"
STACK = "types-of-resources"
TRUSTED = ("lambda", "events", "scheduler", "states", "config", "cloudtrail", "sagemaker")
TOKENS = count(1)
TEAM = {"team": "reviews"}


@dataclass(frozen=True)
class Served:
    """A cloud that answers at its address."""

    cloud: Cloud

    def client(self, service: str) -> Any:
        return api.client(self.cloud, service, REGION)


@dataclass
class World:
    """A cloud, and what the examples need in it: each made once, by its own resource type."""

    local: Any  # has the `cloud`, and a `client` by service
    made: dict[str, tuple[Asked, Made]] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        return self.local.client(service)

    def asked(
        self, kind: str, logical_id: str, properties: Mapping[str, Any], **more: Any
    ) -> Asked:
        return Asked(
            cloud=self.local.cloud,
            region=REGION,
            stack=f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK}/1",
            stack_name=STACK,
            logical_id=logical_id,
            type=kind,
            properties=properties,
            tags={"team": "reviews", "aws:cloudformation:stack-name": STACK},
            client=self.client,
            token=more.get("token") or f"token-{next(TOKENS)}",
        )

    def one(self, kind: str, **properties: Any) -> Made:
        """Return the resource of a type that examples share."""
        key = f"{kind}{properties}"
        if key not in self.made:
            asked = self.asked(kind, f"Shared{len(self.made)}", properties)
            self.made[key] = asked, found(kind).create(asked)
        return self.made[key][1]

    def role(self) -> str:
        """Return the ARN of a role that every service may have."""
        services = [f"{name}.amazonaws.com" for name in TRUSTED]
        everybody = {
            "Effect": "Allow",
            "Principal": {"Service": services},
            "Action": "sts:AssumeRole",
        }
        document = {"Version": "2012-10-17", "Statement": [everybody]}
        return self.one("AWS::IAM::Role", AssumeRolePolicyDocument=document).attributes["Arn"]


@dataclass(frozen=True)
class Example:
    """A resource before and after an update, and what its own API shows of it."""

    kind: str
    properties: Callable[[World], dict[str, Any]]
    change: Callable[[World], dict[str, Any]]  # the properties that change; None takes one away
    shown: Callable[[World, Made], Any]  # None or an error of "not found" when it is gone
    before: Any
    after: Any


def shown(example: Example, world: World, made: Made) -> Any:
    """Return what the API shows; None for nothing."""
    try:
        return example.shown(world, made)
    except ClientError as error:
        if gone(error) or "does not exist" in str(error):
            return None
        raise


def write_policy(service):
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "*",
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
