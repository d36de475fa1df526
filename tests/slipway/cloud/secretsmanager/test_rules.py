"""When secrets rotate."""

from datetime import UTC, datetime

import pytest

from slipway.cloud.secretsmanager.rules import ATTEMPTS, checked, next_time, retry
from slipway.cloud.service import ServiceError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ({"AutomaticallyAfterDays": 30}, datetime(2026, 3, 31, 12, tzinfo=UTC)),
        ({"ScheduleExpression": "rate(10 days)"}, datetime(2026, 3, 11, 12, tzinfo=UTC)),
        ({"ScheduleExpression": "cron(0 4 1 * ? *)"}, datetime(2026, 4, 1, 4, tzinfo=UTC)),
    ],
    ids=["days", "rate", "cron"],
)
def test_the_next_rotation_follows_the_rules(rules, expected):
    assert next_time(checked(rules), NOON) == expected.timestamp()


def test_without_rules_nothing_rotates_by_itself():
    assert next_time({}, NOON) is None


@pytest.mark.parametrize(
    "rules",
    [
        {"AutomaticallyAfterDays": 1, "ScheduleExpression": "rate(1 day)"},
        {"ScheduleExpression": "rate(3 hours)"},
        {"ScheduleExpression": "sometimes"},
    ],
    ids=["both", "too often", "no schedule"],
)
def test_rules_that_cannot_be_followed_are_refused(rules):
    with pytest.raises(ServiceError, match="RotationRules"):
        checked(rules)


def test_a_failed_rotation_is_tried_later_and_later_and_then_no_more():
    times = [retry(failures, NOON) for failures in range(1, ATTEMPTS + 1)]
    assert times[-1] is None
    assert [time - NOON for time in times[:-1]] == [60, 120, 240, 480]
