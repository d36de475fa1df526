"""Targets and policies as boto3 sees them."""

import pytest
from botocore.exceptions import ClientError

from slipway.cloud.autoscaling import records
from slipway.cloud.autoscaling.targets import LIMITS, RUNNING

ID = "endpoint/e/variant/v"
OF = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": ID,
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
STEPS = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": [{"ScalingAdjustment": 1}]}


def tracked(target=70.0, **more):
    metric = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
    return {"TargetValue": target, "PredefinedMetricSpecification": metric} | more


@pytest.fixture(scope="module")
def autoscaling(shared):
    """A client of a cloud that has a target; the endpoint is none of these tests' business."""
    target = OF | dict(zip(LIMITS, (1, 4), strict=True)) | {
        "RoleARN": "r", "CreationTime": 1.0, "SuspendedState": RUNNING, "ScalableTargetARN": "arn"
    }  # fmt: skip
    records.kept(shared.cloud, "us-east-1", records.TARGET).create(records.key(OF), target)
    return shared.client("application-autoscaling")


def test_the_alarms_of_a_policy_are_awss(autoscaling, shared):
    cloudwatch = shared.client("cloudwatch")
    put = {"PolicyName": "p", "PolicyType": "TargetTrackingScaling", **OF}
    config = "TargetTrackingScalingPolicyConfiguration"
    first = autoscaling.put_scaling_policy(**put, **{config: tracked()})
    alarms = {a["AlarmName"]: a for a in cloudwatch.describe_alarms()["MetricAlarms"]}
    high, low = (alarms[alarm["AlarmName"]] for alarm in first["Alarms"])
    shown = ("MetricName", "Statistic", "Period", "EvaluationPeriods", "Threshold")
    assert [high[name] for name in shown] == ["InvocationsPerInstance", "Sum", 60, 3, 70.0]
    assert [low[name] for name in shown] == ["InvocationsPerInstance", "Sum", 60, 15, 63.0]
    assert high["Dimensions"] == [
        {"Name": "EndpointName", "Value": "e"}, {"Name": "VariantName", "Value": "v"}
    ]  # fmt: skip

    again = autoscaling.put_scaling_policy(**put, **{config: tracked(50.0, DisableScaleIn=True)})
    assert again["PolicyARN"] == first["PolicyARN"]
    assert again["Alarms"] == first["Alarms"][:1]
    (alarm,) = cloudwatch.describe_alarms()["MetricAlarms"]
    assert alarm["Threshold"] == 50.0
    (policy,) = autoscaling.describe_scaling_policies(ServiceNamespace="sagemaker")[
        "ScalingPolicies"
    ]
    assert policy[config]["TargetValue"] == 50.0

    queries = [
        {"Id": "m", "MetricStat": {"Metric": {"Namespace": "n", "MetricName": "m"}, "Stat": "Sum"},
         "ReturnData": False},
        {"Id": "e", "Expression": "m / 2"},
    ]  # fmt: skip
    custom = {"TargetValue": 5.0, "CustomizedMetricSpecification": {"Metrics": queries}}
    made = autoscaling.put_scaling_policy(**put | {"PolicyName": "math"}, **{config: custom})
    found = cloudwatch.describe_alarms(AlarmNames=[made["Alarms"][0]["AlarmName"]])["MetricAlarms"]
    assert found[0]["Metrics"][0]["MetricStat"]["Period"] == 60
    for name in ("p", "math"):
        autoscaling.delete_scaling_policy(PolicyName=name, **OF)
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"PolicyType": "TargetTrackingScaling"}, "TargetTrackingScalingPolicyConfiguration"),
        ({"PolicyType": "PredictiveScaling"}, "PredictiveScaling"),
        ({"StepScalingPolicyConfiguration": STEPS | {"StepAdjustments": []}}, "StepAdjustment"),
        ({"PolicyType": "TargetTrackingScaling",
          "TargetTrackingScalingPolicyConfiguration": tracked(0.0)}, "TargetValue"),
        ({"PolicyType": "TargetTrackingScaling",
          "TargetTrackingScalingPolicyConfiguration": {"TargetValue": 1.0}}, "Exactly one"),
        ({"PolicyType": "TargetTrackingScaling",
          "TargetTrackingScalingPolicyConfiguration": tracked(
              PredefinedMetricSpecification={"PredefinedMetricType": "ALBRequestCountPerTarget"})},
         "SageMakerVariantInvocationsPerInstance"),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_carried_out_is_refused(autoscaling, more, says):
    with pytest.raises(ClientError, match="ValidationException") as refused:
        autoscaling.put_scaling_policy(PolicyName="bad", **OF, **more)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "Schedule"),
        ({"Schedule": "soon"}, "soon"),
        ({"Schedule": "rate(1 day)", "Timezone": "Mars/Olympus"}, "Mars"),
        ({"Schedule": "rate(1 day)", "ScalableTargetAction": {"MinCapacity": 3, "MaxCapacity": 2}},
         "Maximum"),
    ],
)  # fmt: skip
def test_an_action_that_never_comes_is_refused(autoscaling, more, says):
    action = {"ScheduledActionName": "a", "ScalableTargetAction": {"MinCapacity": 1}, **OF, **more}
    with pytest.raises(ClientError, match="ValidationException") as refused:
        autoscaling.put_scheduled_action(**action)
    assert says in str(refused.value)


def test_lists_have_pages(autoscaling):
    for name in "abc":
        autoscaling.put_scaling_policy(PolicyName=name, StepScalingPolicyConfiguration=STEPS, **OF)
    pages = autoscaling.get_paginator("describe_scaling_policies").paginate(
        ServiceNamespace="sagemaker", PaginationConfig={"PageSize": 2}
    )
    sizes = [[policy["PolicyName"] for policy in page["ScalingPolicies"]] for page in pages]
    assert sizes == [["a", "b"], ["c"]]
    with pytest.raises(ClientError, match="InvalidNextTokenException"):
        autoscaling.describe_scaling_policies(ServiceNamespace="sagemaker", NextToken="x")
