"""A model is released while people call the endpoint; a bad one goes away by itself."""

import os
import signal
import time
from dataclasses import dataclass

import pytest

from callers import Callers, client
from endpoints import Endpoints, variant


class Released(Endpoints):
    """Endpoints of a cloud in a process of its own, which can be killed."""

    def __init__(self, shell):
        self.shell, self.home = shell, shell.home
        super().__init__(self)

    def client(self, service):
        return client(self.shell.environ, service)

    def again(self):
        """Return the same for the cloud that was started after the death of the first."""
        self.shell.environ["AWS_ENDPOINT_URL"] = (self.home / "endpoint").read_text().strip()
        return Released(self.shell)

    def callers(self, name, rate=40):
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


def serving(endpoints, *names):
    for name in names:
        endpoints.sm.create_endpoint(EndpointName=name, EndpointConfigName="good-1")
    for name in names:
        assert endpoints.settled(name)["EndpointStatus"] == "InService"


@dataclass(frozen=True)
class Seen:
    """What there was to see of three releases that went on side by side."""

    ended: dict  # the descriptions of the endpoints
    callers: dict  # by endpoint
    canary: float  # moments of the good one
    full: float
    rang: float  # when the alarm of the one that answers 500 went off


@pytest.fixture(scope="module")
def seen(endpoints):
    """A good model, one that answers 500 and one that is slow are released, all under load."""
    names = ("shop", "errors", "latency")
    serving(endpoints, *names)
    errors = watch(endpoints, "errors", "Invocation5XXErrors", 0.05)
    latency = watch(endpoints, "latency", "ModelLatency", 50_000)
    callers = {
        name: endpoints.callers(name, rate) for name, rate in zip(names, (80, 40, 20), strict=True)
    }
    with callers["shop"], callers["errors"], callers["latency"]:
        endpoints.release("errors", "bad", 60, 0, errors)
        endpoints.release("latency", "slow", 60, 0, latency, size=50)
        endpoints.release("shop", "good-2", 2, 1)
        canary = endpoints.stage("shop", "(WaitIntervalInSeconds)")
        full = endpoints.stage("shop", "(TerminationWaitInSeconds)")
        ended = {name: endpoints.settled(name) for name in names}
        time.sleep(0.6)
    (alarm,) = endpoints.client("cloudwatch").describe_alarms(AlarmNames=[errors])["MetricAlarms"]
    rang = alarm["StateTransitionedTimestamp"].timestamp() - time.time() + time.monotonic()
    return Seen(ended, callers, canary, full, rang)


def test_a_good_model_takes_over_and_nobody_notices(seen):
    callers = seen.callers["shop"]
    assert seen.ended["shop"]["EndpointConfigName"] == "good-2"
    assert callers.errors() == set()
    during = callers.said(seen.canary, seen.full - 0.3)
    assert 0.05 < during.count("two echo") / len(during) < 0.45
    assert set(callers.said(since=seen.full)) == {"two echo"}


def test_a_model_that_answers_500_is_rolled_back_and_nothing_else_failed(seen):
    ended, callers = seen.ended["errors"], seen.callers["errors"]
    assert ended["EndpointStatus"] == "InService"
    assert ended["EndpointConfigName"] == "good-1"
    assert "Alarm errors-Invocation5XXErrors was in ALARM state" in ended["FailureReason"]
    assert callers.errors() == {"ModelError 500"}  # nothing but what the bad model answered
    assert max(got.until for got in callers.got if got.error) < seen.rang + 1
    assert set(callers.said()) == {"one echo"}


def test_a_slow_model_is_rolled_back(seen):
    ended, callers = seen.ended["latency"], seen.callers["latency"]
    assert ended["EndpointConfigName"] == "good-1"
    assert "Alarm latency-ModelLatency was in ALARM state" in ended["FailureReason"]
    assert callers.errors() == set()
    assert set(callers.said()) == {"one echo", "slow echo"}
    assert callers.said()[-10:] == ["one echo"] * 10


def test_the_cloud_is_killed_in_the_middle_of_a_release(endpoints):
    serving(endpoints, "killed")
    pid = endpoints.shell("status", "--json").json["pid"]
    endpoints.release("killed", "good-2", 3, 0)
    endpoints.stage("killed", "(WaitIntervalInSeconds)")
    os.kill(pid, signal.SIGKILL)
    assert endpoints.shell("up").code == 0
    again = endpoints.again()
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
