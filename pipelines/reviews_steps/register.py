"""RegisterModel: a model package that waits for somebody's approval, with its figures attached."""

from sagemaker.core.model_metrics import MetricsSource, ModelMetrics
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.mlops.workflow.model_step import ModelStep
from sagemaker.mlops.workflow.steps import ProcessingStep, TrainingStep
from sagemaker.serve import ModelBuilder

from reviews_steps.features import output_uri
from reviews_steps.jobs import tensorflow_image, text
from reviews_steps.parameters import Parameters

CONTENT_TYPE = "application/jsonlines"


def register_step(
    session: PipelineSession,
    role: str,
    parameters: Parameters,
    quality: ProcessingStep,
    training: TrainingStep,
    evaluation: ProcessingStep,
) -> ModelStep:
    """Return the step; how the model is to be deployed goes with the package as its properties."""
    builder = ModelBuilder(
        s3_model_data_url=training.properties.ModelArtifacts.S3ModelArtifacts,
        image_uri=tensorflow_image(session, "inference", "ml.m5.4xlarge"),
        role_arn=role,
        sagemaker_session=session,
    )
    arguments = builder.register(
        model_package_group_name=parameters.model_package_group_name,
        content_types=[CONTENT_TYPE],
        response_types=[CONTENT_TYPE],
        inference_instances=[parameters.deploy_instance_type],
        transform_instances=["ml.c5.18xlarge"],
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
