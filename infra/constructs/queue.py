"""Queues: encrypted, TLS only, and one for what could not be handled."""

import aws_cdk as cdk
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs

from infra.constructs.acknowledge import acknowledge
from infra.constructs.stack import PlatformStack


def dead_letters(stack: PlatformStack, name: str, key: kms.IKey) -> sqs.Queue:
    """Return a queue that keeps for 14 days what failed for good; operations has an alarm on it."""
    queue = sqs.Queue(
        stack,
        name,
        encryption=sqs.QueueEncryption.KMS,
        encryption_master_key=key,
        enforce_ssl=True,
        retention_period=cdk.Duration.days(14),
        removal_policy=stack.removal,
    )
    acknowledge(
        queue, "This is the queue where dead letters go; a person reads it", "AwsSolutions-SQS3"
    )
    return queue
