"""The plan of a release: what holds of every one, on random endpoints and guardrails."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.cloud.hosting.release import (
    Bake,
    Provision,
    Shift,
    Terminate,
    after,
    begin,
    final,
    longest,
    plan,
    undo,
)

NAMES = ("A", "B", "C")


def blue_green(kind, size=None, wait=3, termination=2):
    routing = {"Type": kind, "WaitIntervalInSeconds": wait}
    if size:
        routing[{"CANARY": "CanarySize", "LINEAR": "LinearStepSize"}[kind]] = size
    policy = {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": termination}
    return {"BlueGreenUpdatePolicy": policy}


def percent(value):
    return {"Type": "CAPACITY_PERCENT", "Value": value}


def instances(value):
    return {"Type": "INSTANCE_COUNT", "Value": value}


def sizes(low, high):
    return st.one_of(
        st.integers(low, high).map(percent),
        st.integers(1, 20).map(instances),  # more than there are: a variant with retained counts
    )


waits = st.integers(0, 5)
deployments = st.one_of(
    st.just({}),
    st.builds(blue_green, st.just("ALL_AT_ONCE"), st.none(), waits, waits),
    st.builds(blue_green, st.just("CANARY"), sizes(1, 50), waits, waits),
    st.builds(blue_green, st.just("LINEAR"), sizes(10, 50), waits, waits),
    st.fixed_dictionaries(
        {
            "RollingUpdatePolicy": st.fixed_dictionaries(
                {"MaximumBatchSize": sizes(5, 50), "WaitIntervalInSeconds": waits},
                optional={"RollbackMaximumBatchSize": sizes(1, 100)},
            )
        }
    ),
)


@st.composite
def releases(draw):
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    counts = st.fixed_dictionaries({name: st.integers(0, 20) for name in names})
    return draw(counts), draw(counts), draw(deployments)


def moments(old, new, deployment):
    """Every stand of a release, with the actions that led there."""
    actions = plan(old, new, deployment)
    for done in range(len(actions) + 1):
        yield actions[:done], after(begin(old, new), actions[:done])


@settings(max_examples=40, deadline=None)
@given(releases())
def test_it_ends_with_all_of_the_new_and_nothing_of_the_old(release):
    old, new, deployment = release
    *_, (actions, stand) = moments(old, new, deployment)
    assert stand.new == new
    assert stand.old == dict.fromkeys(old, 0)
    assert stand.parts == dict.fromkeys(new, 1.0)
    assert isinstance(actions[-1], Terminate)


@settings(max_examples=40, deadline=None)
@given(releases())
def test_no_fleet_ever_gets_more_traffic_than_the_part_of_it_that_is_there(release):
    old, new, deployment = release
    for _, stand in moments(old, new, deployment):
        for name, moved in stand.parts.items():
            assert 0 <= moved <= 1
            assert moved <= (stand.new[name] / new[name] if new[name] else 1)
            assert 1 - moved <= (stand.old[name] / old[name] if old[name] else 1) + 1e-9


@settings(max_examples=40, deadline=None)
@given(releases())
def test_traffic_only_ever_moves_forward_and_what_was_ended_stays_ended(release):
    old, new, deployment = release
    stands = [stand for _, stand in moments(old, new, deployment)]
    for before, later in itertools.pairwise(stands):
        for name in old:
            assert later.parts[name] >= before.parts[name]
            assert later.old[name] <= before.old[name]
            assert later.new[name] >= before.new[name]


@settings(max_examples=40, deadline=None)
@given(releases())
def test_the_undo_of_any_prefix_restores_the_old(release):
    old, new, deployment = release
    for _, stand in moments(old, new, deployment):
        back = after(stand, undo(stand, old, deployment))
        assert back == begin(old, new)


@settings(max_examples=40, deadline=None)
@given(releases())
def test_the_undo_moves_traffic_first_where_an_old_instance_is_left(release):
    old, new, deployment = release
    for _, stand in moments(old, new, deployment):
        first = undo(stand, old, deployment)[0]
        if all(stand.old[name] or not old[name] for name in old):
            assert first == Shift(dict.fromkeys(new, 0.0))
        else:
            assert isinstance(first, Provision)


@settings(max_examples=40, deadline=None)
@given(releases())
def test_a_watched_moment_always_has_an_old_instance_to_go_back_to(release):
    old, new, deployment = release
    for actions, stand in moments(old, new, deployment):
        if actions and isinstance(actions[-1], Bake):
            assert all(stand.old[name] for name in old if old[name])


@settings(max_examples=40, deadline=None)
@given(releases(), st.data())
def test_an_undo_that_was_broken_off_can_be_done_again(release, data):
    old, new, deployment = release
    stands = list(moments(old, new, deployment))
    _, stand = data.draw(st.sampled_from(stands))
    way = undo(stand, old, deployment)
    broken = after(stand, way[: data.draw(st.integers(0, len(way)))])
    assert after(broken, undo(broken, old, deployment)) == begin(old, new)


def test_all_at_once_bakes_before_the_old_fleet_ends():
    assert plan({"A": 2}, {"A": 3}, blue_green("ALL_AT_ONCE", termination=60)) == (
        Provision("new", {"A": 3}),
        Shift({"A": 1.0}),
        Bake(60.0, "TerminationWaitInSeconds"),
        Terminate("old", {"A": 0}),
    )


def test_a_canary_bakes_twice():
    assert plan({"A": 4}, {"A": 4}, blue_green("CANARY", instances(1), 30, 60)) == (
        Provision("new", {"A": 4}),
        Shift({"A": 0.25}),
        Bake(30.0, "WaitIntervalInSeconds"),
        Shift({"A": 1.0}),
        Bake(60.0, "TerminationWaitInSeconds"),
        Terminate("old", {"A": 0}),
    )


@pytest.mark.parametrize(
    ("size", "parts"),
    [(percent(50), [0.5, 1]), (percent(33), [0.33, 0.66, 0.99, 1]), (percent(10), None)],
)
def test_linear_steps(size, parts):
    actions = plan({"A": 1}, {"A": 1}, blue_green("LINEAR", size))
    moved = [action.parts["A"] for action in actions if isinstance(action, Shift)]
    assert moved == pytest.approx(parts or [k / 10 for k in range(1, 11)])
    bakes = [action.wait for action in actions if isinstance(action, Bake)]
    steps = ["WaitIntervalInSeconds"] * (len(moved) - 1)
    assert bakes == [*steps, "TerminationWaitInSeconds"]


def test_rolling_replaces_batch_by_batch():
    policy = {"MaximumBatchSize": percent(50), "WaitIntervalInSeconds": 5}
    assert plan({"A": 4}, {"A": 4}, {"RollingUpdatePolicy": policy}) == (
        Provision("new", {"A": 2}),
        Shift({"A": 0.5}),
        Bake(5.0, "WaitIntervalInSeconds"),
        Terminate("old", {"A": 2}),
        Provision("new", {"A": 4}),
        Shift({"A": 1.0}),
        Bake(5.0, "WaitIntervalInSeconds"),
        Terminate("old", {"A": 0}),
    )


def test_a_rolling_release_comes_back_in_batches():
    policy = {
        "MaximumBatchSize": percent(25),
        "WaitIntervalInSeconds": 0,
        "RollbackMaximumBatchSize": instances(2),
    }
    deployment = {"RollingUpdatePolicy": policy}
    stand = after(begin({"A": 4}, {"A": 4}), plan({"A": 4}, {"A": 4}, deployment)[:8])
    assert (stand.old, stand.new, stand.parts) == ({"A": 2}, {"A": 3}, {"A": 0.75})
    assert undo(stand, {"A": 4}, deployment) == (
        Shift({"A": 0.0}),
        Provision("old", {"A": 4}),
        Terminate("new", {"A": 0}),
    )


def test_without_guardrails_variants_may_come_and_go():
    actions = plan({"A": 1, "B": 2}, {"B": 2, "C": 1}, {})
    stand = after(begin({"A": 1, "B": 2}, {"B": 2, "C": 1}), actions)
    assert (stand.old, stand.new) == ({"A": 0, "B": 0}, {"B": 2, "C": 1})
    there = after(begin({"A": 1, "B": 2}, {"B": 2, "C": 1}), actions[:2])
    back = after(there, undo(there, {"A": 1, "B": 2}, {}))
    assert back == begin({"A": 1, "B": 2}, {"B": 2, "C": 1})


def test_the_point_of_no_return_is_after_the_last_bake():
    actions = plan({"A": 1}, {"A": 1}, blue_green("CANARY", percent(10)))
    assert [final(actions, index) for index in range(len(actions))] == [False] * 5 + [True]


def test_the_time_limit():
    policy = {"MaximumExecutionTimeoutInSeconds": 600}
    assert longest({"RollingUpdatePolicy": policy}) == 600
    assert longest({"BlueGreenUpdatePolicy": policy}) == 600
    assert longest({}) == 28800
