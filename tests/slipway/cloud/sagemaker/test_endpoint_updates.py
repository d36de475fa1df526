"""UpdateEndpoint as boto3 sees it, with real servers: guardrails, refusals, failures, events."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from botocore.exceptions import ClientError

from endpoints import Endpoints, variant
from slipway.cloud.autoscaling import records
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch import alarms
from slipway.cloud.hosting.live import live
from slipway.cloud.sagemaker import endpoint_lives, endpoint_releases

ARN = "arn:aws:sagemaker:us-east-1:123456789012:"
REGION = "us-east-1"


@dataclass
class Here:
    """A cloud in this process, as `Endpoints` wants one."""

    cloud: Cloud
    client: Callable

    @property
    def home(self):
        return self.cloud.home


@pytest.fixture(scope="module")
def endpoints(shared):
    made = Endpoints(Here(shared.cloud, shared.client))
    made.model("m1", TAG="1")
    made.model("m2", TAG="2")
    made.model("broken", FAIL="no weights")
    made.config("v1", variant("m1", count=2))
    made.config("v2", variant("m2", count=2))
    made.config("broken", variant("broken", count=2))
    made.sm.create_endpoint(EndpointName="e", EndpointConfigName="v1")
    assert made.settled("e")["EndpointStatus"] == "InService"
    yield made
    endpoint_lives.end_all(shared.cloud)


def canary(wait=1, termination=1, *names):
    routing = {
        "Type": "CANARY",
        "WaitIntervalInSeconds": wait,
        "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 50},
    }
    policy = {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": termination}
    rollback = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in names]}}
    return {"BlueGreenUpdatePolicy": policy} | (rollback if names else {})


def refusal(operation, **request):
    with pytest.raises(ClientError) as error:
        operation(**request)
    assert error.value.response["Error"]["Code"] == "ValidationException"
    return error.value.response["Error"]["Message"]


def alarm(cloud, name, state):
    """Put an alarm into a state, as the evaluation of its metric would."""
    document = {"AlarmName": name, "StateValue": state}
    kept = alarms.kept(cloud, REGION)
    if not kept.create(name, document):
        kept.replace(name, document)


def watched(endpoints, name, until=("InService", "Failed")):
    """Every different description until nothing is in progress any more."""
    found = [endpoints.describe(name)]
    while found[-1]["EndpointStatus"] not in until:
        time.sleep(0.01)
        if (now := endpoints.describe(name)) != found[-1]:
            found.append(now)
    return found


def heard(shared):
    """What is published from now on: (kind of event, detail)."""
    events = []
    shared.cloud.events.subscribe(lambda event: events.append((event.detail_type, event.detail)))
    return events


def said(events, member="PendingDeploymentSummary"):
    """What VariantStatus said of the new variants, or of the old ones (None), in each stage."""
    words = []
    for kind, detail in events:
        if kind == "SageMaker Endpoint Deployment State Change":
            side = detail if member is None else detail.get(member, {})
            for each in side.get("ProductionVariants", []):
                words += [
                    f"{s['Status']}: {s['StatusMessage']}" for s in each.get("VariantStatus", [])
                ]
    return words


def test_a_canary_goes_step_by_step_and_says_so(endpoints, shared):
    events = heard(shared)
    endpoints.sm.update_endpoint(
        EndpointName="e",
        EndpointConfigName="v2",
        DeploymentConfig=canary(),
        RetainDeploymentConfig=True,
    )
    found = watched(endpoints, "e")
    assert {one["EndpointStatus"] for one in found[:-1]} == {"Updating"}
    assert {one["EndpointConfigName"] for one in found[:-1]} == {"v1"}
    assert {one["PendingDeploymentSummary"]["EndpointConfigName"] for one in found[:-1]} == {"v2"}
    assert said(events) == [
        "Creating: Launching 2 instance(s).",
        "ActivatingTraffic: Activating traffic on canary capacity of 1 instance(s).",
        "Baking: Baking for 1 seconds (WaitIntervalInSeconds) with traffic enabled on canary "
        "capacity of 1 instance(s).",
        "ActivatingTraffic: Activating traffic on full capacity of 2 instance(s).",
        "Baking: Baking for 1 seconds (TerminationWaitInSeconds) with traffic enabled on full "
        "capacity of 2 instance(s).",
    ]
    assert said(events, None) == ["Deleting: Terminating 2 instance(s)."]
    last = found[-1]
    assert last["EndpointStatus"] == "InService"
    assert last["EndpointConfigName"] == "v2"
    assert "FailureReason" not in last
    assert "PendingDeploymentSummary" not in last
    assert last["LastDeploymentConfig"] == canary()
    assert last["ProductionVariants"][0]["CurrentInstanceCount"] == 2

    detail = [detail for kind, detail in events if "Deployment" in kind]
    assert {one["EndpointStatus"] for one in detail} == {"UPDATING"}
    assert {one["EndpointConfigName"] for one in detail} == {"v1"}
    first = detail[0]["PendingDeploymentSummary"]
    assert first["EndpointConfigName"] == "v2"
    assert isinstance(first["StartTime"], int)
    assert isinstance(first["ProductionVariants"][0]["VariantStatus"][0]["StartTime"], int)
    states = [
        d["EndpointStatus"] for kind, d in events if kind == "SageMaker Endpoint State Change"
    ]
    assert states == ["UPDATING", "IN_SERVICE"]


@pytest.mark.parametrize("stage", ["WaitIntervalInSeconds", "TerminationWaitInSeconds"])
def test_an_alarm_in_any_bake_brings_the_old_configuration_back(endpoints, shared, stage):
    """Also in the termination wait, when all traffic is on the new fleet already."""
    before = endpoints.describe("e")["EndpointConfigName"]
    alarm(shared.cloud, "errors", "OK")
    alarm(shared.cloud, "latency", "INSUFFICIENT_DATA")
    waits = (0, 30) if stage == "TerminationWaitInSeconds" else (30, 0)
    deployment = canary(*waits, "latency", "errors")
    events = heard(shared)
    endpoints.sm.update_endpoint(
        EndpointName="e", EndpointConfigName="v1", DeploymentConfig=deployment
    )
    threading.Thread(
        target=lambda: (baking(endpoints, stage), alarm(shared.cloud, "errors", "ALARM"))
    ).start()
    found = watched(endpoints, "e")
    assert {one["EndpointStatus"] for one in found} == {"Updating", "InService"}
    assert found[-1]["EndpointConfigName"] == before
    assert "Alarm errors was in ALARM state" in found[-1]["FailureReason"]
    assert stage in found[-1]["FailureReason"]
    (summary,) = found[-1]["ProductionVariants"]
    assert summary["CurrentInstanceCount"] == 2
    assert summary["CurrentWeight"] == 1.0
    assert said(events)[-1] == "Deleting: Terminating 2 instance(s)."
    assert said(events, None) == [
        "ActivatingTraffic: Activating traffic on full capacity of 2 instance(s)."
    ]


def baking(endpoints, stage):
    while True:
        pending = endpoints.describe("e").get(
            "PendingDeploymentSummary", {"ProductionVariants": [{}]}
        )
        status = pending["ProductionVariants"][0].get("VariantStatus", [{}])[0]
        if stage in status.get("StatusMessage", ""):
            return
        time.sleep(0.02)


def test_an_alarm_that_rings_already_lets_no_traffic_move(endpoints, shared):
    alarm(shared.cloud, "errors", "ALARM")
    before = endpoints.describe("e")["EndpointConfigName"]
    endpoints.sm.update_endpoint(
        EndpointName="e", EndpointConfigName="v1", DeploymentConfig=canary(0, 0, "errors")
    )
    found = watched(endpoints, "e")
    assert found[-1]["EndpointConfigName"] == before
    assert "before any traffic was shifted" in found[-1]["FailureReason"]
    weights = [
        one["PendingDeploymentSummary"]["ProductionVariants"][0]["CurrentWeight"]
        for one in found[:-1]
    ]
    assert set(weights) == {0.0}


def test_a_new_model_that_does_not_start_leaves_the_old_one_serving(endpoints):
    before = endpoints.describe("e")["EndpointConfigName"]
    endpoints.sm.update_endpoint(EndpointName="e", EndpointConfigName="broken")
    in_progress = f'Cannot update in-progress endpoint "{ARN}endpoint/e".'
    again = {"EndpointName": "e", "EndpointConfigName": "v1"}
    assert refusal(endpoints.sm.update_endpoint, **again) == in_progress
    assert refusal(endpoints.sm.delete_endpoint, EndpointName="e") == in_progress
    found = endpoints.settled("e")
    assert found["EndpointStatus"] == "InService"
    assert found["EndpointConfigName"] == before
    assert "did not pass the ping health check" in found["FailureReason"]
    endpoints.sm.update_endpoint(**again)
    assert "FailureReason" not in endpoints.describe("e")
    assert endpoints.settled("e")["EndpointConfigName"] == "v1"


def test_live_counts_are_reset_unless_they_are_retained(endpoints):
    wish = {"VariantName": "AllTraffic", "DesiredInstanceCount": 1, "DesiredWeight": 3.0}
    endpoints.sm.update_endpoint_weights_and_capacities(
        EndpointName="e", DesiredWeightsAndCapacities=[wish]
    )
    endpoints.settled("e")
    shown = []
    for config, more in (
        ("v2", {"RetainAllVariantProperties": True}),
        (
            "v1",
            {
                "RetainAllVariantProperties": True,
                "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredWeight"}],
            },
        ),
        ("v2", {}),
    ):
        endpoints.sm.update_endpoint(EndpointName="e", EndpointConfigName=config, **more)
        (now,) = endpoints.settled("e")["ProductionVariants"]
        shown.append((now["CurrentInstanceCount"], now["CurrentWeight"]))
    assert shown == [(1, 3.0), (1, 1.0), (2, 1.0)]


def test_rolling_never_has_fewer_instances_than_the_endpoint_needs(endpoints, shared):
    events = heard(shared)
    batch = {"Type": "CAPACITY_PERCENT", "Value": 50}
    policy = {"RollingUpdatePolicy": {"MaximumBatchSize": batch, "WaitIntervalInSeconds": 0}}
    endpoints.sm.update_endpoint(EndpointName="e", EndpointConfigName="v1", DeploymentConfig=policy)
    found = watched(endpoints, "e")
    assert found[-1]["EndpointConfigName"] == "v1"
    counts = [
        detail["ProductionVariants"][0]["CurrentInstanceCount"]
        + detail["PendingDeploymentSummary"]["ProductionVariants"][0]["CurrentInstanceCount"]
        for kind, detail in events
        if "Deployment" in kind
    ]
    assert min(counts) == 2
    assert max(counts) == 3
    assert said(events) == [
        "Creating: Launching 1 instance(s).",
        "ActivatingTraffic: Activating traffic on canary capacity of 1 instance(s).",
        "Creating: Launching 1 instance(s).",
        "ActivatingTraffic: Activating traffic on full capacity of 2 instance(s).",
    ]


def test_refusals(endpoints, shared):
    sm = endpoints.sm
    update = {"EndpointName": "e", "EndpointConfigName": "v2"}
    gone = f'Could not find endpoint "{ARN}endpoint/nowhere".'
    assert refusal(sm.update_endpoint, **update | {"EndpointName": "nowhere"}) == gone
    gone = f'Could not find endpoint configuration "{ARN}endpoint-config/nothing".'
    assert refusal(sm.update_endpoint, **update | {"EndpointConfigName": "nothing"}) == gone
    assert "Alarm nope of" in refusal(
        sm.update_endpoint, **update, DeploymentConfig=canary(0, 0, "nope")
    )
    endpoints.config("other", variant("m2", "Other"))
    other = {"EndpointName": "e", "EndpointConfigName": "other"}
    assert "same variant names" in refusal(sm.update_endpoint, **other, DeploymentConfig=canary())
    excluded = [{"VariantPropertyType": "DesiredWeight"}]
    assert "goes with RetainAllVariantProperties" in refusal(
        sm.update_endpoint, **update, ExcludeRetainedVariantProperties=excluded
    )
    excluded = [{"VariantPropertyType": "DataCaptureConfig"}]
    assert "does not support DataCaptureConfig" in refusal(
        sm.update_endpoint,
        **update,
        RetainAllVariantProperties=True,
        ExcludeRetainedVariantProperties=excluded,
    )
    target = {
        "ResourceId": "endpoint/e/variant/AllTraffic",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    scaled = records.kept(shared.cloud, REGION, records.TARGET)
    scaled.create(records.key(target), target)  # as RegisterScalableTarget does, and nothing more
    endpoints.config("larger", variant("m2", InstanceType="ml.m5.xlarge"))
    for config, said in (("larger", "its instance type cannot change"), ("other", "be removed")):
        text = refusal(sm.update_endpoint, EndpointName="e", EndpointConfigName=config)
        assert said in text
        assert "Deregister its scalable target first" in text
    scaled.delete(records.key(target))
    serverless = {"MemorySizeInMB": 1024, "MaxConcurrency": 1}
    endpoints.config(
        "serverless",
        {"VariantName": "AllTraffic", "ModelName": "m2", "ServerlessConfig": serverless},
    )
    text = refusal(sm.update_endpoint, EndpointName="e", EndpointConfigName="serverless")
    assert "cannot be updated to serverless" in text
    assert endpoints.describe("e")["EndpointStatus"] == "InService"

    sm.update_endpoint(**other)  # without guardrails variants may come and go
    assert [v["VariantName"] for v in endpoints.settled("e")["ProductionVariants"]] == ["Other"]
    sm.delete_endpoint_config(EndpointConfigName="other")
    gone = f'Could not find endpoint configuration "{ARN}endpoint-config/other".'
    assert refusal(sm.update_endpoint, **update) == gone


def test_serverless_variants_are_released_too(endpoints, shared):
    """A new model is tried with one instance; one that does not start is not released."""
    for n, model in ((1, "m1"), (2, "m2"), (3, "broken")):
        settings = {"MemorySizeInMB": 1024, "MaxConcurrency": n}
        one = {"VariantName": "v", "ModelName": model, "ServerlessConfig": settings}
        endpoints.config(f"on-demand-{n}", one)
    endpoints.sm.create_endpoint(EndpointName="on-demand", EndpointConfigName="on-demand-1")
    endpoints.settled("on-demand")
    for n in (2, 3):
        endpoints.sm.update_endpoint(
            EndpointName="on-demand",
            EndpointConfigName=f"on-demand-{n}",
            DeploymentConfig=canary(0, 0),
        )
        found = endpoints.settled("on-demand")
        assert found["EndpointConfigName"] == "on-demand-2"
        (summary,) = found["ProductionVariants"]
        assert summary["CurrentServerlessConfig"]["MaxConcurrency"] == 2
        assert summary["CurrentInstanceCount"] == 0
    assert "did not pass the ping health check" in found["FailureReason"]
    serving = live(shared.cloud, REGION, "on-demand")
    assert serving.fleets()["v"].instances == ()  # the one of the trial has ended


def test_traffic_of_every_variant_moves_at_the_same_moment(endpoints, shared):
    before = [variant("m1", "a", InitialVariantWeight=3.0), variant("m1", "b")]
    after = [variant("m2", "a"), variant("m2", "b", count=2)]
    endpoints.create("several", *before)
    endpoints.config("several-2", *after)
    endpoints.settled("several")
    endpoints.sm.update_endpoint(
        EndpointName="several", EndpointConfigName="several-2", DeploymentConfig=canary(1, 0)
    )
    serving, seen = live(shared.cloud, REGION, "several"), []
    while endpoints.describe("several")["EndpointStatus"] == "Updating":
        shown = [
            (v.name, v.weight, [(share.fleet.config, share.part) for share in v.shares])
            for v in serving.routing.variants
        ]
        seen += [shown] if shown not in seen else []
        time.sleep(0.02)
    mixed = [("several", 0.5), ("several-2", 0.5)]
    assert seen == [
        [("a", 3.0, [("several", 1.0)]), ("b", 1.0, [("several", 1.0)])],
        [("a", 3.0, mixed), ("b", 1.0, mixed)],  # weights stay until all has moved
        [("a", 1.0, [("several-2", 1.0)]), ("b", 1.0, [("several-2", 1.0)])],
    ]

    shadowed = {"ShadowProductionVariants": [variant("m1", "shadow")]}
    endpoints.config("several-3", variant("m1", "a"), **shadowed)
    endpoints.sm.update_endpoint(EndpointName="several", EndpointConfigName="several-3")
    found = endpoints.settled("several")
    assert [v["VariantName"] for v in found["ShadowProductionVariants"]] == ["shadow"]
    assert serving.routing.shadow.shares[0].fleet.config == "several-3"
    assert [len(fleet.instances) for fleet in serving.fleets().values()] == [1, 1]


def test_a_fault_of_ours_in_the_middle_brings_the_old_configuration_back(
    endpoints, shared, monkeypatch
):
    endpoints.sm.create_endpoint(EndpointName="ours", EndpointConfigName="v1")
    endpoints.settled("ours")
    monkeypatch.setattr(endpoint_releases.Release, "bake", lambda *_: 1 / 0)
    endpoints.sm.update_endpoint(
        EndpointName="ours", EndpointConfigName="v2", DeploymentConfig=canary(1, 0)
    )
    found = endpoints.settled("ours")
    assert found["EndpointConfigName"] == "v1"
    assert "an error in Slipway: ZeroDivisionError" in found["FailureReason"]
    (now,) = found["ProductionVariants"]
    assert (now["CurrentInstanceCount"], now["CurrentWeight"]) == (2, 1.0)
    (only,) = live(shared.cloud, REGION, "ours").routing.variants[0].shares
    assert (only.fleet.config, only.part) == ("v1", 1.0)
