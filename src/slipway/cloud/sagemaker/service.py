"""The operations of SageMaker that Slipway owns, gathered from one file per resource."""

from slipway.cloud.cloud import Cloud
from slipway.cloud.hosting import capture
from slipway.cloud.records.coverage import coverage
from slipway.cloud.records.operations import operations
from slipway.cloud.sagemaker import (
    endpoint_capacities,
    endpoint_configs,
    endpoint_coverage,
    endpoint_lives,
    endpoint_releases,
    endpoint_updates,
    endpoints,
    engine,
    execution_start,
    execution_steps,
    executions,
    feature_groups,
    inference_component_lives,
    inference_components,
    job_coverage,
    jobs,
    mlflow,
    model_package_groups,
    model_packages,
    models,
    pipeline_versions,
    pipelines,
    processing_jobs,
    studio,
    tags,
    training_jobs,
    transform_jobs,
)
from slipway.cloud.sagemaker.coverage import COVERAGE
from slipway.cloud.service import Operation, Service

RECORDS = (*studio.KINDS, *feature_groups.KINDS, *mlflow.KINDS)
OPERATIONS: dict[str, Operation] = {
    **operations(*RECORDS),
    **endpoint_capacities.OPERATIONS,
    **endpoint_configs.OPERATIONS,
    **endpoint_updates.OPERATIONS,
    **endpoints.OPERATIONS,
    **model_package_groups.OPERATIONS,
    **model_packages.OPERATIONS,
    **inference_components.OPERATIONS,
    **models.OPERATIONS,
    **pipelines.OPERATIONS,
    **pipeline_versions.OPERATIONS,
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
    jobs.take_up,
    transform_jobs.take_up,
    capture.take_up,
    endpoint_lives.take_up,
    inference_component_lives.take_up,
    endpoint_releases.take_up,
    engine.start,
)
# What was captured goes to S3 last, when nothing answers any more.
STOPS = (engine.stop, jobs.end_all, endpoint_lives.end_all, capture.stop)


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
    | endpoint_updates.COVERAGE
    | coverage(*RECORDS)
)
SERVICE = Service("sagemaker", OPERATIONS, ALL_COVERAGE, start, stop)
