"""Queues between a rule and a function, and rules: what cannot be worked on is kept for a person."""

import aws_cdk as cdk
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs

from infra.constructs.function import PlatformFunction
from infra.constructs.policy import Allow
from infra.constructs.queue import dead_letters
from infra.constructs.stack import PlatformStack


class WorkQueue(sqs.Queue):
    """A queue that a function works on; what failed so many times is in its dead-letter queue.

    A message comes again after six times the function's timeout, as AWS advises, or sooner where
    `again` says so: for work that waits for something else, and returns at once while it does.
    """

    def __init__(
        self,
        stack: PlatformStack,
        name: str,
        key: kms.IKey,
        *,
        timeout: int,
        attempts: int,
        again: int | None = None,
    ) -> None:
        self.dead = dead_letters(stack, f"{name}DeadLetters", key)
        super().__init__(
            stack,
            f"{name}Queue",
            encryption=sqs.QueueEncryption.KMS,
            # By its ARN: the rule would else write into the policy of another stack's key.
            encryption_master_key=kms.Key.from_key_arn(stack, f"{name}Key", key.key_arn),
            enforce_ssl=True,
            visibility_timeout=cdk.Duration.seconds(again or 6 * timeout),
            retention_period=cdk.Duration.days(14),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead, max_receive_count=attempts),
            removal_policy=stack.removal,
        )

    def taking(self) -> Allow:
        """Return what lets a function take messages from the queue."""
        return Allow(
            "TakeMessages",
            ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"],
            [self.queue_arn],
        )


def rule_to(
    stack: PlatformStack,
    name: str,
    description: str,
    pattern: events.EventPattern,
    target: WorkQueue | PlatformFunction,
) -> events.Rule:
    """Return a rule that hands events to a queue or a function; what it cannot is a dead letter."""
    rule = events.Rule(stack, name, description=description, event_pattern=pattern)
    if isinstance(target, WorkQueue):
        rule.add_target(targets.SqsQueue(target, dead_letter_queue=target.dead))
    else:
        # By its ARN: its permission is a resource beside it, and the rule needs no more.
        rule.add_target(targets.LambdaFunction(target, dead_letter_queue=target.failures))
    return rule


def from_queue(
    stack: PlatformStack, name: str, queue: WorkQueue, function: lambda_.IFunction
) -> None:
    """Let a function work on a queue, one message at a time."""
    lambda_.EventSourceMapping(
        stack,
        name,
        target=function,
        event_source_arn=queue.queue_arn,
        batch_size=1,
        report_batch_item_failures=True,
    )
