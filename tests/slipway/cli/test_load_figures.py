"""Load figures: latency from the intended moment, saturation, and what follows for instances."""

import time

import pytest

from slipway.cli.load_figures import Sent, advice, next_rate, percentile, step_of
from slipway.cli.load_generator import Payload, run

PAYLOAD = [Payload(b"x", "text/plain")]


def answered(rate, count, milliseconds=5.0, errors=0):
    sent = [
        Sent(k / rate, k / rate + milliseconds / 1000, "ModelError 500" if k < errors else "")
        for k in range(count)
    ]
    return step_of(rate, sent, 0.1)


def too_slow(rate, capacity, seconds=5):
    """What is found of an endpoint that answers no more than `capacity` requests a second."""
    sent = [
        Sent(k / rate, max(k / rate, k / capacity) + 0.01) for k in range(round(rate * seconds))
    ]
    return step_of(rate, sent, 0.1)


def test_percentiles_are_of_the_nearest_rank():
    values = [float(value) for value in range(1, 101)]
    assert [percentile(values, p) for p in (50, 90, 99, 99.9)] == [50, 90, 99, 100]
    assert percentile([7.0], 50) == 7.0


def test_one_slow_answer_makes_all_that_waited_for_it_late():
    """Coordinated omission: one connection hangs for 0.3 s; 15 requests were meant meanwhile."""
    calls = []

    def send(payload):
        calls.append(payload)
        if len(calls) == 5:
            time.sleep(0.3)
        return ""

    step = run(send, PAYLOAD, rate=50, seconds=0.6, workers=1)
    assert step.requests == 30
    assert step.percentiles[99] >= 250
    assert step.percentiles[90] >= 200  # the hang alone is 1 of 30 requests; here many are late
    assert step.percentiles[50] < 200


def test_requests_do_not_wait_for_each_other():
    step = run(lambda payload: time.sleep(0.2) or "", PAYLOAD, rate=50, seconds=0.4, workers=20)
    assert step.requests == 20
    assert step.percentiles[50] < 390  # 20 in a row would take 4 s


def test_errors_are_counted_by_kind_and_not_among_latencies():
    step = answered(10, 100, errors=3)
    assert step.errors == {"ModelError 500": 3}
    assert not step.holds(None, 99)
    assert answered(10, 1000, errors=3).holds(None, 99)


def test_an_endpoint_that_cannot_keep_up_is_saturated_at_what_it_answers():
    step = too_slow(rate=100, capacity=60)
    assert step.answered == pytest.approx(60, rel=0.05)
    assert not step.holds(None, 99)


@pytest.mark.parametrize("capacity", [10, 37, 500])
def test_the_search_finds_the_highest_rate_that_holds(capacity):
    steps, rate = [], 4.0
    while rate:
        steps.append(too_slow(rate, capacity))
        rate = next_rate(steps, None, 99)
    found = advice(steps, 2, None, 99, None, 0.5)
    assert found["Saturated"]
    assert 0.85 * capacity <= found["MaxRps"] <= capacity / 0.9
    assert len(steps) <= 15


def test_the_advice_is_arithmetic_on_the_best_rate_within_the_target():
    steps = [answered(10, 100), answered(20, 200, 9.0), answered(40, 400, 80.0)]
    found = advice(steps, instances=2, target=10, percentile=99, wanted=95, safety=0.5)
    assert found["MaxRps"] == 20
    assert found["RpsPerInstance"] == 10
    assert found["InstancesNeeded"] == 10  # 9.5
    assert found["InstancesWithReserve"] == 19
    assert found["InvocationsPerInstanceTarget"] == 10 * 0.5 * 60
    assert not found["Saturated"]


def test_no_advice_where_no_rate_held():
    found = advice([too_slow(100, 10)], 1, None, 99, 50, 0.5)
    assert found["MaxRps"] is None
    assert "InstancesNeeded" not in found
