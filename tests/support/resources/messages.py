"""Examples of queues, topics, events and schedules."""

import json

from resources.making import ACCOUNT, REGION, TEAM, Example, write_policy


def queue(world, made):
    sqs, which = world.client("sqs"), {"QueueUrl": made.physical_id}
    found = sqs.get_queue_attributes(**which, AttributeNames=["All"])["Attributes"]
    tags = sqs.list_queue_tags(**which)["Tags"]
    return found["VisibilityTimeout"], found.get("RedrivePolicy"), tags


def redrive(world):
    arn = world.one("AWS::SQS::Queue").attributes["Arn"]
    return {"deadLetterTargetArn": arn, "maxReceiveCount": 3}


def queue_policy(world, made):
    url = world.one("AWS::SQS::Queue").physical_id
    found = world.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])
    policy = found.get("Attributes", {}).get("Policy")
    return policy and json.loads(policy)["Statement"][0]["Principal"]["Service"]


def topic(world):
    return world.one("AWS::SNS::Topic").physical_id


def topic_shown(world, made):
    sns, which = world.client("sns"), {"TopicArn": made.physical_id}
    found = sns.get_topic_attributes(**which)["Attributes"]
    listed = sns.list_subscriptions_by_topic(**which)["Subscriptions"]
    return found["DisplayName"], len(listed)


def topic_policy(world, made):
    found = world.client("sns").get_topic_attributes(TopicArn=topic(world))["Attributes"]
    return json.loads(found["Policy"])["Statement"][0]["Principal"].get("Service")


def subscription(world, made):
    found = world.client("sns").get_subscription_attributes(SubscriptionArn=made.physical_id)
    return found["Attributes"].get("FilterPolicy"), found["Attributes"]["RawMessageDelivery"]


def rule(world, made):
    events = world.client("events")
    found = events.describe_rule(Name=made.physical_id)
    targets = events.list_targets_by_rule(Rule=made.physical_id)["Targets"]
    return found["EventPattern"], found["State"], [(one["Id"], one["Arn"]) for one in targets]


def bus(world):
    return world.one("AWS::Events::EventBus", Name="of-the-examples").physical_id


def bus_policy(world, made):
    policy = world.client("events").describe_event_bus(Name=bus(world)).get("Policy")
    statements = json.loads(policy)["Statement"] if policy else []
    return [one["Action"] for one in statements]


def schedule(world, made):
    found = world.client("scheduler").get_schedule(Name=made.physical_id)
    return found["ScheduleExpression"], found["State"]


def target(world):
    return {"Arn": redrive(world)["deadLetterTargetArn"], "RoleArn": world.role()}


EXAMPLES = [
    Example(
        "AWS::SQS::Queue",
        lambda w: {"VisibilityTimeout": 60, "RedrivePolicy": redrive(w)},
        lambda w: {"VisibilityTimeout": None, "Tags": [{"Key": "a", "Value": "b"}]},
        lambda w, m: (queue(w, m)[0], queue(w, m)[2], "maxReceiveCount" in queue(w, m)[1]),
        ("60", TEAM, True),
        ("30", {**TEAM, "a": "b"}, True),
    ),
    Example(
        "AWS::SQS::QueuePolicy",
        lambda w: {
            "Queues": [w.one("AWS::SQS::Queue").physical_id],
            "PolicyDocument": write_policy("events.amazonaws.com"),
        },
        lambda w: {"PolicyDocument": write_policy("s3.amazonaws.com")},
        queue_policy,
        "events.amazonaws.com",
        "s3.amazonaws.com",
    ),
    Example(
        "AWS::SNS::Topic",
        lambda w: {
            "DisplayName": "one",
            "Subscription": [
                {"Protocol": "sqs", "Endpoint": redrive(w)["deadLetterTargetArn"]},
                {"Protocol": "email", "Endpoint": "ops@example.com"},
            ],
        },
        lambda w: {
            "DisplayName": "two",
            "Subscription": [{"Protocol": "sqs", "Endpoint": redrive(w)["deadLetterTargetArn"]}],
        },
        topic_shown,
        ("one", 2),
        ("two", 1),
    ),
    Example(
        "AWS::SNS::TopicPolicy",
        lambda w: {"Topics": [topic(w)], "PolicyDocument": write_policy("events.amazonaws.com")},
        lambda w: {"PolicyDocument": write_policy("budgets.amazonaws.com")},
        topic_policy,
        "events.amazonaws.com",
        "budgets.amazonaws.com",
    ),
    Example(
        "AWS::SNS::Subscription",
        lambda w: {
            "TopicArn": topic(w),
            "Protocol": "sqs",
            "Endpoint": redrive(w)["deadLetterTargetArn"],
            "RawMessageDelivery": True,
        },
        lambda w: {"RawMessageDelivery": None, "FilterPolicy": {"kind": ["a"]}},
        subscription,
        (None, "true"),
        ('{"kind":["a"]}', "false"),
    ),
    Example(
        "AWS::Events::Rule",
        lambda w: {
            "EventPattern": {"source": ["aws.s3"]},
            "Targets": [{"Id": "one", "Arn": redrive(w)["deadLetterTargetArn"]}],
        },
        lambda w: {
            "EventPattern": {"source": ["aws.sagemaker"]},
            "State": "DISABLED",
            "Targets": [{"Id": "two", "Arn": redrive(w)["deadLetterTargetArn"]}],
        },
        lambda w, m: (*rule(w, m)[:2], [one for one, _ in rule(w, m)[2]]),
        ('{"source":["aws.s3"]}', "ENABLED", ["one"]),
        ('{"source":["aws.sagemaker"]}', "DISABLED", ["two"]),
    ),
    Example(
        "AWS::Events::EventBus",
        lambda w: {"Name": "example-bus"},
        lambda w: {"Tags": [{"Key": "a", "Value": "b"}]},
        lambda w, m: w.client("events").describe_event_bus(Name=m.physical_id)["Name"],
        "example-bus",
        "example-bus",
    ),
    Example(
        "AWS::Events::EventBusPolicy",
        lambda w: {
            "EventBusName": bus(w),
            "StatementId": "Example",
            "Statement": {
                "Effect": "Allow",
                "Principal": {"AWS": ACCOUNT},
                "Action": "events:PutEvents",
                "Resource": f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/{bus(w)}",
            },
        },
        lambda w: {},
        bus_policy,
        ["events:PutEvents"],
        ["events:PutEvents"],
    ),
    Example(
        "AWS::Scheduler::Schedule",
        lambda w: {
            "ScheduleExpression": "cron(0 2 * * ? *)",
            "FlexibleTimeWindow": {"Mode": "OFF"},
            "State": "DISABLED",
            "Target": target(w),
        },
        lambda w: {"ScheduleExpression": "rate(1 day)", "State": "ENABLED"},
        schedule,
        ("cron(0 2 * * ? *)", "DISABLED"),
        ("rate(1 day)", "ENABLED"),
    ),
    Example(
        "AWS::Scheduler::ScheduleGroup",
        lambda w: {},
        lambda w: {"Tags": [{"Key": "a", "Value": "b"}]},
        lambda w, m: w.client("scheduler").get_schedule_group(Name=m.physical_id)["State"],
        "ACTIVE",
        "ACTIVE",
    ),
]
