"""RegisterModel: a model package that waits for somebody's approval, with its figures attached.

It can be deployed as it is: the training job's artifact holds the handlers, so nothing is repacked.
"""

import gzip
import io
import json
import tarfile

from sagemaker.core.model_metrics import MetricsSource, ModelMetrics
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.steps import ProcessingStep, TrainingStep
from sagemaker.serve import ModelBuilder

from reviews_steps.features import output_uri
from reviews_steps.jobs import PIPELINE, tensorflow_image, text
from reviews_steps.parameters import Parameters
from reviews_steps.platform import Platform

CONTENT_TYPES = ["application/jsonlines", "text/csv"]
# Requests that wait are run together: whatever there is when a thread is free, without waiting for more.
# The queue has room for the longest request of a transform job, which is divided into many batches.
ENVIRONMENT = {
    "SAGEMAKER_TFS_ENABLE_BATCHING": "true",
    "SAGEMAKER_TFS_MAX_BATCH_SIZE": "32",
    "SAGEMAKER_TFS_BATCH_TIMEOUT_MICROS": "0",
    "SAGEMAKER_TFS_MAX_ENQUEUED_BATCHES": "10000",
}
SAMPLES = ("I love it, it works as described.", "It broke after two days. A waste of money.")


def register_step(
    platform: Platform,
    parameters: Parameters,
    quality: ProcessingStep,
    training: TrainingStep,
    evaluation: ProcessingStep,
) -> ModelStep:
    """Return the step; how the model is to be deployed goes with the package as its properties."""
    builder = ModelBuilder(
        s3_model_data_url=training.properties.ModelArtifacts.S3ModelArtifacts,
        image_uri=tensorflow_image(platform.session, "inference", "ml.m5.4xlarge"),
        role_arn=platform.roles.serving,
        env_vars=dict(ENVIRONMENT),
        sagemaker_session=platform.session,
    )
    payload = platform.upload(PIPELINE, "sample-payload", {"payload.tar.gz": sample_payload()})
    arguments = builder.register(
        model_package_group_name=parameters.model_package_group_name,
        content_types=CONTENT_TYPES,
        response_types=CONTENT_TYPES,
        inference_instances=[parameters.deploy_instance_type],
        transform_instances=["ml.c5.18xlarge"],
        domain="NATURAL_LANGUAGE_PROCESSING",
        task="CLASSIFICATION",
        sample_payload_url=f"{payload}payload.tar.gz",
        approval_status="PendingManualApproval",
        model_metrics=ModelMetrics(
            model_statistics=report(evaluation, "metrics", "evaluation.json"),
            model_data_statistics=report(quality, "quality", "quality.json"),
        ),
        customer_metadata_properties={
            "DeployInstanceType": parameters.deploy_instance_type,
            "DeployInstanceCount": parameters.deploy_instance_count.to_string(),
        },
    )
    return ModelStep(name="RegisterModel", step_args=arguments)


def report(step: ProcessingStep, output: str, file: str) -> MetricsSource:
    """Return a report that a step wrote, as a source of metrics."""
    return MetricsSource("application/json", text(output_uri(step, output), "/", file))


def sample_payload() -> bytes:
    """Return a request as the service wants samples: a tar.gz; equal on every call."""
    lines = "".join(json.dumps({"features": [each]}) + "\n" for each in SAMPLES).encode()
    target = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=target, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        member = tarfile.TarInfo("payload.jsonl")
        member.size = len(lines)
        archive.addfile(member, io.BytesIO(lines))
    return target.getvalue()
