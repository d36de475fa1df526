"""The operations of Glue that Slipway owns; the catalog, jobs and the rest are the ground's."""

from slipway.cloud.glue import crawlers, jobs, tags
from slipway.cloud.records.coverage import coverage
from slipway.cloud.records.operations import operations
from slipway.cloud.service import Service

SERVICE = Service(
    "glue",
    {**operations(crawlers.CRAWLER), **crawlers.OPERATIONS, **jobs.OPERATIONS, **tags.OPERATIONS},
    coverage(crawlers.CRAWLER) | crawlers.COVERAGE | jobs.COVERAGE,
    invalid="InvalidInputException",
)
