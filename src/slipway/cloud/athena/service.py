"""The operations of Athena that Slipway owns; queries and the rest are the ground's."""

from slipway.cloud.athena import named_queries, work_groups
from slipway.cloud.service import Service

SERVICE = Service(
    "athena",
    {**work_groups.OPERATIONS, **named_queries.OPERATIONS},
    work_groups.COVERAGE | named_queries.COVERAGE,
    start=work_groups.take_up,
    invalid="InvalidRequestException",
)
