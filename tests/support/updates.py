"""Updates of endpoints in a cloud of the test's own process: what is asked, seen and heard."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError

from endpoints import Endpoints, variant
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch import alarms
from slipway.cloud.sagemaker.endpoints import lives

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


@contextlib.contextmanager
def serving(shared: Any) -> Iterator[Endpoints]:
    """Hold an endpoint `e` of two instances on configuration v1, with v2 and a broken one beside it."""
    made = Endpoints(Here(shared.cloud, shared.client))
    made.model("m1", TAG="1")
    made.model("m2", TAG="2")
    made.model("broken", FAIL="no weights")
    made.config("v1", variant("m1", count=2))
    made.config("v2", variant("m2", count=2))
    made.config("broken", variant("broken", count=2))
    made.sm.create_endpoint(EndpointName="e", EndpointConfigName="v1")
    assert made.settled("e")["EndpointStatus"] == "InService"
    try:
        yield made
    finally:
        lives.end_all(shared.cloud)
