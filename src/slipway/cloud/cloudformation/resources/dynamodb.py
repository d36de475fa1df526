"""AWS::DynamoDB: tables."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from slipway.cloud.cloudformation.declared import Declared, Part
from slipway.cloud.cloudformation.own import by_name
from slipway.cloud.cloudformation.resource import Asked, Failed, Properties

ARN = "=arn:aws:dynamodb:{region}:{account}:table/{id}"
REPLICA = ("DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "TableClass", "Tags")


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


def single(asked: Asked) -> Properties:
    """Return a global table's properties as those of the table that it is in its one region."""
    given = dict(asked.properties)
    replicas = given.pop("Replicas")
    if [one["Region"] for one in replicas] != [asked.region]:
        raise Failed(
            f"#/Replicas: expected one in {asked.region}, found "
            f"{', '.join(one['Region'] for one in replicas)}: tables of the local cloud are in one region"
        )
    for name, value in replicas[0].items():
        if name == "SSESpecification":
            given[name] = {**given.get(name, {}), **value}
        elif name in REPLICA:
            given[name] = value
        elif name not in ("Region", "ContributorInsightsSpecification"):
            raise Failed(f"The local cloud does not support {asked.type} Replicas/0/{name}.")
    return table(replace(asked, properties=given))


def made_of(kind: str, form: Callable[[Asked], Properties], **more: Any) -> Declared:
    """Return the declaration of a table: a global one is one with a single replica."""
    return Declared(
        kind,
        "dynamodb",
        create="CreateTable",
        update="UpdateTable",
        delete="DeleteTable",
        read="DescribeTable",
        resource="Table",
        named="TableName",
        longest=255,
        keys={"TableName": "@"},
        stable="TableStatus == 'ACTIVE'",
        form=form,
        cleared={
            "DeletionProtectionEnabled": False,
            "StreamSpecification": {"StreamEnabled": False},
        },
        parts=(
            Part("TimeToLiveSpecification", "UpdateTimeToLive"),
            Part("PointInTimeRecoverySpecification", "UpdateContinuousBackups", form=recovery),
        ),
        tagging=("TagResource", "UntagResource", {"ResourceArn": ARN}),
        **more,
    )


ALL = (
    made_of(
        "AWS::DynamoDB::Table",
        table,
        attributes={"Arn": "TableArn", "StreamArn": "LatestStreamArn"},
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
    made_of(
        "AWS::DynamoDB::GlobalTable",
        single,
        attributes={"Arn": "TableArn", "StreamArn": "LatestStreamArn", "TableId": "TableId"},
        hooked=frozenset({"Replicas"}),
        refused={
            **dict.fromkeys(
                (
                    "ReadProvisionedThroughputSettings",
                    "WriteProvisionedThroughputSettings",
                    "ReadOnDemandThroughputSettings",
                    "WriteOnDemandThroughputSettings",
                    "WarmThroughput",
                ),
                "a table is as fast as this machine; BillingMode is PAY_PER_REQUEST",
            ),
            **dict.fromkeys(
                ("GlobalTableSourceArn", "GlobalTableWitnesses", "MultiRegionConsistency"),
                "tables are in one region",
            ),
            "VectorIndexes": "tables have no vector indexes",
            "TableType": "tables are in one region",
        },
        replacing=frozenset({"TableName", "KeySchema", "LocalSecondaryIndexes"}),
    ),
)
TYPES = by_name(*ALL)
