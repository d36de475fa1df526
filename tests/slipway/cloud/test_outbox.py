"""What is to be sent is sent: in order, again where it failed, and by the next process."""

import threading
import time

import pytest

from slipway.cloud.clock import now
from slipway.cloud.outbox import Outbox
from slipway.cloud.state import State


@pytest.fixture
def state(tmp_path):
    state = State(tmp_path / "state.sqlite")
    yield state
    state.close()


@pytest.fixture
def outbox(state):
    outbox = Outbox(state)
    yield outbox
    outbox.stop()


def wait(condition):
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_lanes_go_side_by_side_and_each_keeps_its_order(outbox, state):
    sent, held = [], threading.Event()

    def send(parcel):
        if parcel.lane == "slow":
            held.wait(10)
        sent.append((parcel.lane, parcel.body["n"]))

    outbox.sends("test", send)
    with state.transaction():
        for n in range(30):
            outbox.put("test", ("slow", "a", "b")[n % 3], {"n": n})
        assert not sent  # nothing before the change is there
    wait(lambda: len(sent) == 20)
    held.set()
    wait(lambda: len(sent) == 30)
    for lane in ("slow", "a", "b"):
        numbers = [n for of, n in sent if of == lane]
        assert numbers == sorted(numbers)


def test_what_fails_is_tried_again_and_what_is_rolled_back_is_never_sent(outbox, state):
    sent = []

    def send(parcel):
        sent.append((parcel.body["n"], parcel.attempts))
        return now() + 0.01 if parcel.attempts < 2 else None

    outbox.sends("test", send)
    with pytest.raises(KeyError), state.transaction():
        outbox.put("test", "a", {"n": 0})
        raise KeyError
    outbox.put("test", "a", {"n": 1})
    wait(lambda: len(sent) == 3)
    assert sent == [(1, 0), (1, 1), (1, 2)]
    with state.reading() as db:
        wait(lambda: not db.execute("SELECT 1 FROM outbox").fetchone())


def test_the_next_process_sends_what_this_one_did_not(state):
    first = Outbox(state)
    first.put("test", "a", {"n": 1})  # nobody sends it: the process is killed
    second, sent = Outbox(state), []
    second.sends("test", lambda parcel: sent.append(parcel.body))
    wait(lambda: sent == [{"n": 1}])
    second.stop()
