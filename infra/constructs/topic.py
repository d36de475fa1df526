"""The topic that tells people: encrypted, TLS only, and open to the services that ring."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sns as sns

from infra.constructs.policy import Allow
from infra.constructs.stack import PlatformStack

RINGING = ("budgets", "cloudwatch", "events")


def alarm_topic(stack: PlatformStack, key: kms.IKey) -> sns.Topic:
    """Return the topic; whoever owns the environment subscribes by mail."""
    topic = sns.Topic(
        stack,
        "Alarms",
        display_name=f"Alarms of {stack.settings.prefix}",
        # By its ARN: a subscription would else write into the policy of another stack's key.
        master_key=kms.Key.from_key_arn(stack, "AlarmsKey", key.key_arn),
        enforce_ssl=True,
    )
    for service in RINGING:
        topic.add_to_resource_policy(
            Allow(
                f"{service.title()}Rings",
                ["sns:Publish"],
                [topic.topic_arn],
                {"StringEquals": {"aws:SourceAccount": stack.account}},
                principals=[iam.ServicePrincipal(f"{service}.amazonaws.com")],
            ).statement()
        )
    sns.Subscription(
        stack,
        "OwnerIsTold",
        topic=topic,
        protocol=sns.SubscriptionProtocol.EMAIL,
        endpoint=stack.settings.owner,
    )
    return topic
