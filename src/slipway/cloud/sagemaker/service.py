"""The operations of SageMaker that Slipway owns, gathered from one file per resource."""

from slipway.cloud.cloud import Cloud
from slipway.cloud.hosting import capture
from slipway.cloud.records.coverage import coverage
from slipway.cloud.records.operations import operations
from slipway.cloud.sagemaker import feature_groups, mlflow, models, studio, tags
from slipway.cloud.sagemaker.coverage import COVERAGE
from slipway.cloud.sagemaker.endpoints import capacities, configs, endpoints, releases, updates
from slipway.cloud.sagemaker.endpoints import coverage as endpoint_coverage
from slipway.cloud.sagemaker.endpoints import lives as endpoint_lives
from slipway.cloud.sagemaker.inference_components import inference_components
from slipway.cloud.sagemaker.inference_components import lives as inference_component_lives
from slipway.cloud.sagemaker.jobs import coverage as job_coverage
from slipway.cloud.sagemaker.jobs import processing_jobs, runs, training_jobs, transform_jobs
from slipway.cloud.sagemaker.model_packages import groups, model_packages
from slipway.cloud.sagemaker.pipelines import (
    engine,
    execution_start,
    execution_steps,
    executions,
    pipelines,
    versions,
)
from slipway.cloud.service import Operation, Service

RECORDS = (*studio.KINDS, *feature_groups.KINDS, *mlflow.KINDS)
OPERATIONS: dict[str, Operation] = {
    **operations(*RECORDS),
    **capacities.OPERATIONS,
    **configs.OPERATIONS,
    **updates.OPERATIONS,
    **endpoints.OPERATIONS,
    **groups.OPERATIONS,
    **model_packages.OPERATIONS,
    **inference_components.OPERATIONS,
    **models.OPERATIONS,
    **pipelines.OPERATIONS,
    **versions.OPERATIONS,
    **executions.OPERATIONS,
    **execution_start.OPERATIONS,
    **execution_steps.OPERATIONS,
    **processing_jobs.OPERATIONS,
    **tags.OPERATIONS,
    **training_jobs.OPERATIONS,
    **transform_jobs.OPERATIONS,
}
# Jobs that died with the last process are marked before the engine looks at them.
STARTS = (
    runs.take_up,
    transform_jobs.take_up,
    capture.take_up,
    endpoint_lives.take_up,
    inference_component_lives.take_up,
    releases.take_up,
    engine.start,
)
# What was captured goes to S3 last, when nothing answers any more.
STOPS = (engine.stop, runs.end_all, endpoint_lives.end_all, capture.stop)


def start(cloud: Cloud) -> None:
    """Take up what the last process left unfinished."""
    for begin in STARTS:
        begin(cloud)


def stop(cloud: Cloud) -> None:
    """Let go of everything that runs."""
    for end in STOPS:
        end(cloud)


ALL_COVERAGE = (
    COVERAGE
    | job_coverage.COVERAGE
    | endpoint_coverage.COVERAGE
    | updates.COVERAGE
    | coverage(*RECORDS)
)
SERVICE = Service("sagemaker", OPERATIONS, ALL_COVERAGE, start, stop)
