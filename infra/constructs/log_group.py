"""A log group of ours: under a key, kept for a number of days, and gone or not as the stack's data."""

from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs

from infra.constructs.policy import Allow
from infra.constructs.role import TaskRole, acting
from infra.constructs.stack import PlatformStack

# What CloudWatch Logs takes, in days.
DAYS: tuple[int, ...] = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)


class PlatformLogGroup(logs.LogGroup):
    """A log group; `kept` is in days, and lengthened to what CloudWatch Logs has."""

    def __init__(
        self, stack: PlatformStack, name: str, *, group_name: str, key: kms.IKey, kept: int
    ) -> None:
        super().__init__(
            stack,
            name,
            log_group_name=group_name,
            encryption_key=key,
            retention=days(kept),
            removal_policy=stack.removal,
        )


def writer(
    stack: PlatformStack, name: str, group: logs.ILogGroup, service: str, *, description: str
) -> TaskRole:
    """Return the role with which a service (`cloudtrail`) writes into a log group."""
    return TaskRole(
        stack,
        name,
        assumed_by=acting(stack, service),
        description=description,
        statements=[
            Allow(
                "WriteLogs",
                ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
                [group.log_group_arn],
                why="the ARN of a log group ends in :*, its streams",
            )
        ],
    )


def days(count: int) -> logs.RetentionDays:
    """Return the shortest retention that CloudWatch Logs has for so many days."""
    fits = min(number for number in DAYS if number >= count)
    return _BY_DAYS[fits]


_BY_DAYS: dict[int, logs.RetentionDays] = dict(
    zip(DAYS, [member for member in logs.RetentionDays if member.name != "INFINITE"], strict=True)
)
