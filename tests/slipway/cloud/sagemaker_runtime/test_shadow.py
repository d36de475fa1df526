"""Shadow variants get copies in the proportion of the weights; callers never notice."""

import threading
import time

from serving import Fleet, Instance, said, variant
from slipway.cloud.sagemaker_runtime import shadow


def until(condition, seconds=10):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def shadowed(endpoint, answer, weight=1.0, production=1.0):
    instance = Instance(answer)
    dark = variant("dark", weight, Fleet((instance,)))
    return endpoint(variant("light", production), shadow=dark), instance


def test_a_shadow_gets_copies_and_its_own_metrics(runtime, endpoint, recorded):
    live, dark = shadowed(endpoint, lambda _: said(b"dark", 500))
    for number in range(5):
        answer = runtime.invoke_endpoint(EndpointName=live.name, Body=b"%d" % number)
        assert answer["InvokedProductionVariant"] == "light"
        assert answer["Body"].read() == b"ok"
    until(lambda: len(dark.asked) == 5)
    assert sorted(asked.body for asked in dark.asked) == [b"0", b"1", b"2", b"3", b"4"]
    of_dark = (("EndpointName", live.name), ("VariantName", "dark"))
    of_light = (("EndpointName", live.name), ("VariantName", "light"))
    until(lambda: recorded("Invocations", of_dark) == (5, 5))
    assert recorded("Invocation5XXErrors", of_dark) == (5, 5)
    assert recorded("Invocation5XXErrors", of_light) == (5, 0)


def test_weights_say_how_many_requests_are_copied(shared, runtime, endpoint):
    live, dark = shadowed(endpoint, lambda _: said(), weight=1.0, production=4.0)
    for _ in range(200):
        runtime.invoke_endpoint(EndpointName=live.name, Body=b"x")
    until(lambda: shadow.copies(shared.cloud)._count == 0)
    assert 20 < len(dark.asked) < 85


def test_a_shadow_that_hangs_slows_nobody(runtime, endpoint, monkeypatch):
    monkeypatch.setattr(shadow, "WAITING", 40)
    go = threading.Event()
    live, dark = shadowed(endpoint, lambda _: go.wait(20) and said())
    for _ in range(60):
        assert runtime.invoke_endpoint(EndpointName=live.name, Body=b"x")["Body"].read() == b"ok"
    assert not go.is_set()
    go.set()
    until(lambda: len(dark.asked) == 40)
