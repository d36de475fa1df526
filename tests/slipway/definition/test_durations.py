"""Cache timeouts in SageMaker's lenient spelling."""

from datetime import UTC, datetime, timedelta

import pytest

from slipway.definition.durations import Duration, parse_duration


@pytest.mark.parametrize(
    ("text", "months", "time"),
    [
        ("30d", 0, timedelta(days=30)),
        ("P30D", 0, timedelta(days=30)),
        ("p30d", 0, timedelta(days=30)),
        ("5y", 60, timedelta()),
        ("P1Y2M", 14, timedelta()),
        ("T16m", 0, timedelta(minutes=16)),
        ("30dT5h", 0, timedelta(days=30, hours=5)),
        ("P4DT12H", 0, timedelta(days=4, hours=12)),
        ("T12H", 0, timedelta(hours=12)),
        ("PT1H", 0, timedelta(hours=1)),
        ("P2W", 0, timedelta(weeks=2)),
        ("3M", 3, timedelta()),
    ],
)
def test_every_documented_spelling(text, months, time):
    assert parse_duration(text) == Duration(months, time)


@pytest.mark.parametrize("text", ["", "P", "T", "PT", "30", "d", "1h", "PT30S", "-P1D", "P1.5D"])
def test_anything_else_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="such as P30D"):
        parse_duration(text)


def test_months_follow_the_calendar():
    start = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert parse_duration("P1M").after(start) == datetime(2026, 2, 28, 12, tzinfo=UTC)
    assert parse_duration("P1YT1H").after(start) == datetime(2027, 1, 31, 13, tzinfo=UTC)
    assert parse_duration("P11M").after(start) == datetime(2026, 12, 31, 12, tzinfo=UTC)


def test_a_duration_beyond_the_calendar_never_ends():
    start = datetime(2026, 1, 31, tzinfo=UTC)
    assert parse_duration("P9999Y").after(start).year == 9999
    assert parse_duration("P99999999999999D").after(start).year == 9999
