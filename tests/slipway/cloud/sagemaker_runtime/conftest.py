"""Endpoints of a cloud in the test's own process, served by functions of the test's."""

import itertools

import pytest

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
