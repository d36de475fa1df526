"""Examples of logs, messages, events, schedules, secrets, alarms and scaling."""

import json

from resources.bootstrap import TEAM
from resources.making import ACCOUNT, REGION, Example

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0dd0a8a3-0000-4000-8000-000000000001"


def group(world):
    return world.one("AWS::Logs::LogGroup").physical_id


def log_group(world, made):
    logs = world.client("logs")
    found = logs.describe_log_groups(logGroupNamePrefix=made.physical_id)["logGroups"]
    if not found:
        return None
    tags = logs.list_tags_for_resource(resourceArn=found[0]["arn"].removesuffix(":*"))["tags"]
    return found[0].get("retentionInDays"), found[0].get("kmsKeyId"), tags


def query_definition(world, made):
    found = world.client("logs").describe_query_definitions()["queryDefinitions"]
    own = [one for one in found if one["queryDefinitionId"] == made.physical_id]
    return own and (own[0]["name"], own[0]["queryString"], own[0].get("logGroupNames"))


def in_group(operation, member, of):
    def show(world, made):
        found = getattr(world.client("logs"), operation)(logGroupName=group(world))[member]
        return [of(one) for one in found if made.physical_id in one.values()]

    return show


def stream(world):
    kinesis = world.client("kinesis")
    if "of-the-examples" not in kinesis.list_streams()["StreamNames"]:
        kinesis.create_stream(StreamName="of-the-examples", ShardCount=1)
    return f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/of-the-examples"


def write_policy(service):
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "*",
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def log_policy(world, made):
    found = world.client("logs").describe_resource_policies()["resourcePolicies"]
    return [
        json.loads(one["policyDocument"])["Statement"][0]["Principal"]["Service"]
        for one in found
        if one["policyName"] == made.physical_id
    ]


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


def secret(world, made):
    client, which = world.client("secretsmanager"), {"SecretId": made.physical_id}
    found = client.describe_secret(**which)
    value = json.loads(client.get_secret_value(**which)["SecretString"])
    assert value["password"].isalnum()
    return found["Description"], len(value["password"]), value["username"]


def secret_policy(world, made):
    found = world.client("secretsmanager").get_resource_policy(SecretId=made.physical_id)
    policy = found.get("ResourcePolicy")
    return policy and json.loads(policy)["Statement"][0]["Principal"]["Service"]


def password(length):
    return {
        "SecretStringTemplate": '{"username": "admin"}',
        "GenerateStringKey": "password",
        "PasswordLength": length,
        "ExcludePunctuation": "true",
    }


def alarm(kind):
    def show(world, made):
        client = world.client("cloudwatch")
        found = client.describe_alarms(AlarmNames=[made.physical_id], AlarmTypes=[kind])
        (one,) = found[f"{kind}s"] or (None,)
        if one is None:
            return None
        tags = client.list_tags_for_resource(ResourceARN=one["AlarmArn"])["Tags"]
        return one.get("Threshold", one.get("AlarmRule")), len(tags)

    return show


METRIC = {
    "ComparisonOperator": "GreaterThanThreshold",
    "EvaluationPeriods": "1",
    "MetricName": "Errors",
    "Namespace": "AWS/Lambda",
    "Period": 60,
    "Statistic": "Sum",
    "Threshold": "1",
}


def metric_alarm(world):
    return world.one("AWS::CloudWatch::Alarm", **METRIC).physical_id


def dashboard(world, made):
    found = world.client("cloudwatch").get_dashboard(DashboardName=made.physical_id)
    return json.loads(found["DashboardBody"])["widgets"]


TABLE = {
    "ServiceNamespace": "dynamodb",
    "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
}


def scalable(world, made):
    client = world.client("application-autoscaling")
    which = {"ServiceNamespace": "dynamodb", "ResourceIds": [made.physical_id.partition("|")[0]]}
    found = client.describe_scalable_targets(**which)["ScalableTargets"]
    actions = client.describe_scheduled_actions(
        ServiceNamespace="dynamodb", ResourceId=which["ResourceIds"][0]
    )["ScheduledActions"]
    return found and (found[0]["MaxCapacity"], [one["ScheduledActionName"] for one in actions])


def policy(world, made):
    found = world.client("application-autoscaling").describe_scaling_policies(
        ServiceNamespace="dynamodb"
    )["ScalingPolicies"]
    return [
        one["TargetTrackingScalingPolicyConfiguration"]["TargetValue"]
        for one in found
        if one["PolicyName"] == "example"
    ]


def tracking(value):
    metric = {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"}
    return {"TargetValue": value, "PredefinedMetricSpecification": metric}


def shared_target(world):
    return world.one(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        **TABLE,
        ResourceId="table/policies",
        MinCapacity=1,
        MaxCapacity=2,
        RoleARN=world.role(),
    ).physical_id


EXAMPLES = [
    Example(
        "AWS::Logs::LogGroup",
        lambda w: {"RetentionInDays": "14", "Tags": [{"Key": "a", "Value": "b"}]},
        lambda w: {"RetentionInDays": None, "KmsKeyId": KEY, "Tags": None},
        log_group,
        (14, None, {**TEAM, "a": "b"}),
        (None, KEY, TEAM),
    ),
    Example(
        "AWS::Logs::QueryDefinition",
        lambda w: {"Name": "slowest", "QueryString": "sort @duration", "LogGroupNames": ["a"]},
        lambda w: {"QueryString": "sort @timestamp", "LogGroupNames": None},
        query_definition,
        ("slowest", "sort @duration", ["a"]),
        ("slowest", "sort @timestamp", None),
    ),
    Example(
        "AWS::Logs::LogStream",
        lambda w: {"LogGroupName": group(w)},
        lambda w: {},
        in_group("describe_log_streams", "logStreams", lambda one: "stream"),
        ["stream"],
        ["stream"],
    ),
    Example(
        "AWS::Logs::MetricFilter",
        lambda w: {
            "LogGroupName": group(w),
            "FilterPattern": "ERROR",
            "MetricTransformations": [
                {"MetricName": "Errors", "MetricNamespace": "Slipway", "MetricValue": 1}
            ],
        },
        lambda w: {"FilterPattern": "FAULT"},
        in_group("describe_metric_filters", "metricFilters", lambda one: one["filterPattern"]),
        ["ERROR"],
        ["FAULT"],
    ),
    Example(
        "AWS::Logs::SubscriptionFilter",
        lambda w: {
            "LogGroupName": group(w),
            "FilterPattern": "ERROR",
            "DestinationArn": stream(w),
            "RoleArn": w.role(),
        },
        lambda w: {"FilterPattern": "FAULT"},
        in_group(
            "describe_subscription_filters", "subscriptionFilters", lambda one: one["filterPattern"]
        ),
        ["ERROR"],
        ["FAULT"],
    ),
    Example(
        "AWS::Logs::ResourcePolicy",
        lambda w: {"PolicyDocument": write_policy("events.amazonaws.com")},
        lambda w: {"PolicyDocument": write_policy("es.amazonaws.com")},
        log_policy,
        ["events.amazonaws.com"],
        ["es.amazonaws.com"],
    ),
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
    Example(
        "AWS::SecretsManager::Secret",
        lambda w: {"Description": "one", "GenerateSecretString": password(20)},
        lambda w: {"Description": "two", "GenerateSecretString": password(30)},
        secret,
        ("one", 20, "admin"),
        ("two", 30, "admin"),
    ),
    Example(
        "AWS::SecretsManager::ResourcePolicy",
        lambda w: {
            "SecretId": w.one("AWS::SecretsManager::Secret", SecretString="1").physical_id,
            "ResourcePolicy": write_policy("redshift.amazonaws.com"),
        },
        lambda w: {"ResourcePolicy": write_policy("glue.amazonaws.com")},
        secret_policy,
        "redshift.amazonaws.com",
        "glue.amazonaws.com",
    ),
    Example(
        "AWS::CloudWatch::Alarm",
        lambda w: METRIC,
        lambda w: {"Threshold": 2, "Tags": [{"Key": "a", "Value": "b"}]},
        alarm("MetricAlarm"),
        (1.0, 1),
        (2.0, 2),
    ),
    Example(
        "AWS::CloudWatch::CompositeAlarm",
        lambda w: {"AlarmRule": f"ALARM({metric_alarm(w)})"},
        lambda w: {"AlarmRule": f"OK({metric_alarm(w)})", "Tags": [{"Key": "a", "Value": "b"}]},
        lambda w, m: (a := alarm("CompositeAlarm")(w, m)) and (a[0].partition("(")[0], a[1]),
        ("ALARM", 1),
        ("OK", 2),
    ),
    Example(
        "AWS::CloudWatch::Dashboard",
        lambda w: {"DashboardBody": '{"widgets": []}'},
        lambda w: {"DashboardBody": '{"widgets": [{"type": "text"}]}'},
        dashboard,
        [],
        [{"type": "text"}],
    ),
    Example(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        lambda w: {
            **TABLE,
            "ResourceId": "table/example",
            "MinCapacity": "1",
            "MaxCapacity": 3,
            "RoleARN": w.role(),
            "ScheduledActions": [
                {
                    "ScheduledActionName": "night",
                    "Schedule": "cron(0 20 * * ? *)",
                    "ScalableTargetAction": {"MinCapacity": 1, "MaxCapacity": 1},
                }
            ],
        },
        lambda w: {"MaxCapacity": 4, "ScheduledActions": None},
        scalable,
        (3, ["night"]),
        (4, []),
    ),
    Example(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        lambda w: {
            "PolicyName": "example",
            "PolicyType": "TargetTrackingScaling",
            "ScalingTargetId": shared_target(w),
            "TargetTrackingScalingPolicyConfiguration": tracking("70"),
        },
        lambda w: {"TargetTrackingScalingPolicyConfiguration": tracking(90)},
        policy,
        [70.0],
        [90.0],
    ),
]
