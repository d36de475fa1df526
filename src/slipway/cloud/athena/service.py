"""The operations of Athena that Slipway owns; queries and the rest are the ground's."""

from slipway.cloud.athena.work_groups import COVERAGE, OPERATIONS, take_up
from slipway.cloud.service import Service

SERVICE = Service("athena", OPERATIONS, COVERAGE, start=take_up, invalid="InvalidRequestException")
