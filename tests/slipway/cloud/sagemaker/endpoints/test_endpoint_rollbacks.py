"""Releases that fail: the old configuration serves, and FailureReason says why."""

import threading
import time

import pytest

from slipway.cloud.hosting import release
from slipway.cloud.hosting.live import live
from slipway.cloud.sagemaker.endpoints import release as endpoint_release
from slipway.images import catalog
from updates import ARN, REGION, alarm, canary, heard, refusal, said, serving, watched


@pytest.fixture(scope="module")
def endpoints(shared):
    with serving(shared) as made:
        yield made


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
        EndpointName="e", EndpointConfigName="v2", DeploymentConfig=deployment
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
        EndpointName="e", EndpointConfigName="v2", DeploymentConfig=canary(0, 0, "errors")
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
    again = {"EndpointName": "e", "EndpointConfigName": "v2"}
    assert refusal(endpoints.sm.update_endpoint, **again) == in_progress
    assert refusal(endpoints.sm.delete_endpoint, EndpointName="e") == in_progress
    found = endpoints.settled("e")
    assert found["EndpointStatus"] == "InService"
    assert found["EndpointConfigName"] == before
    assert "did not pass the ping health check" in found["FailureReason"]
    endpoints.sm.update_endpoint(**again)
    assert "FailureReason" not in endpoints.describe("e")
    assert endpoints.settled("e")["EndpointConfigName"] == "v2"


def test_a_fault_of_ours_in_the_middle_brings_the_old_configuration_back(
    endpoints, shared, monkeypatch
):
    endpoints.sm.create_endpoint(EndpointName="ours", EndpointConfigName="v1")
    endpoints.settled("ours")
    monkeypatch.setattr(endpoint_release.Release, "bake", lambda *_: 1 / 0)
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


def test_a_release_that_takes_too_long_is_undone(endpoints, monkeypatch):
    monkeypatch.setattr(release, "longest", lambda deployment: 0.7)
    endpoints.sm.update_endpoint(
        EndpointName="ours", EndpointConfigName="v2", DeploymentConfig=canary(60, 0)
    )
    found = endpoints.settled("ours")
    assert found["EndpointConfigName"] == "v1"
    assert "did not end within its MaximumExecutionTimeoutInSeconds" in found["FailureReason"]


def test_old_instances_that_do_not_come_back_leave_what_there_is(endpoints, shared):
    """The old image is gone when the second batch is rolled back; another update mends it."""
    alarm(shared.cloud, "errors", "OK")
    half = {"Type": "CAPACITY_PERCENT", "Value": 50}
    policy = {"RollingUpdatePolicy": {"MaximumBatchSize": half, "WaitIntervalInSeconds": 1}}
    guarded = policy | {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]}}
    endpoints.sm.update_endpoint(
        EndpointName="ours", EndpointConfigName="v2", DeploymentConfig=guarded
    )
    serving = live(shared.cloud, REGION, "ours")
    while (
        len(serving.routing.variants[0].shares) < 2
        or len(serving.fleets()["AllTraffic"].instances) < 2
    ):
        time.sleep(0.02)
    images = catalog.file_of(shared.cloud.home)
    known = images.read_text()
    images.write_text("{}")
    alarm(shared.cloud, "errors", "ALARM")
    found = watched(endpoints, "ours", ("InService", "UpdateRollbackFailed"))[-1]
    images.write_text(known)
    assert found["EndpointStatus"] == "UpdateRollbackFailed"
    assert found["EndpointConfigName"] == "v1"
    assert "no image family stands for" in found["FailureReason"]
    assert found["ProductionVariants"][0]["CurrentInstanceCount"] == 1
    (only,) = serving.routing.variants[0].shares
    assert (only.fleet.config, len(only.fleet.instances)) == ("v1", 1)

    endpoints.sm.update_endpoint(EndpointName="ours", EndpointConfigName="v2")
    found = endpoints.settled("ours")
    assert found["EndpointConfigName"] == "v2"
    assert found["ProductionVariants"][0]["CurrentInstanceCount"] == 2
