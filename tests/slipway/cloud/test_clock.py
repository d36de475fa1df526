"""The clock that can be moved."""

import json
import threading
import time
import urllib.error
import urllib.request

import pytest

from slipway.cloud import clock as module
from slipway.cloud.clock import STOPS, Clock
from slipway.cloud.state import State


@pytest.fixture
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(module, "CLOCK", made)
    return made


def test_it_moves_on_never_back_and_stays_where_it_was_after_a_restart(clock, tmp_path):
    clock.load(State(tmp_path / "state.sqlite"))
    before = module.now()
    clock.advance(3600)
    clock.advance(0)
    assert 3600 <= module.now() - before < 3610
    for span in (-1, float("nan")):
        with pytest.raises(ValueError, match="never goes back"):
            clock.advance(span)
    again = Clock()
    again.load(State(tmp_path / "state.sqlite"))  # as after a kill
    assert again.ahead == clock.ahead


def test_it_stops_wherever_something_is_due_in_order(clock):
    seen, start = [], module.now()

    class Every:
        def __init__(self, name, seconds):
            self.name, self.seconds, self.next = name, seconds, start + seconds

        def wake(self):
            while self.next <= module.now():
                seen.append((round(self.next - start), self.name))
                assert module.now() - self.next < 1  # as if the time had passed
                self.next += self.seconds

    for each in (Every("b", 250), Every("a", 100)):
        clock.subscribe(each.wake, lambda each=each: each.next)
    clock.subscribe(lambda: 1 / 0, lambda: 1 / 0)  # who fails harms nobody
    done = clock.advance(600)
    assert seen == [(100, "a"), (200, "a"), (250, "b"), (300, "a"), (400, "a"), (500, "b"),
                    (500, "a"), (600, "a")]  # fmt: skip
    assert (done.stops, done.whole) == (7, True)


def test_more_than_it_stops_for_is_passed_over(clock):
    times = iter(range(10**9))
    start = module.now()
    clock.subscribe(lambda: None, lambda: start + 1 + next(times))
    done = clock.advance(STOPS + 1000)
    assert (done.stops, done.whole) == (STOPS, False)
    assert module.now() - start >= STOPS + 1000


def test_who_waits_for_a_time_is_woken(clock):
    came, begun = [], threading.Event()

    def wait():
        woken = threading.Event()
        begun.set()
        came.append(module.wait_until(module.now() + 3600, woken))

    thread = threading.Thread(target=wait)
    thread.start()
    begun.wait()
    while not clock._followers:
        time.sleep(0.001)
    clock.advance(7200)
    thread.join(5)
    assert came == [True]
    stopped = threading.Event()
    stopped.set()
    assert module.wait_until(module.now() + 3600, stopped) is False
    assert not clock._followers


def ask(endpoint, data=None, **headers):
    request = urllib.request.Request(
        f"{endpoint}/_slipway/clock", data, {"Content-Type": "application/json", **headers}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def test_the_cloud_shows_and_moves_it_but_for_no_web_page(own_cloud):
    assert ask(own_cloud.endpoint)["ahead"] == 0
    moved = ask(own_cloud.endpoint, b'{"advance": 90}')
    assert (moved["ahead"], moved["stops"], moved["whole"]) == (90, 0, True)
    for headers, data, code in (
        ({"Origin": "http://evil.com"}, b'{"advance": 90}', 403),
        ({"Content-Type": "text/plain"}, b'{"advance": 90}', 415),
        ({}, b'{"advance": -5}', 400),
        ({}, b'{"advance": "x"}', 400),
        ({}, b"[]", 400),
    ):
        with pytest.raises(urllib.error.HTTPError) as error:
            ask(own_cloud.endpoint, data, **headers)
        assert error.value.code == code
    own_cloud.kill()
    own_cloud.start()
    assert ask(own_cloud.endpoint)["ahead"] == 90
