"""AWS::CloudFormation and AWS::CDK: what stacks themselves are made of."""

from slipway.cloud.cloudformation.naming import physical
from slipway.cloud.cloudformation.resource import Asked, Made, Properties, ResourceType


def note(asked: Asked) -> Made:
    """Return what the CDK notes about a stack: it is nothing but its name."""
    return Made(physical(asked.stack_name, asked.logical_id, asked.token))


def same(asked: Asked, made: Made, before: Properties) -> Made:
    """Return what a change leaves as it is."""
    return made


def nothing(asked: Asked, made: Made) -> None:
    """Remove what is nothing."""


ALL = (ResourceType("AWS::CDK::Metadata", note, same, nothing),)
TYPES = {each.name: each for each in ALL}
