"""Events belong to the change that they tell of."""

import pytest

from slipway.cloud.events import Events
from slipway.cloud.state import State


@pytest.fixture
def state(tmp_path):
    state = State(tmp_path / "state.sqlite")
    yield state
    state.close()


def test_an_event_is_told_when_its_change_is_committed_in_order_and_only_then(state):
    events, seen, kept = Events(state), [], []
    things = state.documents("us-east-1", "Thing")
    events.subscribe(lambda event: seen.append((event.detail["n"], things.get("a"))))
    events.subscribe(lambda _: 1 / 0)  # who fails harms nobody
    events.keep(lambda event: kept.append(event.detail["n"]))
    with state.transaction():
        events.publish("x", {"n": 1}, region="us-east-1")
        events.publish("x", {"n": 2}, region="us-east-1")
        assert (kept, seen) == ([1, 2], [])
        things.create("a", {})
    assert seen == [(1, {}), (2, {})]
    with pytest.raises(KeyError), state.transaction():
        events.publish("x", {"n": 3}, region="us-east-1")
        raise KeyError
    events.publish("x", {"n": 4}, region="us-east-1")
    assert [n for n, _ in seen] == [1, 2, 4]
