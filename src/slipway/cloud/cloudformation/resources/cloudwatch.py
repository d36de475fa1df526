"""AWS::CloudWatch: alarms and dashboards."""

from typing import Any

from slipway.cloud.cloudformation.declared import Declared
from slipway.cloud.cloudformation.own import by_name

NEWER = "alarms are of a metric or of metric math"


def alarm(kind: str, put: str, shown: str, **more: Any) -> Declared:
    """Return the declaration of a kind of alarm."""
    return Declared(
        kind,
        "cloudwatch",
        create=put,
        update=put,
        delete="DeleteAlarms",
        read="DescribeAlarms",
        resource=f"{shown}[0]",
        named="AlarmName",
        longest=255,
        keys={"AlarmName": "@", "AlarmNames": "[@]"},
        read_keys={"AlarmNames": ["@"], "AlarmTypes": [f"={shown.removesuffix('s')}"]},
        attributes={"Arn": "AlarmArn"},
        tagging=(
            "TagResource",
            "UntagResource",
            {"ResourceARN": "=arn:aws:cloudwatch:{region}:{account}:alarm:{id}"},
        ),
        replacing=frozenset({"AlarmName"}),
        **more,
    )


ALL = (
    alarm(
        "AWS::CloudWatch::Alarm",
        "PutMetricAlarm",
        "MetricAlarms",
        refused=dict.fromkeys(
            (
                "ActionConfiguration",
                "EvaluationCriteria",
                "EvaluationInterval",
                "EvaluationWindow",
                "WarmUpConfiguration",
            ),
            NEWER,
        ),
    ),
    alarm(
        "AWS::CloudWatch::CompositeAlarm",
        "PutCompositeAlarm",
        "CompositeAlarms",
        refused={"ActionConfiguration": NEWER},
    ),
    Declared(
        "AWS::CloudWatch::Dashboard",
        "cloudwatch",
        create="PutDashboard",
        update="PutDashboard",
        delete="DeleteDashboards",
        read="GetDashboard",
        named="DashboardName",
        longest=255,
        keys={"DashboardName": "@", "DashboardNames": "[@]"},
        tags="",
        ignored={"Tags": "the ground's dashboards have none"},
        replacing=frozenset({"DashboardName"}),
        note="kept and shown; nothing draws it",
    ),
)
TYPES = by_name(*ALL)
