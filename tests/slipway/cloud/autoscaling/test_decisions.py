"""Which capacity the policies of a target ask for, and which of them is followed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.cloud.autoscaling.decisions import Seen, Wish, choose, wish

NOW = 10_000.0
FREE = dict.fromkeys(
    ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended"), False
)


def tracker(**more):
    config = {"TargetValue": 10.0, "ScaleOutCooldown": 60, "ScaleInCooldown": 120}
    return {
        "PolicyName": "t",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": config,
    } | more


def stepper(**more):
    steps = [
        {"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 10, "ScalingAdjustment": 2},
        {"MetricIntervalLowerBound": 10, "ScalingAdjustment": 3},
    ]
    config = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": steps, "Cooldown": 60}
    return {
        "PolicyName": "s", "PolicyType": "StepScaling", "StepScalingPolicyConfiguration": config
    } | more  # fmt: skip


def seen(policy, *metrics, high=True):
    return Seen(policy, "alarm", "ALARM", high, metrics, 10.0, 10.0, NOW)


def capacity(policy, current, *metrics, high=True, factor=1.0):
    found = wish(seen(policy, *metrics, high=high), current, NOW, factor)
    return found and found.capacity


def test_a_policy_waits_until_its_cooldown_is_over():
    assert capacity(tracker(), 2, 25.0) == 5
    cooling = tracker(lastOut=NOW - 59, before=2)
    assert capacity(cooling, 5, 12.0) is None
    assert capacity(tracker(lastOut=NOW - 60, before=2), 5, 12.0) == 6
    assert capacity(tracker(lastIn=NOW - 119), 5, 2.0, high=False) is None
    assert capacity(tracker(lastIn=NOW - 120), 5, 2.0, high=False) == 1
    assert capacity(tracker(lastIn=NOW - 1), 2, 25.0) == 5  # going out does not wait for going in
    assert capacity(cooling, 5, 2.0, high=False) == 1


def test_a_larger_step_is_taken_while_it_cools_down_and_what_was_added_counts():
    # As in the user guide: two were added; the alarm now calls for three, so one more is added.
    assert capacity(stepper(lastOut=NOW - 1, before=4), 6, 25.0) == 7
    assert capacity(stepper(lastOut=NOW - 1, before=4), 6, 15.0) is None
    assert capacity(stepper(), 6, 15.0) == 8
    assert capacity(stepper(), 6) is None


def test_default_cooldowns_are_shortened_by_the_factor_and_named_ones_are_not():
    named = tracker(lastIn=NOW - 20)
    unnamed = tracker(lastIn=NOW - 20)
    unnamed["TargetTrackingScalingPolicyConfiguration"] = {"TargetValue": 10.0}
    assert capacity(named, 5, 2.0, high=False, factor=0.05) is None
    assert capacity(unnamed, 5, 2.0, high=False, factor=0.05) == 1
    assert capacity(unnamed, 5, 2.0, high=False) is None


def test_without_a_datapoint_nothing_goes_out_and_all_goes_in():
    assert capacity(tracker(), 3) is None
    assert capacity(tracker(), 3, high=False) == 0


WISHES = st.lists(
    st.builds(Wish, st.integers(0, 9), st.sampled_from("abc"), st.just("alarm"), st.just("ALARM")),
    max_size=4,
)


@given(WISHES, st.integers(0, 9))
def test_the_largest_capacity_wins(wishes, current):
    found = choose(wishes, current, FREE, [])
    assert found == max(wishes, key=lambda each: each.capacity, default=None)


@given(WISHES, st.integers(0, 9))
def test_what_is_suspended_is_not_done(wishes, current):
    out = choose(wishes, current, FREE | {"DynamicScalingInSuspended": True}, [])
    back = choose(wishes, current, FREE | {"DynamicScalingOutSuspended": True}, [])
    assert out is None or out.capacity >= current
    assert back is None or back.capacity <= current


@pytest.mark.parametrize(("trackers", "expected"), [(["a"], 3), (["a", "b"], None)])
def test_all_that_track_a_target_must_want_less(trackers, expected):
    found = choose([Wish(3, "a", "alarm", "ALARM")], 5, FREE, trackers)
    assert (found and found.capacity) == expected
