"""How long logs are kept."""

from aws_cdk import aws_logs as logs

# What CloudWatch Logs takes, in days.
DAYS: tuple[int, ...] = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


def days(count: int) -> logs.RetentionDays:
    """Return the shortest retention that CloudWatch Logs has for so many days."""
    fits = min(number for number in DAYS if number >= count)
    return _BY_DAYS[fits]


_BY_DAYS: dict[int, logs.RetentionDays] = dict(
    zip(DAYS, [member for member in logs.RetentionDays if member.name != "INFINITE"], strict=True)
)
