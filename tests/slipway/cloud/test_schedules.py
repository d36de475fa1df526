"""When a scheduled action comes next."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from slipway.cloud.schedules import BadSchedule, following

NOW = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)  # a Saturday


def next_of(schedule, zone="UTC", after=NOW, since=NOW):
    found = following(schedule, ZoneInfo(zone), after, since)
    return found and found.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        ("at(2026-11-21T12:31:00)", "2026-11-21 12:31"),
        ("at(2026-11-21T12:30:00)", None),
        ("rate(5 minutes)", "2026-11-21 12:35"),
        ("rate(1 day)", "2026-11-22 12:30"),
        ("cron(0 10 * * ? *)", "2026-11-22 10:00"),
        ("cron(15 12 * * ? *)", "2026-11-22 12:15"),
        ("cron(0 18 ? * MON-FRI *)", "2026-11-23 18:00"),
        ("cron(0 8 1 * ? *)", "2026-12-01 08:00"),
        ("cron(0/10 * ? * 2-6 *)", "2026-11-23 00:00"),
        ("cron(0/5 8-17 ? * * *)", "2026-11-21 12:35"),
        ("cron(0 0 L * ? *)", "2026-11-30 00:00"),
        ("cron(0 0 28W * ? *)", "2026-11-27 00:00"),
        ("cron(0 0 ? * 6L *)", "2026-11-27 00:00"),
        ("cron(0 0 ? * MON#1 *)", "2026-12-07 00:00"),
        ("cron(0 0 29 2 ? *)", "2028-02-29 00:00"),
        ("cron(0 0 1 1 ? 2026)", None),
        ("cron(30 12,13 ? JAN,NOV SAT,SUN 2026-2027)", "2026-11-21 13:30"),
    ],
)
def test_schedules(schedule, expected):
    assert next_of(schedule) == expected


def test_a_schedule_is_of_its_zone():
    assert next_of("cron(0 13 * * ? *)", "Europe/Berlin") == "2026-11-22 13:00"
    assert next_of("cron(0 14 * * ? *)", "Europe/Berlin") == "2026-11-21 14:00"
    assert next_of("at(2026-11-21T13:31:00)", "Europe/Berlin") == "2026-11-21 13:31"


@pytest.mark.parametrize(
    "schedule",
    ["", "soon", "rate(0 minutes)", "rate(5 weeks)", "at(2026-13-01T00:00:00)", "cron(0 10 * * * *)",
     "cron(0 10 * * ?)", "cron(60 10 * * ? *)", "cron(0 10 ? * MON#6 *)", "cron(0 10 ? * XXX *)",
     "cron(10-5 10 * * ? *)", "cron(*/0 10 * * ? *)"],
)  # fmt: skip
def test_what_is_no_schedule_is_refused(schedule):
    with pytest.raises(BadSchedule):
        next_of(schedule)


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1)).map(
        lambda each: each.replace(tzinfo=UTC)
    ),
    st.sampled_from(["rate(7 minutes)", "cron(0/15 * * * ? *)", "cron(5 3 ? * MON *)"]),
)
def test_the_next_time_is_later_and_the_one_before_it_is_not(after, schedule):
    found = following(
        schedule, ZoneInfo("America/New_York"), after, datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert found > after
    just_before = found - timedelta(seconds=1)
    assert (
        following(schedule, ZoneInfo("America/New_York"), max(after, just_before), NOW) is not None
    )
    again = following(
        schedule, ZoneInfo("America/New_York"), just_before, datetime(2026, 1, 1, tzinfo=UTC)
    )
    assert again == found


LISTED = st.sampled_from(["*", "7", "3-9", "1,5,20", "0/10", "*/7"])
FIELDS = st.tuples(
    LISTED,
    st.sampled_from(["*", "3", "8-17", "0,12", "0/6"]),
    st.sampled_from(["*", "1", "10-20", "L"]),
)


def meant(field, value, last=None):
    """Tell, in another way than the code under test, whether a field means a number."""
    if field == "L":
        return value == last
    for part in field.split(","):
        span, _, step = part.partition("/")
        low, _, high = span.partition("-")
        first = 0 if low == "*" else int(low)
        top = int(high) if high else (59 if step or low == "*" else first)
        if first <= value <= top and (value - first) % int(step or 1) == 0:
            return True
    return False


@settings(max_examples=40, deadline=None)
@given(FIELDS, st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)))
def test_a_cron_expression_means_every_minute_that_fits_and_no_other(fields, after):
    minutes, hours, days = fields
    after = after.replace(tzinfo=UTC)
    found = following(f"cron({minutes} {hours} {days} * ? *)", ZoneInfo("UTC"), after, after)

    def fits(time):
        last = (time.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        return (
            meant(minutes, time.minute)
            and meant(hours, time.hour)
            and meant(days, time.day, last.day)
        )

    assert fits(found) and found > after and found.second == 0
    time = (after + timedelta(minutes=1)).replace(second=0, microsecond=0)
    for _ in range(3000):  # two days of minutes are enough to find one that was left out
        if time >= found:
            break
        assert not fits(time), time
        time += timedelta(minutes=1)


def test_clocks_that_change():
    berlin = "Europe/Berlin"
    spring = datetime(2026, 3, 28, 12, tzinfo=UTC)  # at two o'clock it becomes three
    assert next_of("cron(30 2 * * ? *)", berlin, spring) == "2026-03-30 02:30"
    autumn = datetime(2026, 10, 24, 12, tzinfo=UTC)  # at three o'clock it becomes two
    first = following("cron(30 2 * * ? *)", ZoneInfo(berlin), autumn, autumn)
    second = following("cron(30 2 * * ? *)", ZoneInfo(berlin), first, autumn)
    assert second - first == timedelta(hours=25)
