"""When a schedule comes next: at(…), rate(…) and cron(…). Pure.

Sources: the Application Auto Scaling user guide, "Schedule recurring scaling actions using cron
expressions", and the EventBridge Scheduler user guide, "Schedule types". Cron has six fields: minutes,
hours, day of month, month, day of week, year. A local time that a change of the clocks skips is skipped;
one that comes twice counts the first time.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

AT = re.compile(r"at\((\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\)")
RATE = re.compile(r"rate\((\d+) (minute|minutes|hour|hours|day|days)\)")
CRON = re.compile(r"cron\(([^()]+)\)")
UNITS = {"minute": 60, "hour": 3600, "day": 86400}
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
AHEAD = (
    366 * 9
)  # days in which a schedule comes, if it ever does: leap days may be eight years apart


class BadSchedule(ValueError):
    """What is wrong with a schedule."""


@dataclass(frozen=True)
class Cron:
    """The fields of a cron expression."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: str  # of the month
    months: frozenset[int]
    weekdays: str
    years: frozenset[int]


def following(schedule: str, zone: ZoneInfo, after: datetime, since: datetime) -> datetime | None:
    """Return the first time of a schedule after a moment; None when there is none any more.

    Args:
        schedule: An expression; BadSchedule when it cannot be read.
        zone: That of at(…) and cron(…).
        after: An aware time.
        since: An aware time, when rate(…) began to count.
    """
    if found := AT.fullmatch(schedule):
        once = in_zone(found[1], zone)
        return once if once > after else None
    if found := RATE.fullmatch(schedule):
        each = timedelta(seconds=int(found[1]) * UNITS[found[2].rstrip("s")])
        if not each:
            raise BadSchedule("a rate of 0")
        if after < since:
            return since
        return since + ((after - since) // each + 1) * each
    if found := CRON.fullmatch(schedule):
        return next(times(parse(found[1]), zone, after), None)
    raise BadSchedule("expected at(yyyy-mm-ddThh:mm:ss), rate(value unit) or cron(fields)")


def in_zone(text: str, zone: ZoneInfo) -> datetime:
    """Return the moment of a local time; BadSchedule."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
    except ValueError as error:
        raise BadSchedule(str(error)) from error


def parse(text: str) -> Cron:
    """Return the fields of a cron expression; BadSchedule names the one that is wrong."""
    fields = text.split()
    if len(fields) != 6:
        raise BadSchedule(f"cron has 6 fields, found {len(fields)}")
    minutes, hours, days, months, weekdays, years = (field.upper() for field in fields)
    if (days == "?") == (weekdays == "?"):
        raise BadSchedule("of day of month and day of week exactly one is ?")
    cron = Cron(
        frozenset(numbers(minutes, 0, 59)),
        frozenset(numbers(hours, 0, 23)),
        days,
        frozenset(numbers(months, 1, 12, MONTHS)),
        weekdays,
        frozenset(numbers(years, 1970, 2199)),
    )
    for day in (date(2026, 1, 1), date(2026, 2, 1)):
        days_of(cron, day.year, day.month)  # for its checks
    return cron


def numbers(field: str, low: int, high: int, names: tuple[str, ...] = ()) -> Iterator[int]:
    """Yield the numbers of a field: *, lists, ranges, steps, and names, which count from `low`."""
    for part in field.split(","):
        span, _, step = part.partition("/")
        if step and (not step.isdecimal() or not int(step)):
            raise BadSchedule(f"{part!r} has no step")
        first, dash, last = span.partition("-")
        if span in ("*", "?"):
            start, end = low, high
        else:
            start = number(first, low, high, names)
            end = number(last, low, high, names) if dash else (high if step else start)
        if start > end:
            raise BadSchedule(f"{part!r} goes backwards")
        yield from range(start, end + 1, int(step or 1))


def number(text: str, low: int, high: int, names: tuple[str, ...]) -> int:
    """Return the number of a text or a name; BadSchedule."""
    found = names.index(text) + low if text in names else int(text) if text.isdecimal() else low - 1
    if not low <= found <= high:
        raise BadSchedule(f"{text!r} is not from {low} to {high}")
    return found


def times(cron: Cron, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    """Yield the times after a moment, in their order."""
    local = after.astimezone(zone)
    day = local.date()
    for _ in range(AHEAD):
        if day.year in cron.years and day.month in cron.months and falls_on(cron, day):
            for hour in sorted(cron.hours):
                for minute in sorted(cron.minutes):
                    local = datetime.combine(day, time(hour, minute))
                    moment = local.replace(tzinfo=zone).astimezone(UTC)
                    there = moment.astimezone(zone).replace(tzinfo=None) == local
                    if moment > after and there:
                        yield moment
        day += timedelta(days=1)


def falls_on(cron: Cron, day: date) -> bool:
    """Tell whether a day is one of those that a cron expression means."""
    return day.day in days_of(cron, day.year, day.month)


def days_of(cron: Cron, year: int, month: int) -> set[int]:
    """Return the days of a month that a cron expression means."""
    last = monthrange(year, month)[1]
    if cron.weekdays == "?":
        return month_days(cron.days, year, month, last)
    return week_days(cron.weekdays, year, month, last)


def month_days(field: str, year: int, month: int, last: int) -> set[int]:
    """Return the days of a field for days of the month: L is the last, 15W the weekday nearest to it."""
    if field == "L":
        return {last}
    if field.endswith("W"):
        day = last if field == "LW" else min(number(field[:-1], 1, 31, ()), last)
        weekday = date(year, month, day).isoweekday()
        if weekday == 6:
            return {day - 1 if day > 1 else day + 2}
        if weekday == 7:
            return {day + 1 if day < last else day - 2}
        return {day}
    return {day for day in numbers(field, 1, 31) if day <= last}


def week_days(field: str, year: int, month: int, last: int) -> set[int]:
    """Return the days of a field for days of the week: 1 is Sunday, 6L the last Friday, 2#1 a first Monday."""
    by_weekday: dict[int, list[int]] = {n: [] for n in range(1, 8)}
    for day in range(1, last + 1):
        by_weekday[date(year, month, day).isoweekday() % 7 + 1].append(day)
    if field == "L":
        return set(by_weekday[7])
    if field.endswith("L"):
        return {by_weekday[number(field[:-1], 1, 7, DAYS)][-1]}
    if "#" in field:
        which, _, place = field.partition("#")
        found = by_weekday[number(which, 1, 7, DAYS)]
        if place not in ("1", "2", "3", "4", "5"):
            raise BadSchedule(f"{field!r}: a weekday comes 1 to 5 times in a month")
        return set(found[int(place) - 1 : int(place)])
    return {day for each in numbers(field, 1, 7, DAYS) for day in by_weekday[each]}
