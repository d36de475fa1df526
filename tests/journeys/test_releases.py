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

    def stage(self, name, words):
        """Wait until something is said of the new variants, and return when that was seen."""
        while True:
            found = self.describe(name)
            assert found["EndpointStatus"] == "Updating", found
            for each in found["PendingDeploymentSummary"]["ProductionVariants"]:
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


def watch(endpoints, name, metric, threshold):
    """Make an alarm on a variant's average over 10 seconds, and return its name."""
    alarm = f"{name}-{metric}"
    endpoints.client("cloudwatch").put_metric_alarm(
        AlarmName=alarm,
        Namespace="AWS/SageMaker",
        MetricName=metric,
        Dimensions=[
            {"Name": "EndpointName", "Value": name},
            {"Name": "VariantName", "Value": "AllTraffic"},
        ],
        Statistic="Average",
        Period=10,
        EvaluationPeriods=1,
        Threshold=threshold,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    return alarm


def test_bad_models_are_rolled_back_by_their_alarms(endpoints):
    """One answers 500, one is slow; side by side, for an alarm needs its 10 seconds."""
    made(endpoints, "errors", "latency")
    errors = watch(endpoints, "errors", "Invocation5XXErrors", 0.05)
    latency = watch(endpoints, "latency", "ModelLatency", 50_000)
    with (
        endpoints.callers("errors", 40) as of_errors,
        endpoints.callers("latency", 20) as of_latency,
    ):
        endpoints.release("errors", "bad", 60, 0, errors)
        endpoints.release("latency", "slow", 60, 0, latency, size=50)
        ended = {name: endpoints.settled(name) for name in ("errors", "latency")}
        time.sleep(0.6)
    for name, alarm in (("errors", errors), ("latency", latency)):
        assert ended[name]["EndpointStatus"] == "InService"
        assert ended[name]["EndpointConfigName"] == "good-1"
        assert f"Alarm {alarm} was in ALARM state" in ended[name]["FailureReason"]
    assert of_errors.errors() == {"ModelError 500"}  # nothing but what the bad model answered
    last = max(got.until for got in of_errors.got if got.error)
    (rang,) = endpoints.client("cloudwatch").describe_alarms(AlarmNames=[errors])["MetricAlarms"]
    since = rang["StateTransitionedTimestamp"].timestamp() - time.time() + time.monotonic()
    assert last < since + 1
    assert set(of_errors.said()) == {"one echo"}
    assert of_latency.errors() == set()
    assert set(of_latency.said()) == {"one echo", "slow echo"}
    assert of_latency.said()[-10:] == ["one echo"] * 10


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
