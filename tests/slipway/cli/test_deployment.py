"""The DeploymentConfig that options mean, and what serves before."""

import pytest

from slipway.cli.deployment import Pace, Strategy, chosen, deployment_config
from slipway.cli.errors import Refused
from slipway.cli.served import LONGEST, as_value
from slipway.cloud.hosting.guardrails import faults

ALARMS = {"Alarms": [{"AlarmName": "errors"}]}


def pace(strategy, size=None, timeout=None):
    return Pace(strategy, size, bake=120, final_bake=60, timeout=timeout)


@pytest.mark.parametrize("strategy", list(Strategy))
def test_the_defaults_are_guardrails_that_the_cloud_takes(strategy):
    found = deployment_config(pace(strategy), ["errors"])
    assert list(faults(found)) == []
    assert found["AutoRollbackConfiguration"] == ALARMS


def test_a_canary_of_instances():
    found = deployment_config(pace(Strategy.CANARY, "2", timeout=900), [])
    assert found == {
        "BlueGreenUpdatePolicy": {
            "MaximumExecutionTimeoutInSeconds": 900,
            "TrafficRoutingConfiguration": {
                "Type": "CANARY",
                "WaitIntervalInSeconds": 120,
                "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 2},
            },
            "TerminationWaitInSeconds": 60,
        }
    }


def test_a_rolling_release_in_percent():
    found = deployment_config(pace(Strategy.ROLLING, "25%"), [])
    size = {"Type": "CAPACITY_PERCENT", "Value": 25}
    assert found == {
        "RollingUpdatePolicy": {"MaximumBatchSize": size, "WaitIntervalInSeconds": 120}
    }


@pytest.mark.parametrize("size", ["x", "0", "-1", "1.5%", "%", ""])
def test_what_is_no_size(size):
    with pytest.raises(Refused, match="--canary: expected a percentage such as 10% or a number"):
        deployment_config(Pace(Strategy.CANARY, size or " ", 1, 1, None), [])


def test_a_size_of_another_strategy_is_refused():
    sizes = {Strategy.CANARY: None, Strategy.LINEAR: "10%", Strategy.ROLLING: None}
    with pytest.raises(
        Refused, match="--step goes with --strategy linear, found --strategy canary"
    ):
        chosen(Strategy.CANARY, sizes)
    assert chosen(Strategy.LINEAR, sizes) == "10%"


def test_a_tag_keeps_as_many_names_as_it_takes():
    names = [f"{n:063d}" for n in range(9)]
    assert as_value(names).split() == names[:4]
    assert len(as_value(names)) <= LONGEST
