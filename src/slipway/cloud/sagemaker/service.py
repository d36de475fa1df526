"""The operations of SageMaker that Slipway owns, gathered from one file per resource."""

from slipway.cloud.service import Operation, Service

OPERATIONS: dict[str, Operation] = {}

SERVICE = Service("sagemaker", OPERATIONS)
