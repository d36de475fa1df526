"""The pipeline `reviews-training`: from review files to a registered model.

CheckQuality → PrepareFeatures → Train → Evaluate → AccuracyCondition → RegisterModel | AccuracyTooLow
"""

from reviews_steps.evaluate import accuracy_condition, evaluation_step
from reviews_steps.features import features_step
from reviews_steps.jobs import PIPELINE
from reviews_steps.parameters import parameters as make_parameters
from reviews_steps.platform import Platform
from reviews_steps.quality import quality_step
from reviews_steps.register import register_step
from reviews_steps.security import Roles, Security
from reviews_steps.sources import Store, asset
from reviews_steps.train import training_step
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.mlops.workflow.pipeline import Pipeline


def build(
    session: PipelineSession,
    role: str | Roles,
    bucket: str,
    *,
    security: Security | None = None,
    store: Store | None = None,
    input_data: str | None = None,
    features: str = "",
    group: str | None = None,
    managed_debugger: bool = False,
) -> Pipeline:
    """Return the pipeline, and put the code, wheels and weights that its jobs need into a store.

    Args:
        session: Where it points is where the pipeline can run.
        role: ARN of the role that the jobs and the model act as, or one for each kind.
        bucket: Of the code and of the results.
        security: The network, keys and tags of every job.
        store: Takes the files; without one they are uploaded to the bucket.
        input_data: S3 URI of the reviews, unless an execution's InputData says otherwise;
            `s3://<bucket>/reviews/tsv/` where none is given.
        features: The bucket of what training reads; "" for the bucket of the results.
        group: The model package group, unless an execution names another.
        managed_debugger: Ask for SageMaker Debugger, which only accounts that had it can use.
    """
    platform = Platform.of(session, role, bucket, security, store, features)
    weights = platform.upload(PIPELINE, "weights", asset("weights"))
    parameters = make_parameters(input_data or f"s3://{bucket}/reviews/tsv/", weights, group)
    quality = quality_step(platform, parameters)
    features = features_step(platform, parameters, after=quality)
    training = training_step(platform, parameters, features, managed_debugger=managed_debugger)
    evaluation = evaluation_step(platform, parameters, features, training)
    register = register_step(platform, parameters, quality, training, evaluation)
    return Pipeline(
        name=PIPELINE,
        parameters=parameters.all(),
        steps=[
            quality,
            features,
            training,
            evaluation,
            accuracy_condition(evaluation, parameters, register),
        ],
        sagemaker_session=session,
    )
