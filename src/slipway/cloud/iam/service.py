"""The operations of IAM that Slipway owns."""

from slipway.cloud.iam.simulate import COVERAGE, OPERATIONS
from slipway.cloud.service import Service

SERVICE = Service("iam", OPERATIONS, COVERAGE, invalid="ValidationError")
