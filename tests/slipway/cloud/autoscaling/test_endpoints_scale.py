"""A served endpoint grows under load and shrinks when it is quiet, its windows made short by the setting."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from endpoints import Endpoints, variant

ID = "endpoint/auto/variant/AllTraffic"
OF = {
    "ServiceNamespace": "sagemaker",
    "ResourceId": ID,
    "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
}
PREDEFINED = {"PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"}
QUICK = {"ScaleOutCooldown": 0, "ScaleInCooldown": 0}


@pytest.fixture
def cloud(monkeypatch, request):
    """A cloud whose windows are 900 times as short as AWS's: one second out and in."""
    monkeypatch.setenv("SLIPWAY_AUTOSCALING_FACTOR", str(1 / 900))
    return request.getfixturevalue("own_cloud")


@pytest.fixture
def endpoints(cloud):
    made = Endpoints(cloud)
    made.create("auto", variant(made.model("m")))
    made.settled("auto")
    return made


class Load:
    """Invokes an endpoint again and again until it is stopped."""

    def __init__(self, cloud, pause):
        self.runtime, self.pause = cloud.client("sagemaker-runtime"), pause
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        while not self.stopped.wait(self.pause):
            self.runtime.invoke_endpoint(EndpointName="auto", Body=b"x", ContentType="text/plain")

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join()


def count(endpoints):
    (found,) = endpoints.describe("auto")["ProductionVariants"]
    return found["CurrentInstanceCount"]


def until(holds, seconds=40):
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def activities(autoscaling, **more):
    found = autoscaling.describe_scaling_activities(
        ServiceNamespace="sagemaker", ResourceId=ID, **more
    )
    return found["ScalingActivities"]


@pytest.mark.slow
def test_load_quiet_schedule_and_the_end(cloud, endpoints):
    autoscaling, cloudwatch = cloud.client("application-autoscaling"), cloud.client("cloudwatch")
    with pytest.raises(autoscaling.exceptions.ObjectNotFoundException, match="No scalable target"):
        autoscaling.put_scaling_policy(PolicyName="p", **OF)
    with pytest.raises(autoscaling.exceptions.ValidationException, match="Could not find endpoint"):
        absent = OF | {"ResourceId": "endpoint/none/variant/v"}
        autoscaling.register_scalable_target(MinCapacity=1, MaxCapacity=2, **absent)

    # The capacity is brought between the limits at once.
    autoscaling.register_scalable_target(MinCapacity=2, MaxCapacity=3, **OF)
    until(lambda: count(endpoints) == 2)
    (first,) = until(
        lambda: [a for a in activities(autoscaling) if a["StatusCode"] == "Successful"]
    )
    assert first["Description"] == "Setting desired instance count to 2."
    assert first["Cause"] == "minimum capacity was set to 2"
    assert first["StatusMessage"] == (
        "Successfully set desired instance count to 2. Change successfully fulfilled by sagemaker."
    )

    config = {"TargetValue": 60.0, "PredefinedMetricSpecification": PREDEFINED, **QUICK}
    made = autoscaling.put_scaling_policy(
        PolicyName="track", PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=config, **OF,
    )  # fmt: skip
    assert made["PolicyARN"].endswith(f":resource/sagemaker/{ID}:policyName/track")
    high, low = (alarm["AlarmName"] for alarm in made["Alarms"])
    assert high.startswith(f"TargetTracking-{ID}-AlarmHigh-")
    assert low.startswith(f"TargetTracking-{ID}-AlarmLow-")
    found = {a["AlarmName"]: a for a in cloudwatch.describe_alarms()["MetricAlarms"]}
    assert found[high]["AlarmActions"] == [made["PolicyARN"]]
    assert (found[high]["Threshold"], found[low]["Threshold"]) == (
        1.0,
        0.9,
    )  # 60 a minute, per second

    with Load(cloud, 0.02):
        until(lambda: count(endpoints) == 3)
        wanted = {"Code": "AlreadyAtMaxCapacity", "MaxCapacity": 3}
        (unscaled,) = until(
            lambda: [
                a for a in activities(autoscaling, IncludeNotScaledActivities=True)
                if wanted in a.get("NotScaledReasons", [])
            ][:1]
        )  # fmt: skip
        assert unscaled["Cause"] == f"monitor alarm {high} in state ALARM triggered policy track"
    until(lambda: count(endpoints) == 2)
    until(lambda: activities(autoscaling)[0]["StatusCode"] == "Successful")
    newest = activities(autoscaling)
    assert [a["Description"] for a in newest] == [
        f"Setting desired instance count to {n}." for n in (2, 3, 2)
    ]
    assert newest[0]["Cause"] == f"monitor alarm {low} in state ALARM triggered policy track"
    assert newest[1]["Cause"] == f"monitor alarm {high} in state ALARM triggered policy track"
    history = cloudwatch.describe_alarm_history(AlarmName=high, HistoryItemType="Action")
    summaries = [item["HistorySummary"] for item in history["AlarmHistoryItems"]]
    assert f"Successfully executed action {made['PolicyARN']}" in summaries

    # A policy goes with its alarms. Another one takes steps on an alarm of the user's.
    autoscaling.delete_scaling_policy(PolicyName="track", **OF)
    assert cloudwatch.describe_alarms()["MetricAlarms"] == []
    step = {"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}
    made = autoscaling.put_scaling_policy(
        PolicyName="step", PolicyType="StepScaling", **OF,
        StepScalingPolicyConfiguration={"AdjustmentType": "ChangeInCapacity", "StepAdjustments": [step]},
    )  # fmt: skip
    past = datetime.now(UTC) - timedelta(seconds=11)
    datum = {"MetricName": "Waiting", "Value": 5, "Timestamp": past, "StorageResolution": 1}
    cloudwatch.put_metric_data(Namespace="Shop", MetricData=[datum])
    cloudwatch.put_metric_alarm(
        AlarmName="queue", Namespace="Shop", MetricName="Waiting", Period=10, Statistic="Maximum",
        EvaluationPeriods=3, DatapointsToAlarm=1, Threshold=3, TreatMissingData="notBreaching",
        ComparisonOperator="GreaterThanThreshold", AlarmActions=[made["PolicyARN"]],
    )  # fmt: skip
    until(lambda: count(endpoints) == 3)
    assert activities(autoscaling)[0]["Cause"] == (
        "monitor alarm queue in state ALARM triggered policy step"
    )
    (policy,) = autoscaling.describe_scaling_policies(ServiceNamespace="sagemaker")[
        "ScalingPolicies"
    ]
    assert [alarm["AlarmName"] for alarm in policy["Alarms"]] == ["queue"]

    until(lambda: endpoints.describe("auto")["EndpointStatus"] == "InService")
    other = endpoints.config("other", variant("m", InstanceType="ml.m5.xlarge"))
    with pytest.raises(endpoints.sm.exceptions.ClientError, match="scaled automatically"):
        endpoints.sm.update_endpoint(EndpointName="auto", EndpointConfigName=other)

    soon = datetime.now(UTC) + timedelta(seconds=1)
    autoscaling.put_scheduled_action(
        ScheduledActionName="night", Schedule=f"at({soon:%Y-%m-%dT%H:%M:%S})", Timezone="UTC",
        ScalableTargetAction={"MinCapacity": 1, "MaxCapacity": 1}, **OF,
    )  # fmt: skip
    until(lambda: count(endpoints) == 1)
    (target,) = autoscaling.describe_scalable_targets(ServiceNamespace="sagemaker")[
        "ScalableTargets"
    ]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (1, 1)
    causes = [a["Cause"] for a in activities(autoscaling)]
    assert causes[:2] == [
        "maximum capacity was set to 1", "scheduled action name night was triggered",
    ]  # fmt: skip

    # A killed cloud has lost nothing of it.
    until(lambda: endpoints.describe("auto")["EndpointStatus"] == "InService")
    cloud.kill()
    cloud.start()
    (alarm,) = cloudwatch.describe_alarms(AlarmNames=["queue"])["MetricAlarms"]
    assert alarm["StateValue"] == "ALARM"
    metric = {"Namespace": "Shop", "MetricName": "Waiting", "Statistics": ["Sum"], "Period": 60}
    found = cloudwatch.get_metric_statistics(
        **metric, StartTime=past - timedelta(minutes=5), EndTime=past + timedelta(minutes=5)
    )
    assert [point["Sum"] for point in found["Datapoints"]] == [5.0]
    assert [a["Cause"] for a in activities(autoscaling)][:2] == causes[:2]

    until(lambda: endpoints.describe("auto")["EndpointStatus"] == "InService")
    endpoints.sm.delete_endpoint(EndpointName="auto")
    endpoints.gone("auto")
    assert (
        autoscaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"] == []
    )
    assert (
        autoscaling.describe_scaling_policies(ServiceNamespace="sagemaker")["ScalingPolicies"] == []
    )
