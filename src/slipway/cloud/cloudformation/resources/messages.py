"""AWS::SQS and AWS::SNS: queues, topics, subscriptions, and who may use them."""

from typing import Any

from slipway.cloud.cloudformation import naming
from slipway.cloud.cloudformation.declared import Declared
from slipway.cloud.cloudformation.members import text
from slipway.cloud.cloudformation.own import Own, by_name
from slipway.cloud.cloudformation.resource import Asked, Made, Properties
from slipway.cloud.cloudformation.settling import gently

QUEUE = {  # attributes that can change, and what they are when a template says nothing
    "DelaySeconds": "0",
    "MaximumMessageSize": "1048576",
    "MessageRetentionPeriod": "345600",
    "ReceiveMessageWaitTimeSeconds": "0",
    "VisibilityTimeout": "30",
    "RedrivePolicy": "",
    "RedriveAllowPolicy": "",
    "KmsMasterKeyId": "",
    "KmsDataKeyReusePeriodSeconds": "300",
    "SqsManagedSseEnabled": "true",
    "ContentBasedDeduplication": "false",
    "DeduplicationScope": "queue",
    "FifoThroughputLimit": "perQueue",
}
TOPIC = {
    "DisplayName": "",
    "KmsMasterKeyId": "",
    "SignatureVersion": "1",
    "TracingConfig": "PassThrough",
    "ContentBasedDeduplication": "false",
    "FifoThroughputScope": "Topic",
}
SUBSCRIPTION = {
    "DeliveryPolicy": "",
    "FilterPolicy": "",
    "FilterPolicyScope": "MessageAttributes",
    "RawMessageDelivery": "false",
    "RedrivePolicy": "",
}


def gathered(asked: Asked, names: dict[str, str], fixed: str = "") -> Properties:
    """Return properties with those that the API has as attributes gathered into one member."""
    given, attributes = dict(asked.properties), {}
    for name in [*names, fixed]:
        if name in given:
            attributes[name] = text(given.pop(name))
    return {**given, "Attributes": attributes}


def queue(asked: Asked) -> Properties:
    """Return a queue's properties as the API has them."""
    found = dict(gathered(asked, QUEUE, "FifoQueue"))
    if found["Attributes"].get("FifoQueue") == "true":
        name = found["QueueName"]
        found["QueueName"] = name if name.endswith(".fifo") else f"{name[:75]}.fifo"
    else:
        found["Attributes"].pop("FifoQueue", None)
    return found


def set_queue(asked: Asked, made: Made, before: Properties) -> None:
    """Change a queue's attributes; those that a template says no more go back to what they were."""
    if before:
        new, old = asked.properties["Attributes"], before["Attributes"]
        changed = {name: new.get(name, QUEUE[name]) for name in {*new, *old} - {"FifoQueue"}}
        if changed:
            asked.client("sqs").set_queue_attributes(QueueUrl=made.physical_id, Attributes=changed)


def topic(asked: Asked) -> Properties:
    """Return a topic's properties as the API has them."""
    found = dict(gathered(asked, TOPIC, "FifoTopic"))
    name = found.pop("TopicName")
    if found["Attributes"].get("FifoTopic") == "true":
        name = name if name.endswith(".fifo") else f"{name[:251]}.fifo"
    else:
        found["Attributes"].pop("FifoTopic", None)
    return {**found, "Name": name}


def set_topic(asked: Asked, made: Made, before: Properties) -> None:
    """Change a topic's attributes, and who hears of it by its own property."""
    sns, arn = asked.client("sns"), made.physical_id
    if before:
        new, old = asked.properties["Attributes"], before["Attributes"]
        for name in {*new, *old} - {"FifoTopic"}:
            value = new.get(name, TOPIC.get(name, ""))
            if value != old.get(name):
                sns.set_topic_attributes(TopicArn=arn, AttributeName=name, AttributeValue=value)
    wanted = [(one["Protocol"], one["Endpoint"]) for one in listed(asked.properties)]
    dropped = {(one["Protocol"], one["Endpoint"]) for one in listed(before)} - set(wanted)
    for protocol, endpoint in wanted:
        sns.subscribe(TopicArn=arn, Protocol=protocol, Endpoint=endpoint)
    if dropped:
        for one in sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]:
            if (one["Protocol"], one["Endpoint"]) in dropped:
                sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])


def listed(properties: Properties) -> list[dict[str, str]]:
    """Return the subscriptions that a topic's own property names."""
    return properties.get("Subscription") or []


def subscription(asked: Asked) -> Properties:
    """Return a subscription's properties as the API has them."""
    return gathered(asked, SUBSCRIPTION)


def set_subscription(asked: Asked, made: Made, before: Properties) -> None:
    """Change a subscription's attributes."""
    if before:
        new, old = asked.properties["Attributes"], before["Attributes"]
        for name in {*new, *old}:
            value = new.get(name, SUBSCRIPTION[name])
            if value != old.get(name):
                asked.client("sns").set_subscription_attributes(
                    SubscriptionArn=made.physical_id, AttributeName=name, AttributeValue=value
                )


def policy(kind: str, service: str, several: str, key: str, call: str) -> Own:
    """Return the type of a policy that stands beside queues or topics."""

    def put(asked: Asked, made: Made, before: Properties) -> Made:
        document = text(asked.properties["PolicyDocument"])
        for one in asked.properties[several]:
            attach(asked, one, document)
        for one in before.get(several) or []:
            if one not in asked.properties[several]:
                attach(asked, one, "")
        return made

    def attach(asked: Asked, one: str, document: str) -> None:
        method = getattr(asked.client(service), call)
        if service == "sqs":
            gently(method, **{key: one}, Attributes={"Policy": document})
            return
        document = document or text(owner(asked, one))
        gently(method, **{key: one}, AttributeName="Policy", AttributeValue=document)

    def create(asked: Asked) -> Made:
        name = naming.physical(asked.stack_name, asked.logical_id, asked.token)
        return put(asked, Made(name, {"Id": name}), {})

    def delete(asked: Asked, made: Made) -> None:
        for one in asked.properties[several]:
            attach(asked, one, "")

    return Own(kind, create, put, delete, frozenset({"PolicyDocument", several}))


def owner(asked: Asked, topic: str) -> dict[str, Any]:
    """Return the policy that SNS gives a new topic: its account may use it."""
    actions = (
        "GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission",
        "DeleteTopic", "Subscribe", "ListSubscriptionsByTopic", "Publish",
    )  # fmt: skip
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in actions],
        "Resource": topic,
        "Condition": {"StringEquals": {"AWS:SourceOwner": asked.cloud.account}},
    }
    return {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [statement]}


ALL = (
    Declared(
        "AWS::SQS::Queue",
        "sqs",
        create="CreateQueue",
        delete="DeleteQueue",
        read="GetQueueAttributes",
        resource="Attributes",
        named="QueueName",
        longest=75,
        ref="QueueUrl",
        keys={"QueueUrl": "@"},
        read_keys={"QueueUrl": "@", "AttributeNames": ["=QueueArn"]},
        attributes={"Arn": "QueueArn", "QueueName": "={last}", "QueueUrl": "={id}"},
        form=queue,
        hooked=frozenset({*QUEUE, "FifoQueue"}),
        changing=frozenset({"Attributes"}),
        after=set_queue,
        tagging=("TagQueue", "UntagQueue", {"QueueUrl": "@"}),
        replacing=frozenset({"FifoQueue", "QueueName"}),
    ),
    policy("AWS::SQS::QueuePolicy", "sqs", "Queues", "QueueUrl", "set_queue_attributes"),
    Declared(
        "AWS::SNS::Topic",
        "sns",
        create="CreateTopic",
        delete="DeleteTopic",
        read="GetTopicAttributes",
        resource="Attributes",
        named="TopicName",
        longest=251,
        ref="TopicArn",
        keys={"TopicArn": "@"},
        attributes={"TopicArn": "TopicArn", "TopicName": "={Name}"},
        form=topic,
        hooked=frozenset({*TOPIC, "FifoTopic", "TopicName", "Subscription"}),
        changing=frozenset({"Attributes"}),
        after=set_topic,
        tagging=("TagResource", "UntagResource", {"ResourceArn": "@"}),
        refused={
            "ArchivePolicy": "nothing archives messages",
            "DataProtectionPolicy": "nothing reads messages on their way",
            "MaximumMessageSize": "a message has at most 256 KiB",
        },
        ignored={"DeliveryStatusLogging": "no log is written of deliveries"},
        replacing=frozenset({"TopicName", "FifoTopic"}),
    ),
    policy("AWS::SNS::TopicPolicy", "sns", "Topics", "TopicArn", "set_topic_attributes"),
    Declared(
        "AWS::SNS::Subscription",
        "sns",
        create="Subscribe",
        delete="Unsubscribe",
        read="GetSubscriptionAttributes",
        resource="Attributes",
        ref="SubscriptionArn",
        keys={"SubscriptionArn": "@"},
        attributes={"Arn": "SubscriptionArn"},
        always={"ReturnSubscriptionArn": True},
        form=subscription,
        hooked=frozenset(SUBSCRIPTION),
        changing=frozenset({"Attributes"}),
        after=set_subscription,
        tags="",
        refused={
            "Region": "topics and their subscribers are in one region",
            "ReplayPolicy": "nothing archives messages",
            "SubscriptionRoleArn": "there is no Firehose",
        },
        replacing=frozenset({"Endpoint", "Protocol", "TopicArn"}),
    ),
)
TYPES = by_name(*ALL)
