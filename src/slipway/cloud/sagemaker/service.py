"""The operations of SageMaker that Slipway owns, gathered from one file per resource."""

from slipway.cloud.sagemaker import tags
from slipway.cloud.service import Operation, Service

OPERATIONS: dict[str, Operation] = {
    **tags.OPERATIONS,
}

SERVICE = Service("sagemaker", OPERATIONS)
