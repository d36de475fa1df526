"""A DeploymentConfig that cannot be is refused with a sentence that says why."""

import re

import pytest

from slipway.cloud.hosting.guardrails import faults, faults_between


def canary(kind="CAPACITY_PERCENT", value=10, **more):
    routing = {
        "Type": "CANARY",
        "WaitIntervalInSeconds": 1,
        "CanarySize": {"Type": kind, "Value": value},
    }
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing | more}}


def rolling(kind="CAPACITY_PERCENT", value=50, **more):
    size = {"Type": kind, "Value": value}
    return {"RollingUpdatePolicy": {"MaximumBatchSize": size, "WaitIntervalInSeconds": 1} | more}


def routed(**routing):
    return {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": {"WaitIntervalInSeconds": 0} | routing
        }
    }


def percent(value):
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def variant(name="A", count=4):
    return {"VariantName": name, "InitialInstanceCount": count}


def serverless(name="A"):
    return {"VariantName": name, "ServerlessConfig": {"MemorySizeInMB": 1024}}


ALARMS = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": "errors"}]}}


@pytest.mark.parametrize(
    "deployment",
    [
        {},
        ALARMS,
        canary(),
        canary(value=50),
        routed(Type="ALL_AT_ONCE"),
        routed(Type="LINEAR", LinearStepSize=percent(10)),
        rolling(value=5),
        rolling(RollbackMaximumBatchSize=percent(100)) | ALARMS,
    ],
)
def test_what_can_be(deployment):
    assert list(faults(deployment)) == []
    assert list(faults_between(deployment, [variant()], [variant()])) == []


@pytest.mark.parametrize(
    ("deployment", "sentence"),
    [
        (canary() | rolling(), "has both BlueGreenUpdatePolicy and RollingUpdatePolicy"),
        (routed(Type="CANARY"), "of Type CANARY needs CanarySize"),
        (routed(Type="LINEAR"), "of Type LINEAR needs LinearStepSize"),
        (routed(Type="ALL_AT_ONCE", CanarySize=percent(5)), "CanarySize does not go with"),
        (canary(LinearStepSize=percent(10)), "LinearStepSize does not go with"),
        (canary(value=51), "CanarySize must be from 1 to 50 percent .* found 51"),
        (routed(Type="LINEAR", LinearStepSize=percent(9)), "LinearStepSize must be from 10 to 50"),
        (rolling(value=4), "MaximumBatchSize must be from 5 to 50"),
        (rolling(value=51), "MaximumBatchSize must be from 5 to 50"),
        (rolling(RollbackMaximumBatchSize=percent(101)), "RollbackMaximumBatchSize must be from 1"),
    ],
)
def test_what_no_endpoint_could_use(deployment, sentence):
    (found,) = faults(deployment)
    assert_matches(found, sentence)


@pytest.mark.parametrize(
    ("deployment", "old", "new", "sentence"),
    [
        (canary(), [variant("A")], [variant("B")], "same variant names .* A in the old and B in"),
        (ALARMS, [variant("A")], [variant("A"), variant("B")], "same variant names"),
        (
            rolling(),
            [variant("A"), variant("B")],
            [variant("A"), variant("B")],
            "several production",
        ),
        (rolling(), [serverless()], [serverless()], "not supported for serverless"),
        (
            canary("INSTANCE_COUNT", 3),
            [variant()],
            [variant()],
            "3 of the 4 instances of A are not",
        ),
        (canary("INSTANCE_COUNT", 1), [variant()], [variant(count=1)], "1 of the 1 instances"),
        (canary("INSTANCE_COUNT", 1), [serverless()], [serverless()], "must be a CAPACITY_PERCENT"),
        (rolling("INSTANCE_COUNT", 1), [variant()], [variant(count=21)], "from 5 to 50 percent"),
    ],
)
def test_what_this_endpoint_cannot_use(deployment, old, new, sentence):
    assert_matches(next(iter(faults_between(deployment, old, new))), sentence)


def assert_matches(found, sentence):
    assert re.search(sentence, found), found
