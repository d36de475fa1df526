"""AWS::DynamoDB: tables."""

from collections.abc import Mapping
from typing import Any

from slipway.cloud.cloudformation.declared import Declared, Part
from slipway.cloud.cloudformation.own import by_name
from slipway.cloud.cloudformation.resource import Asked, Properties

ARN = "=arn:aws:dynamodb:{region}:{account}:table/{id}"
RECOVERY = {"PointInTimeRecoveryEnabled": False}


def table(asked: Asked) -> Properties:
    """Return a table's properties as the API has them."""
    given = dict(asked.properties)
    if stream := given.get("StreamSpecification"):
        given["StreamSpecification"] = {
            "StreamEnabled": True,
            "StreamViewType": stream["StreamViewType"],
        }
    if encryption := given.get("SSESpecification"):
        names = {"SSEEnabled": "Enabled"}
        given["SSESpecification"] = {names.get(key, key): of for key, of in encryption.items()}
    return given


def recovery(_: Asked, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the wish for recovery to a point in time."""
    on = str(given.get("PointInTimeRecoveryEnabled", False)).lower() == "true"
    found: dict[str, Any] = {"PointInTimeRecoveryEnabled": on}
    if days := given.get("RecoveryPeriodInDays"):
        found["RecoveryPeriodInDays"] = int(days)
    return {"PointInTimeRecoverySpecification": found}


ALL = (
    Declared(
        "AWS::DynamoDB::Table",
        "dynamodb",
        create="CreateTable",
        update="UpdateTable",
        delete="DeleteTable",
        read="DescribeTable",
        resource="Table",
        named="TableName",
        longest=255,
        keys={"TableName": "@"},
        attributes={"Arn": "TableArn", "StreamArn": "LatestStreamArn"},
        stable="TableStatus == 'ACTIVE'",
        form=table,
        cleared={
            "DeletionProtectionEnabled": False,
            "StreamSpecification": {"StreamEnabled": False},
        },
        parts=(
            Part("TimeToLiveSpecification", "UpdateTimeToLive"),
            Part("PointInTimeRecoverySpecification", "UpdateContinuousBackups", form=recovery),
        ),
        tagging=("TagResource", "UntagResource", {"ResourceArn": ARN}),
        refused={
            "ImportSourceSpecification": "nothing imports tables",
            "KinesisStreamSpecification": "nothing feeds Kinesis from tables",
            "VectorIndexes": "tables have no vector indexes",
            "WarmThroughput": "a table is as fast as this machine",
        },
        ignored={
            "ContributorInsightsSpecification": "nobody looks at who uses a table",
            "OnDemandThroughput": "a table is as fast as this machine",
        },
        replacing=frozenset({"TableName", "KeySchema", "LocalSecondaryIndexes"}),
    ),
)
TYPES = by_name(*ALL)
