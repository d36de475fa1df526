"""Endpoints of a cloud in the test's own process, served by functions of the test's."""

import itertools
import time

import pytest

from slipway.cloud.cloudwatch import metrics
from slipway.cloud.cloudwatch.series import Metric
from slipway.cloud.hosting.live import Live
from slipway.cloud.hosting.traffic import Routing

NUMBERS = itertools.count()
CONFIG = {"EndpointConfigName": "c"}


@pytest.fixture
def endpoint(shared):
    """Return a function that puts an endpoint of variants up, and returns it."""
    made = []

    def up(*variants, shadow=None, **config):
        name = f"ep-{next(NUMBERS)}"
        document = {
            "EndpointName": name,
            "EndpointArn": f"arn:aws:sagemaker:us-east-1:123456789012:endpoint/{name}",
            "Config": CONFIG | config,
        }
        live = Live(shared.cloud, "us-east-1", document, Routing(variants, shadow))
        live.enlist()
        made.append(live)
        return live

    yield up
    for live in made:
        live.strike()


@pytest.fixture
def runtime(shared):
    return shared.client("sagemaker-runtime")


@pytest.fixture
def recorded(shared):
    """Return a function that returns how many points a metric has, and their sum."""

    def read(name, dimensions, namespace="AWS/SageMaker"):
        metric, now = Metric("us-east-1", namespace, name, dimensions), time.time()
        found = metrics.read(shared.cloud, metric, now - 60, now + 60, 60)
        every = [each for of_unit in found.values() for each in of_unit.values()]
        return sum(each.count for each in every), sum(each.sum for each in every)

    return read
