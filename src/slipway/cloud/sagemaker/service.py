"""The operations of SageMaker that Slipway owns, gathered from one file per resource."""

from slipway.cloud.sagemaker import (
    engine,
    execution_steps,
    executions,
    pipeline_versions,
    pipelines,
    tags,
)
from slipway.cloud.service import Operation, Service

OPERATIONS: dict[str, Operation] = {
    **pipelines.OPERATIONS,
    **pipeline_versions.OPERATIONS,
    **executions.OPERATIONS,
    **execution_steps.OPERATIONS,
    **tags.OPERATIONS,
}

SERVICE = Service("sagemaker", OPERATIONS, start=engine.start, stop=engine.stop)
