"""AWS::Logs: log groups and streams, filters, and who may write."""

from collections.abc import Mapping
from typing import Any

from slipway.cloud.cloudformation import members
from slipway.cloud.cloudformation.declared import Declared, Part
from slipway.cloud.cloudformation.own import by_name
from slipway.cloud.cloudformation.resource import Asked, Made, Properties
from slipway.cloud.cloudformation.settling import gently

KEPT = (
    "a filter is kept and shown; one for a function is refused, as functions get no lines of logs"
)
LATER = "lines of logs are not transformed"


def filtered(asked: Asked) -> Properties:
    """Return a metric filter's properties as the API has them: dimensions as a map."""
    given = dict(asked.properties)
    given["MetricTransformations"] = [mapped(one) for one in given["MetricTransformations"]]
    return given


def mapped(transformation: Mapping[str, Any]) -> dict[str, Any]:
    """Return a metric transformation with its dimensions as a map."""
    found = dict(transformation)
    if isinstance(found.get("Dimensions"), list):
        found["Dimensions"] = {one["Key"]: one["Value"] for one in found["Dimensions"]}
    return found


def put_anew(asked: Asked, made: Made, before: Properties) -> None:
    """Put a metric filter in place of the one before: the ground would keep both."""
    if before and before != asked.properties:
        logs = asked.client("logs")
        which = {"logGroupName": before["LogGroupName"], "filterName": made.physical_id}
        gently(logs.delete_metric_filter, **which)
        shape = members.operation("logs", "PutMetricFilter").input_shape
        logs.put_metric_filter(**members.value(shape, dict(asked.properties), "#"))


ALL = (
    Declared(
        "AWS::Logs::LogGroup",
        "logs",
        create="CreateLogGroup",
        delete="DeleteLogGroup",
        read="DescribeLogGroups",
        resource="logGroups[?logGroupName=='$ID'] | [0]",
        named="LogGroupName",
        longest=512,
        keys={"logGroupName": "@"},
        read_keys={"logGroupNamePrefix": "@"},
        attributes={"Arn": "=arn:aws:logs:{region}:{account}:log-group:{id}:*"},
        parts=(
            Part("RetentionInDays", "PutRetentionPolicy", "DeleteRetentionPolicy"),
            Part("KmsKeyId", "AssociateKmsKey", "DisassociateKmsKey"),
        ),
        tagging=(
            "TagResource",
            "UntagResource",
            {"resourceArn": "=arn:aws:logs:{region}:{account}:log-group:{id}"},
        ),
        refused={
            "DataProtectionPolicy": "nothing masks the lines of logs",
            "FieldIndexPolicies": "nothing indexes the lines of logs",
            "ResourcePolicyDocument": "use AWS::Logs::ResourcePolicy",
            "BearerTokenAuthenticationEnabled": "requests are signed",
        },
        ignored={
            "LogGroupClass": "there is one class of storage",
            "DeletionProtectionEnabled": "a log group can be deleted by who may",
        },
        replacing=frozenset({"LogGroupName"}),
    ),
    Declared(
        "AWS::Logs::LogStream",
        "logs",
        create="CreateLogStream",
        delete="DeleteLogStream",
        read="DescribeLogStreams",
        resource="logStreams[?logStreamName=='$ID'] | [0]",
        named="LogStreamName",
        longest=512,
        keys={"logGroupName": "LogGroupName", "logStreamName": "@"},
        read_keys={"logGroupName": "LogGroupName", "logStreamNamePrefix": "@"},
        tags="",
        replacing=frozenset({"LogGroupName", "LogStreamName"}),
    ),
    Declared(
        "AWS::Logs::MetricFilter",
        "logs",
        create="PutMetricFilter",
        after=put_anew,
        changing=frozenset({"FilterPattern", "MetricTransformations"}),
        delete="DeleteMetricFilter",
        read="DescribeMetricFilters",
        resource="metricFilters[?filterName=='$ID'] | [0]",
        named="FilterName",
        longest=512,
        keys={"logGroupName": "LogGroupName", "filterName": "@"},
        read_keys={"logGroupName": "LogGroupName", "filterNamePrefix": "@"},
        form=filtered,
        tags="",
        refused={
            "ApplyOnTransformedLogs": LATER,
            "EmitSystemFieldDimensions": LATER,
            "FieldSelectionCriteria": LATER,
        },
        replacing=frozenset({"FilterName", "LogGroupName"}),
    ),
    Declared(
        "AWS::Logs::SubscriptionFilter",
        "logs",
        create="PutSubscriptionFilter",
        update="PutSubscriptionFilter",
        delete="DeleteSubscriptionFilter",
        read="DescribeSubscriptionFilters",
        resource="subscriptionFilters[?filterName=='$ID'] | [0]",
        named="FilterName",
        longest=512,
        keys={"logGroupName": "LogGroupName", "filterName": "@"},
        read_keys={"logGroupName": "LogGroupName"},
        tags="",
        refused={
            "ApplyOnTransformedLogs": LATER,
            "EmitSystemFields": LATER,
            "FieldSelectionCriteria": LATER,
        },
        replacing=frozenset({"FilterName", "LogGroupName"}),
        note=KEPT,
    ),
    Declared(
        "AWS::Logs::QueryDefinition",
        "logs",
        create="PutQueryDefinition",
        update="PutQueryDefinition",
        delete="DeleteQueryDefinition",
        read="DescribeQueryDefinitions",
        resource="queryDefinitions[?queryDefinitionId=='$ID'] | [0]",
        ref="queryDefinitionId",
        keys={"queryDefinitionId": "@"},
        read_keys={},
        attributes={"QueryDefinitionId": "={id}"},
        tags="",
        note="a query is kept and shown; nothing runs it",
    ),
    Declared(
        "AWS::Logs::ResourcePolicy",
        "logs",
        create="PutResourcePolicy",
        update="PutResourcePolicy",
        delete="DeleteResourcePolicy",
        read="DescribeResourcePolicies",
        resource="resourcePolicies[?policyName=='$ID'] | [0]",
        named="PolicyName",
        keys={"policyName": "@"},
        read_keys={},
        tags="",
        replacing=frozenset({"PolicyName"}),
    ),
)
TYPES = by_name(*ALL)
