"""A serverless variant: instances for requests, one at a time each, given back when idle."""

import threading
import time

import pytest

from slipway.cloud.hosting.on_demand import StartFailed, Throttled, idle_after
from slipway.hosting.exchange import Invocation

SERVERLESS = {"MemorySizeInMB": 1024, "MaxConcurrency": 2}


@pytest.fixture
def serverless(made, monkeypatch):
    def make(idle="60", data="", **config):
        monkeypatch.setenv("SLIPWAY_SERVERLESS_IDLE", idle)
        return made(data=data, ServerlessConfig=SERVERLESS | config)

    return make


def test_the_first_request_starts_an_instance_and_the_next_one_finds_it(serverless):
    fleet = serverless()
    assert fleet.instances == ()
    with fleet.on_demand.one() as taken:
        assert taken.setup > 0
        assert taken.instance.invoke(Invocation(b"x", {}), 20).body == b"echo"
    with fleet.on_demand.one() as again:
        assert (again.instance, again.setup) == (taken.instance, 0)
        with fleet.on_demand.one() as other:
            assert other.instance is not taken.instance
            with pytest.raises(Throttled), fleet.on_demand.one():
                pass
    assert len(fleet.instances) == 2


def test_what_nobody_asks_is_given_back_but_for_what_is_kept_warm(serverless):
    fleet = serverless(idle="0.1", ProvisionedConcurrency=1)
    fleet.grow(1)
    assert fleet.wait(30) == ""
    fleet.on_demand.resize(2, 1)
    with fleet.on_demand.one() as warm, fleet.on_demand.one() as cold:
        assert (warm.setup, cold.setup > 0) == (0, True)
    end = time.monotonic() + 20
    while len(fleet.instances) > 1:
        assert time.monotonic() < end
        time.sleep(0.02)
    time.sleep(0.3)
    assert len(fleet.instances) == 1
    fleet.on_demand.resize(2, 0)
    assert fleet.instances == ()


def test_what_is_kept_warm_during_a_request_serves_the_next_one(serverless):
    fleet = serverless()
    with fleet.on_demand.one() as busy:
        fleet.grow(2)
        assert fleet.wait(30) == ""
        fleet.on_demand.resize(2, 2)
        with fleet.on_demand.one() as warm:
            assert warm.setup == 0
            assert warm.instance is not busy.instance
    assert len(fleet.instances) == 2


def test_a_start_that_fails_takes_no_place(serverless):
    fleet = serverless(data="s3://nobody/none.tar.gz", MaxConcurrency=1)
    for _ in range(2):
        with pytest.raises(StartFailed, match=r"nobody/none\.tar\.gz"), fleet.on_demand.one():
            pass
    assert fleet.instances == ()


def test_requests_side_by_side_never_share_an_instance(serverless):
    fleet, seen = serverless(MaxConcurrency=3), []
    barrier = threading.Barrier(3)

    def ask():
        with fleet.on_demand.one() as taken:
            barrier.wait(30)
            seen.append(taken.instance)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(seen)) == 3


@pytest.mark.parametrize("text", ["soon", "-1", "nan", "inf"])
def test_a_setting_that_is_no_number_is_named(text):
    said = f"SLIPWAY_SERVERLESS_IDLE: expected a number of at least 0, found '{text}'"
    with pytest.raises(ValueError, match=said):
        idle_after({"SLIPWAY_SERVERLESS_IDLE": text})
