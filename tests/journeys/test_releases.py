"""A model is released while people call the endpoint; a bad one goes away by itself."""

import os
import signal
import time

import pytest

from callers import Callers, client
from endpoints import Endpoints, variant

RATE = 80  # calls/s


class Released(Endpoints):
    """Endpoints of a cloud in a process of its own, which can be killed."""

    def __init__(self, shell):
        self.shell, self.home = shell, shell.home
        super().__init__(self)

    def client(self, service):
        return client(self.shell.environ, service)

    def callers(self, name, rate=RATE):
        return Callers(self.shell.environ, name, rate)

    def release(self, name, config, wait=1, final=1, *alarms, size=20):
        routing = {
            "Type": "CANARY",
            "WaitIntervalInSeconds": wait,
            "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": size},
        }
        policy = {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": final}
        deployment = {"BlueGreenUpdatePolicy": policy}
        if alarms:
            names = [{"AlarmName": alarm} for alarm in alarms]
            deployment["AutoRollbackConfiguration"] = {"Alarms": names}
        self.sm.update_endpoint(
            EndpointName=name, EndpointConfigName=config, DeploymentConfig=deployment
        )

    def stage(self, name, words, side="PendingDeploymentSummary"):
        """Wait until something is said of a variant, and return when that was seen."""
        while True:
            found = self.describe(name)
            assert found["EndpointStatus"] == "Updating", found
            for each in (found if side is None else found[side])["ProductionVariants"]:
                for status in each.get("VariantStatus", []):
                    if words in f"{status['Status']}: {status['StatusMessage']}":
                        return time.monotonic()
            time.sleep(0.02)


@pytest.fixture(scope="module")
def endpoints(cloud):
    made = Released(cloud)
    made.model("good-1", TAG="one ")
    made.model("good-2", TAG="two ")
    made.model("bad", TAG="bad ", STATUS="500")
    made.model("slow", TAG="slow ", SLEEP="0.3")
    for model in ("good-1", "good-2", "bad", "slow"):
        made.config(model, variant(model))
    return made


def made(endpoints, *names):
    for name in names:
        endpoints.sm.create_endpoint(EndpointName=name, EndpointConfigName="good-1")
    for name in names:
        assert endpoints.settled(name)["EndpointStatus"] == "InService"


def test_a_good_model_takes_over_and_nobody_notices(endpoints):
    made(endpoints, "shop")
    with endpoints.callers("shop") as callers:
        endpoints.release("shop", "good-2", 2, 1)
        canary = endpoints.stage("shop", "(WaitIntervalInSeconds)")
        full = endpoints.stage("shop", "(TerminationWaitInSeconds)")
        found = endpoints.settled("shop")
        time.sleep(0.3)
    assert found["EndpointConfigName"] == "good-2"
    assert callers.errors() == set()
    assert set(callers.said(until=canary - 1)) <= {"one echo"}
    during = callers.said(canary, full - 0.3)
    assert 0.05 < during.count("two echo") / len(during) < 0.45
    assert set(callers.said(since=full)) == {"two echo"}


def test_the_cloud_is_killed_in_the_middle_of_a_release(endpoints):
    made(endpoints, "killed")
    endpoints.release("killed", "good-2", 2, 0)
    endpoints.stage("killed", "(WaitIntervalInSeconds)")
    os.kill(endpoints.shell("status", "--json").json["pid"], signal.SIGKILL)
    assert endpoints.shell("up").code == 0
    again = Released(endpoints.shell.pointed_at_the_cloud())
    found = again.describe("killed")
    assert found["EndpointStatus"] == "Updating"
    assert found["EndpointConfigName"] == "good-1"
    with again.callers("killed") as callers:
        found = again.settled("killed")
        time.sleep(0.2)
    assert found["EndpointConfigName"] == "good-2"
    assert "FailureReason" not in found
    assert "one echo" in callers.said()  # it served what it served, then the release began again
    assert callers.said()[-1] == "two echo"
    assert callers.errors() == set()
