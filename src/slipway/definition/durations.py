"""Cache timeouts: ISO-8601 durations in SageMaker's lenient spelling."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta

_FORM = re.compile(
    r"P?(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Duration:
    """A span of calendar months and of exact time; it has a length only from a given moment on."""

    months: int
    time: timedelta

    def after(self, moment: datetime) -> datetime:
        """Return the moment this much later; the day is cut to the last one of a shorter month."""
        count = moment.year * 12 + moment.month - 1 + self.months
        year, month = count // 12, count % 12 + 1
        try:
            day = min(moment.day, monthrange(year, month)[1])
            return moment.replace(year=year, month=month, day=day) + self.time
        except (OverflowError, ValueError):
            return datetime.max.replace(tzinfo=moment.tzinfo)  # longer than the calendar: never


def parse_duration(text: str) -> Duration:
    """Read `P30D`, `30d`, `T16m`, `30dT5h`, `p5y`, …; units year to minute.

    Raises ValueError with the accepted forms. Spelling: developer guide, "Caching pipeline steps".
    """
    match = _FORM.fullmatch(text.strip())
    parts = {unit: int(count) for unit, count in match.groupdict("0").items()} if match else {}
    if not match or not any(match.groupdict().values()):
        raise ValueError(
            f"'{text}' is not a duration: expected an ISO-8601 duration of years to minutes, "
            "such as P30D, PT1H or P4DT12H"
        )
    try:
        time = timedelta(
            weeks=parts["weeks"],
            days=parts["days"],
            hours=parts["hours"],
            minutes=parts["minutes"],
        )
    except OverflowError:
        time = timedelta.max
    return Duration(parts["years"] * 12 + parts["months"], time)
