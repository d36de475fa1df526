"""When a failed attempt is repeated."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slipway.definition.model import RetryPolicy
from slipway.engine.retries import CAPACITY_ERROR, JOB_INTERNAL_ERROR, THROTTLING, retry_at

PUBLISHED = Path(__file__).parents[3].parent / "shared/acceptance/semantics_retry.json"
TWICE = RetryPolicy((CAPACITY_ERROR,), interval_seconds=10, backoff_rate=3.0, max_attempts=2)


def when(policies, fault, *earlier, step_type="Training", started=0.0, now=100.0):
    return retry_at(policies, step_type, fault, earlier, started=started, now=now)


def test_without_a_policy_only_faults_of_the_service_are_repeated():
    assert when((), THROTTLING) == 101
    assert when((), CAPACITY_ERROR) is None
    assert when((), None) is None
    assert when((), THROTTLING, *[THROTTLING] * 4) == 100 + 2.0**4
    assert when((), THROTTLING, *[THROTTLING] * 5) is None


def test_a_policy_replaces_the_default():
    assert when((TWICE,), THROTTLING) is None


def test_the_wait_grows_until_the_attempts_are_used_up():
    assert when((TWICE,), CAPACITY_ERROR) == 110
    assert when((TWICE,), CAPACITY_ERROR, CAPACITY_ERROR) == 130
    assert when((TWICE,), CAPACITY_ERROR, CAPACITY_ERROR, CAPACITY_ERROR) is None


def test_each_policy_counts_its_own_and_the_first_that_names_a_fault_applies():
    other = RetryPolicy((THROTTLING, CAPACITY_ERROR), interval_seconds=1)
    assert when((TWICE, other), CAPACITY_ERROR, THROTTLING, THROTTLING) == 110
    assert when((TWICE, other), THROTTLING, CAPACITY_ERROR) == 102  # its policy names that one too


def test_expiry_counts_from_the_start_of_the_step():
    policy = RetryPolicy((CAPACITY_ERROR,), 60, 1.0, None, expire_after_minutes=2)
    assert when((policy,), CAPACITY_ERROR, now=60) == 120
    assert when((policy,), CAPACITY_ERROR, now=61) is None


def test_zero_means_never():
    none = RetryPolicy((CAPACITY_ERROR,), max_attempts=0)
    assert when((none,), CAPACITY_ERROR) is None
    none = RetryPolicy((CAPACITY_ERROR,), 1, max_attempts=None, expire_after_minutes=0)
    assert when((none,), CAPACITY_ERROR) is None


@pytest.mark.parametrize("step_type", ["Tuning", "AutoML"])
def test_tuning_never_repeats_an_internal_error(step_type):
    policy = RetryPolicy((JOB_INTERNAL_ERROR,))
    assert when((policy,), JOB_INTERNAL_ERROR, step_type=step_type) is None
    assert when((policy,), JOB_INTERNAL_ERROR) == 101


@pytest.mark.parametrize("step_type", ["Lambda", "Callback", "Condition", "Fail"])
def test_some_types_are_never_repeated(step_type):
    assert when((), THROTTLING, step_type=step_type) is None


@given(st.floats(1, 1e6), st.integers(0, 400))
def test_a_wait_beyond_all_numbers_is_no_retry(rate, done):
    policy = RetryPolicy((THROTTLING,), 1, rate, None, expire_after_minutes=14400)
    at = when((policy,), THROTTLING, *[THROTTLING] * done)
    assert at is None or at <= 14400 * 60


@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published semantics are not here")
def test_defaults_and_types_are_those_published():
    published = json.loads(PUBLISHED.read_text())
    assert set(published["exception_types"]) == {
        "Step.SERVICE_FAULT",
        THROTTLING,
        JOB_INTERNAL_ERROR,
        CAPACITY_ERROR,
        "SageMaker.RESOURCE_LIMIT",
    }
    policy = RetryPolicy((THROTTLING,))
    assert published["defaults"] == {
        "IntervalSeconds": policy.interval_seconds,
        "BackoffRate": policy.backoff_rate,
        "MaxAttempts": policy.max_attempts,
    }
    for name in published["applies_to"]:
        step_type = name.split("(")[0]
        assert when((), THROTTLING, step_type=step_type) is not None, name
