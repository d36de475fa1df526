"""AWS::CloudFormation and AWS::CDK: what stacks themselves are made of."""

from slipway.cloud.cloudformation.naming import physical
from slipway.cloud.cloudformation.resource import Asked, Made, ResourceType
from slipway.cloud.cloudformation.resources.custom import CUSTOM
from slipway.cloud.cloudformation.resources.nested import STACK
from slipway.cloud.cloudformation.resources.waiting import CONDITION, HANDLE, nothing, same


def note(asked: Asked) -> Made:
    """Return what the CDK notes about a stack: it is nothing but its name."""
    return Made(physical(asked.stack_name, asked.logical_id, asked.token))


NOTE = ResourceType("AWS::CDK::Metadata", note, same, nothing)
TYPES = {each.name: each for each in (CONDITION, CUSTOM, HANDLE, NOTE, STACK)}
