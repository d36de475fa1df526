"""Examples of logs, secrets, alarms and scaling."""

import json

from resources.making import ACCOUNT, REGION, TEAM, Example, write_policy

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


def log_policy(world, made):
    found = world.client("logs").describe_resource_policies()["resourcePolicies"]
    return [
        json.loads(one["policyDocument"])["Statement"][0]["Principal"]["Service"]
        for one in found
        if one["policyName"] == made.physical_id
    ]


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
