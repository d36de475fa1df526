"""Examples of the types of AWS::Lambda."""

import io
import json
import zipfile

from resources.making import ACCOUNT, TEAM, Example

CODE = "def handler(event, context):\n    return {}\n"


def function(world):
    return world.one(
        "AWS::Lambda::Function",
        Runtime="python3.11",
        Handler="index.handler",
        Role=world.role(),
        Code={"ZipFile": CODE},
    ).physical_id


def shown(world, made):
    found = world.client("lambda").get_function(FunctionName=made.physical_id)
    about = found["Configuration"]
    variables = about.get("Environment", {}).get("Variables")
    tags = found.get("Tags", {})
    return about["Timeout"], variables, found.get("Concurrency"), tags, about["CodeSize"]


def layer(world):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("python/own.py", "X = 1\n")
    bucket = world.one("AWS::S3::Bucket").physical_id
    world.client("s3").put_object(Bucket=bucket, Key="layer.zip", Body=out.getvalue())
    return {"S3Bucket": bucket, "S3Key": "layer.zip"}


def version(world):
    return world.one("AWS::Lambda::Version", FunctionName=function(world)).attributes["Version"]


def policy(world, made):
    client = world.client("lambda")
    try:
        found = json.loads(client.get_policy(FunctionName=function(world))["Policy"])
    except client.exceptions.ResourceNotFoundException:
        return []
    mine = [one for one in found["Statement"] if one["Sid"] == made.physical_id]
    return [one["Principal"]["Service"] for one in mine]


def mapping(world, made):
    found = world.client("lambda").get_event_source_mapping(UUID=made.physical_id)
    return found["BatchSize"], found["FunctionResponseTypes"], found["State"]


def secret(world):
    return world.one("AWS::SecretsManager::Secret", SecretString="2").physical_id


def rotating(world):
    service = "secretsmanager.amazonaws.com"
    properties = {"FunctionName": function(world), "Action": "lambda:InvokeFunction"}
    world.one("AWS::Lambda::Permission", **properties, Principal=service)
    found = world.client("lambda").get_function_configuration(FunctionName=function(world))
    return found["FunctionArn"]


def rotation(world, made):
    found = world.client("secretsmanager").describe_secret(SecretId=made.physical_id)
    return found.get("RotationEnabled") and found["RotationRules"]["ScheduleExpression"]


EXAMPLES = [
    Example(
        "AWS::Lambda::Function",
        lambda w: {
            "Runtime": "python3.11",
            "Handler": "index.handler",
            "Role": w.role(),
            "Code": {"ZipFile": CODE},
            "Timeout": "10",
            "Environment": {"Variables": {"NAME": "1"}},
            "ReservedConcurrentExecutions": "2",
        },
        lambda w: {
            "Code": {"ZipFile": CODE + "# longer\n"},
            "Timeout": None,
            "Environment": None,
            "ReservedConcurrentExecutions": None,
            "Tags": [{"Key": "a", "Value": "b"}],
        },
        lambda w, m: (*shown(w, m)[1:4], shown(w, m)[0], shown(w, m)[4] > 160),
        ({"NAME": "1"}, {"ReservedConcurrentExecutions": 2}, TEAM, 10, False),
        (None, None, {**TEAM, "a": "b"}, 3, True),
    ),
    Example(
        "AWS::Lambda::Version",
        lambda w: {"FunctionName": function(w), "Description": "one"},
        lambda w: {},
        lambda w, m: w.client("lambda").get_function_configuration(FunctionName=m.physical_id)[
            "Description"
        ],
        "one",
        "one",
    ),
    Example(
        "AWS::Lambda::Alias",
        lambda w: {"FunctionName": function(w), "Name": "live", "FunctionVersion": version(w)},
        lambda w: {"Description": "two"},
        lambda w, m: (
            w.client("lambda").get_alias(FunctionName=function(w), Name="live")["Description"]
            or "one"
        ),
        "one",
        "two",
    ),
    Example(
        "AWS::Lambda::Permission",
        lambda w: {
            "FunctionName": function(w),
            "Action": "lambda:InvokeFunction",
            "Principal": "events.amazonaws.com",
            "SourceAccount": ACCOUNT,
        },
        lambda w: {},
        policy,
        ["events.amazonaws.com"],
        ["events.amazonaws.com"],
    ),
    Example(
        "AWS::Lambda::EventInvokeConfig",
        lambda w: {
            "FunctionName": function(w),
            "Qualifier": "$LATEST",
            "MaximumRetryAttempts": "1",
        },
        lambda w: {"MaximumRetryAttempts": 0},
        lambda w, m: str(
            w.client("lambda").get_function_event_invoke_config(FunctionName=function(w))[
                "MaximumRetryAttempts"
            ]
        ),
        "1",
        "0",
    ),
    Example(
        "AWS::Lambda::LayerVersion",
        lambda w: {"Content": layer(w), "CompatibleRuntimes": ["python3.11"]},
        lambda w: {},
        lambda w, m: w.client("lambda").get_layer_version_by_arn(Arn=m.physical_id)[
            "CompatibleRuntimes"
        ],
        ["python3.11"],
        ["python3.11"],
    ),
    Example(
        "AWS::Lambda::EventSourceMapping",
        lambda w: {
            "FunctionName": function(w),
            "EventSourceArn": w.one("AWS::SQS::Queue").attributes["Arn"],
            "BatchSize": "5",
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        },
        lambda w: {"BatchSize": None, "Enabled": False, "FunctionResponseTypes": None},
        mapping,
        (5, ["ReportBatchItemFailures"], "Enabled"),
        (10, [], "Disabled"),
    ),
    Example(
        "AWS::SecretsManager::RotationSchedule",
        lambda w: {
            "SecretId": secret(w),
            "RotationLambdaARN": rotating(w),
            "RotationRules": {"ScheduleExpression": "rate(10 days)"},
            "RotateImmediatelyOnUpdate": "false",
        },
        lambda w: {"RotationRules": {"ScheduleExpression": "rate(20 days)"}},
        rotation,
        "rate(10 days)",
        "rate(20 days)",
    ),
]
