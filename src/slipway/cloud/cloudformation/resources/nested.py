"""AWS::CloudFormation::Stack: a stack that is a resource of another."""

import hashlib
from dataclasses import replace
from typing import Any

from botocore.exceptions import ClientError

from slipway.cloud.cloudformation import conductor, phases
from slipway.cloud.cloudformation.naming import physical
from slipway.cloud.cloudformation.resource import Asked, Failed, Made, Properties, ResourceType
from slipway.cloud.cloudformation.stack import Stack
from slipway.cloud.cloudformation.stacks import NOTHING, WHOLE
from slipway.cloud.cloudformation.store import Store
from slipway.cloud.hosting import background

EVERY = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
GLANCE = 0.5  # seconds between looks whether the cloud ends


def wanted(asked: Asked) -> dict[str, Any]:
    """Return the request for a stack that is as asked."""
    given = asked.properties.get("Parameters", {})
    tags = {key: value for key, value in asked.tags.items() if not key.startswith("aws:")}
    tags |= {each["Key"]: each["Value"] for each in asked.properties.get("Tags", [])}
    return {
        "TemplateURL": asked.properties["TemplateURL"],
        "Parameters": [
            {
                "ParameterKey": key,
                "ParameterValue": ",".join(map(str, value))
                if isinstance(value, list)
                else str(value),
            }
            for key, value in given.items()
        ],
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
        "Capabilities": EVERY,
        "ClientRequestToken": hashlib.sha256(asked.token.encode()).hexdigest(),
    }


def create(asked: Asked) -> Made:
    """Create a stack and wait for it; the second attempt finds the first one's."""
    store = Store(asked.cloud, asked.region)
    name = physical(asked.stack_name, asked.logical_id, asked.token, 128)
    if not (found := store.named(name)):
        request = wanted(asked)
        if minutes := asked.properties.get("TimeoutInMinutes"):
            request["TimeoutInMinutes"] = int(minutes)
        asked.client("cloudformation").create_stack(StackName=name, **request)
        found = store.named(name)
    assert found  # noqa: S101 (it was created)
    with store.transaction():
        own = store.stack(found.id)
        parent = store.stack(asked.stack)
        store.write(replace(own, parent=parent.id, root=parent.root or parent.id))
    return settled(store, found.id, "created")


def update(asked: Asked, made: Made, before: Properties) -> Made:
    """Update a stack and wait for it."""
    store = Store(asked.cloud, asked.region)
    at_rest(store, made.physical_id)
    try:
        asked.client("cloudformation").update_stack(StackName=made.physical_id, **wanted(asked))
    except ClientError as error:
        if error.response["Error"].get("Message") != NOTHING:
            raise
        return settled(store, made.physical_id, "updated")
    return settled(store, made.physical_id, "updated", ("CREATE_COMPLETE", "UPDATE_COMPLETE"))


def delete(asked: Asked, made: Made) -> None:
    """Delete a stack and wait for it."""
    store = Store(asked.cloud, asked.region)
    if not store.named(made.physical_id):
        return
    at_rest(store, made.physical_id)
    asked.client("cloudformation").delete_stack(StackName=made.physical_id)
    settled(store, made.physical_id, "deleted", ("DELETE_COMPLETE",))


def at_rest(store: Store, stack_id: str) -> Stack:
    """Wait until nothing is in progress with a stack; return it."""
    while (found := store.stack(stack_id)).status in phases.PHASES:
        background.unless_ending(store.cloud)
        conductor.wait(stack_id, GLANCE)
    return found


def settled(store: Store, stack_id: str, what: str, well: tuple[str, ...] = WHOLE) -> Made:
    """Wait for a stack, and return it; Failed when it is not what was wanted."""
    found = at_rest(store, stack_id)
    outputs = {f"Outputs.{each['OutputKey']}": each["OutputValue"] for each in found.outputs}
    made = Made(stack_id, outputs)
    if found.status not in well:
        raise Failed(
            f"Embedded stack {stack_id} was not successfully {what}: {found.reason or found.status}",
            made,
        )
    return made


STACK = ResourceType("AWS::CloudFormation::Stack", create, update, delete)
