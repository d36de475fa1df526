"""The instances of a variant: more, fewer, one of them for a request."""

import threading
import time

import pytest

from slipway.cloud.hosting.instances import limits
from slipway.cloud.service import ServiceError
from slipway.hosting.exchange import Invocation


def asked(instance, text):
    return instance.invoke(Invocation(text.encode(), {}), 20).body.decode()


def test_a_fleet_grows_and_shrinks_and_the_oldest_stay(made):
    fleet = made()
    assert fleet.pick() is None
    fleet.grow(2)
    assert fleet.wait(30) == ""
    first, second = fleet.instances
    assert {asked(each, "born") for each in fleet.instances} != {asked(first, "born")}
    fleet.shrink(1)
    assert fleet.instances == (first,)
    assert second.wait(0) == "Stopped"
    assert fleet.pick() is first
    fleet.stop(0)
    assert fleet.pick() is None


def test_the_instance_with_the_fewest_requests_is_picked(made):
    fleet = made()
    fleet.grow(2)
    assert fleet.wait(30) == ""
    one = fleet.instances[0]
    busy = threading.Thread(target=asked, args=(one, "sleep 0.3"))
    busy.start()
    while not one.outstanding:
        time.sleep(0.002)
    assert {fleet.pick() for _ in range(20)} == {fleet.instances[1]}
    busy.join()
    assert len({fleet.pick() for _ in range(40)}) == 2  # of equals, each


def test_shrinking_lets_the_request_end_that_is_in_the_instance(made):
    fleet = made()
    fleet.grow(1)
    assert fleet.wait(30) == ""
    one, said = fleet.instances[0], []
    busy = threading.Thread(target=lambda: said.append(asked(one, "sleep 0.3")))
    busy.start()
    while not one.outstanding:
        time.sleep(0.002)
    fleet.shrink(0)
    busy.join()
    assert said == ["slept"]


def test_a_fleet_says_why_it_does_not_start(made):
    fleet = made(data="s3://nobody/none.tar.gz")
    fleet.grow(1)
    assert "s3://nobody/none.tar.gz" in fleet.wait(30)
    with pytest.raises(ServiceError, match="no image family stands for 'nobody:1'"):
        made(image="nobody:1").grow(1)


def test_an_instance_holds_no_more_memory_than_its_settings_allow():
    whole = limits({}).memory
    assert limits({"ServerlessConfig": {"MemorySizeInMB": 1024}}).memory == 1 << 30
    assert limits({"ComputeResourceRequirements": {"MaxMemoryRequiredInMb": 512}}).memory == 1 << 29
    assert limits({"ServerlessConfig": {"MemorySizeInMB": 1 << 30}}).memory == whole
