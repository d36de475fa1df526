"""Fleets on a cloud in the test's own process, with real servers of the standard library."""

import pytest

from endpoints import IMAGE, add_image, variant
from slipway.cloud.hosting import fleet
from slipway.cloud.hosting.fleet import Fleet
from slipway.cloud.serving import assemble


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A cloud that nothing serves."""
    cloud = assemble(tmp_path_factory.mktemp("place"), "http://localhost:1")
    add_image(cloud.home)
    yield cloud
    fleet.end_all(cloud, 0)
    cloud.state.close()


@pytest.fixture
def made(place):
    """Make fleets, which are stopped at the end."""
    own = []

    def make(image=IMAGE, data="", **settings):
        container = {"Image": image, "Environment": {"OBEY": "1"}}
        container |= {"ModelDataUrl": data} if data else {}
        model = {"ModelName": "m", "Containers": [container], "Primary": True}
        own.append(Fleet(place, "us-east-1", "e", "c", variant("m", **settings), model))
        return own[-1]

    yield make
    for each in own:
        each.stop(0)
