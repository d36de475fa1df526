"""The operations of Redshift Serverless that Slipway owns; the ground has none."""

from slipway.cloud.records.coverage import coverage
from slipway.cloud.records.operations import operations
from slipway.cloud.redshift_serverless import tags
from slipway.cloud.redshift_serverless.kinds import KINDS
from slipway.cloud.service import Service

SERVICE = Service(
    "redshift-serverless", {**operations(*KINDS), **tags.OPERATIONS}, coverage(*KINDS)
)
