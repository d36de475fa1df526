"""How often a delivery is tried, and what is said of it at the end."""

import pytest

from slipway.cloud.clock import now
from slipway.cloud.eventbridge import delivery as events
from slipway.cloud.outbox import Parcel
from slipway.cloud.scheduler import delivery as scheduler
from slipway.cloud.targets.refusals import Undelivered

REGION = "us-east-1"
QUEUE, LETTERS = (f"arn:aws:sqs:{REGION}:123456789012:{name}" for name in ("q", "dlq"))
EVENT = {"id": "e", "detail": {}}


@pytest.fixture(params=["events", "scheduler"])
def deliver(request, shared, monkeypatch):
    """What delivers to a target that fails as the test says; and the dead letters, by attribute."""
    module = events if request.param == "events" else scheduler
    buried = []

    def fail(cloud, sending):
        raise fail.error

    def bury(cloud, sending, about):
        buried.append((sending, about))
        return True

    monkeypatch.setattr(module, "send", fail)
    monkeypatch.setattr(module, "bury", bury)

    def run(error, attempts=0, age=0.0, **policy):
        fail.error = error
        target = {
            "Id": "1",
            "Arn": QUEUE,
            "RoleArn": "r",
            "DeadLetterConfig": {"Arn": LETTERS},
            "RetryPolicy": policy,
        }
        body = {"region": REGION, "rule": "r", "arn": "source", "target": target, "event": EVENT}
        body |= {"received": "", "hops": 0, "group": "g", "occurrence": 0.0, "execution": "x"}
        return module.deliver(shared.cloud, Parcel(1, "k", "l", body, now() - age, now(), attempts))

    return run, buried


THROTTLED = Undelivered("THROTTLING", "too much", again=True)


def test_attempts_come_ever_later(deliver):
    run, buried = deliver
    for attempts, wait in ((0, 1), (3, 8), (20, 480)):
        assert run(THROTTLED, attempts) - now() == pytest.approx(wait, abs=1)
    assert not buried


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"attempts": 3, "MaximumRetryAttempts": 3}, "MaximumRetryAttempts"),
        ({"age": 100.0, "MaximumEventAgeInSeconds": 60}, "MaximumEventAgeInSeconds"),
        ({"attempts": 185}, "MaximumRetryAttempts"),
        ({"age": 86400.0}, "MaximumEventAgeInSeconds"),
    ],
)
def test_the_last_failure_is_a_dead_letter(deliver, given, reason):
    run, buried = deliver
    assert run(THROTTLED, **given) is None
    ((sending, about),) = buried
    assert sending.arn == LETTERS
    assert about["EXHAUSTED_RETRY_CONDITION"] == reason
    assert about["RETRY_ATTEMPTS"] == str(given.get("attempts", 0))
    assert (about["ERROR_CODE"], about["ERROR_MESSAGE"]) == ("THROTTLING", "too much")


def test_what_cannot_get_better_is_not_tried_again(deliver):
    run, buried = deliver
    assert run(Undelivered("NO_PERMISSIONS", "no", again=False)) is None
    ((_, about),) = buried
    assert about["ERROR_CODE"] == "NO_PERMISSIONS"
    assert "EXHAUSTED_RETRY_CONDITION" not in about
