"""UpdateEndpoint as boto3 sees it, with real servers: stages, counts, events, refusals."""

import time

import pytest

from endpoints import variant
from slipway.cloud.autoscaling import records
from slipway.cloud.hosting.live import live
from updates import ARN, REGION, canary, heard, refusal, said, serving, watched


@pytest.fixture(scope="module")
def endpoints(shared):
    with serving(shared) as made:
        yield made


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
    both = canary() | {
        "RollingUpdatePolicy": {
            "MaximumBatchSize": {"Type": "CAPACITY_PERCENT", "Value": 50},
            "WaitIntervalInSeconds": 0,
        }
    }
    new = {"EndpointName": "new", "EndpointConfigName": "v2"}
    for operation, request in ((sm.update_endpoint, update), (sm.create_endpoint, new)):
        assert "expected at most one" in refusal(operation, **request, DeploymentConfig=both)
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
    for config, words in (("larger", "its instance type cannot change"), ("other", "be removed")):
        text = refusal(sm.update_endpoint, EndpointName="e", EndpointConfigName=config)
        assert words in text
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
