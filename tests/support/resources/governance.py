"""Examples of tables, state machines, documents, identities, and of what keeps an eye on the account."""

import json

from resources.making import ACCOUNT, REGION, TEAM, Example

NAME = [{"Key": "a", "Value": "b"}]
BOTH = {**TEAM, "a": "b"}


def table(world, made):
    client, which = world.client("dynamodb"), {"TableName": made.physical_id}
    found = client.describe_table(**which)["Table"]
    ttl = client.describe_time_to_live(**which)["TimeToLiveDescription"]["TimeToLiveStatus"]
    backups = client.describe_continuous_backups(**which)["ContinuousBackupsDescription"]
    recovery = backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
    tags = client.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"]
    return ttl, recovery, {tag["Key"]: tag["Value"] for tag in tags}


def replica(recovery):
    on = {"PointInTimeRecoveryEnabled": recovery}
    return {"Region": REGION, "PointInTimeRecoverySpecification": on, "Tags": NAME}


def machine(world, made):
    found = world.client("stepfunctions").describe_state_machine(stateMachineArn=made.physical_id)
    return json.loads(found["definition"])["States"]["A"]["Type"]


def pass_on(kind):
    return json.dumps({"StartAt": "A", "States": {"A": {"Type": kind, "End": True}}})


def document(world, made):
    found = world.client("ssm").get_document(Name=made.physical_id)
    return json.loads(found["Content"])["description"]


def content(description):
    step = {"action": "aws:runShellScript", "name": "a", "inputs": {"runCommand": ["true"]}}
    return {"schemaVersion": "2.2", "description": description, "mainSteps": [step]}


def provider(world, made):
    found = world.client("iam").get_open_id_connect_provider(
        OpenIDConnectProviderArn=made.physical_id
    )
    return found["ClientIDList"], len(found["Tags"])


def rule(world, made):
    client = world.client("config")
    found = client.describe_config_rules(ConfigRuleNames=[made.physical_id])["ConfigRules"]
    return [(one["Description"], one["Source"]["SourceIdentifier"]) for one in found]


def recorder(world):
    return world.one("AWS::Config::ConfigurationRecorder", RoleARN=world.role()).physical_id


def channel(world, made):
    client = world.client("config")
    (status,) = client.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    found = client.describe_delivery_channels()["DeliveryChannels"]
    return [(one["s3KeyPrefix"], status["recording"]) for one in found]


def trail_bucket(world):
    return world.one("AWS::S3::Bucket", BucketName="trail-of-the-examples").physical_id


def trail(world, made):
    client = world.client("cloudtrail")
    found = client.get_trail(Name=made.physical_id)["Trail"]
    status = client.get_trail_status(Name=made.physical_id)["IsLogging"]
    selectors = client.get_event_selectors(TrailName=made.physical_id)["EventSelectors"]
    return found["IsMultiRegionTrail"], status, [one["ReadWriteType"] for one in selectors]


def budget(world, made):
    found = world.client("budgets").describe_budget(AccountId=ACCOUNT, BudgetName=made.physical_id)
    return float(found["Budget"]["BudgetLimit"]["Amount"])


def wished(amount):
    limit = {"Amount": amount, "Unit": "USD"}
    return {"BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": limit}


def query(team):
    tags = [{"Key": "team", "Values": [team]}]
    return {
        "Type": "TAG_FILTERS_1_0",
        "Query": {"ResourceTypeFilters": ["AWS::AllSupported"], "TagFilters": tags},
    }


def group(world, made):
    client, which = world.client("resource-groups"), {"GroupName": made.physical_id}
    found = client.get_group(**which)["Group"]
    of = json.loads(client.get_group_query(**which)["GroupQuery"]["ResourceQuery"]["Query"])
    return found.get("Description"), of["TagFilters"][0]["Values"]


EXAMPLES = [
    Example(
        "AWS::DynamoDB::Table",
        lambda w: {
            "KeySchema": [{"AttributeName": "Pipeline", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "Pipeline", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
            "SSESpecification": {"SSEEnabled": True},
            "TimeToLiveSpecification": {"AttributeName": "Until", "Enabled": "true"},
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": "true"},
        },
        lambda w: {
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": False},
            "Tags": NAME,
        },
        table,
        ("ENABLED", "ENABLED", TEAM),
        ("ENABLED", "DISABLED", BOTH),
    ),
    Example(
        "AWS::DynamoDB::GlobalTable",
        lambda w: {
            "KeySchema": [{"AttributeName": "Pipeline", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "Pipeline", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
            "Replicas": [replica(True)],
        },
        lambda w: {"Replicas": [replica(False)]},
        table,
        ("DISABLED", "ENABLED", BOTH),
        ("DISABLED", "DISABLED", BOTH),
    ),
    Example(
        "AWS::StepFunctions::StateMachine",
        lambda w: {
            "RoleArn": w.role(),
            "DefinitionString": pass_on("${Kind}"),
            "DefinitionSubstitutions": {"Kind": "Pass"},
        },
        lambda w: {"DefinitionSubstitutions": {"Kind": "Succeed"}, "Tags": NAME},
        machine,
        "Pass",
        "Succeed",
    ),
    Example(
        "AWS::SSM::Document",
        lambda w: {"DocumentType": "Command", "Content": content("one")},
        lambda w: {"Content": content("two"), "Tags": NAME},
        document,
        "one",
        "two",
    ),
    Example(
        "AWS::IAM::OIDCProvider",
        lambda w: {
            "Url": "https://token.actions.githubusercontent.com",
            "ClientIdList": ["sts.amazonaws.com"],
        },
        lambda w: {"Tags": NAME},
        provider,
        (["sts.amazonaws.com"], 1),
        (["sts.amazonaws.com"], 2),
    ),
    Example(
        "AWS::IAM::ServiceLinkedRole",
        lambda w: {"AWSServiceName": "autoscaling.amazonaws.com", "Description": "one"},
        lambda w: {"Description": "two"},
        lambda w, m: w.client("iam").get_role(RoleName=m.physical_id)["Role"]["Description"],
        "one",
        "two",
    ),
    Example(
        "AWS::Config::ConfigRule",
        lambda w: {
            "Description": "one",
            "Source": {"Owner": "AWS", "SourceIdentifier": "IAM_PASSWORD_POLICY"},
        },
        lambda w: {"Description": "two"},
        rule,
        [("one", "IAM_PASSWORD_POLICY")],
        [("two", "IAM_PASSWORD_POLICY")],
    ),
    Example(
        "AWS::Config::DeliveryChannel",
        lambda w: {
            "S3BucketName": w.one("AWS::S3::Bucket").physical_id,
            "S3KeyPrefix": "one" if recorder(w) else "",
        },
        lambda w: {"S3KeyPrefix": "two"},
        channel,
        [("one", True)],
        [("two", True)],
    ),
    Example(
        "AWS::CloudTrail::Trail",
        lambda w: {
            "S3BucketName": trail_bucket(w),
            "IsLogging": "true",
            "IsMultiRegionTrail": True,
            "EventSelectors": [{"ReadWriteType": "WriteOnly"}],
        },
        lambda w: {
            "IsLogging": False,
            "EventSelectors": [{"ReadWriteType": "All"}],
            "Tags": NAME,
        },
        trail,
        (True, True, ["WriteOnly"]),
        (True, False, ["All"]),
    ),
    Example(
        "AWS::Budgets::Budget",
        lambda w: {
            "Budget": wished(100),
            "NotificationsWithSubscribers": [
                {
                    "Notification": {
                        "ComparisonOperator": "GREATER_THAN",
                        "NotificationType": "ACTUAL",
                        "Threshold": "80",
                    },
                    "Subscribers": [{"SubscriptionType": "EMAIL", "Address": "ops@example.com"}],
                }
            ],
        },
        lambda w: {"Budget": wished("200")},
        budget,
        100.0,
        200.0,
    ),
    Example(
        "AWS::ResourceGroups::Group",
        lambda w: {"Description": "one", "ResourceQuery": query("one")},
        lambda w: {"Description": "two", "ResourceQuery": query("two"), "Tags": NAME},
        group,
        ("one", ["one"]),
        ("two", ["two"]),
    ),
]
