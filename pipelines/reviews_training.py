"""The pipeline `reviews-training`: from review files to a registered model.

CheckQuality → PrepareFeatures → Train → Evaluate → AccuracyCondition → RegisterModel | AccuracyTooLow
"""

from reviews_steps.evaluate import accuracy_condition, evaluation_step
from reviews_steps.features import features_step
from reviews_steps.jobs import PIPELINE
from reviews_steps.parameters import parameters as make_parameters
from reviews_steps.quality import quality_step
from reviews_steps.register import register_step
from reviews_steps.sources import asset, upload
from reviews_steps.train import training_step
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.mlops.workflow.pipeline import Pipeline


def build(
    session: PipelineSession, role: str, bucket: str, *, managed_debugger: bool = False
) -> Pipeline:
    """Return the pipeline, after uploading the code, wheels and weights that its jobs need.

    Args:
        session: Whose default bucket is `bucket`; where it points is where the pipeline can run.
        role: ARN of the role that the pipeline and its jobs act as.
        bucket: Of the code and of the results; input is read from `s3://<bucket>/reviews/tsv/`
            unless an execution's InputData says otherwise.
        managed_debugger: Ask for SageMaker Debugger, which only accounts that had it can use.
    """
    # The SDK would tell its makers of each call; a build talks to its endpoint and to nobody else.
    session.sagemaker_config = {
        **(session.sagemaker_config or {}),
        "SchemaVersion": "1.0",
        "SageMaker": {"PythonSDK": {"Modules": {"TelemetryOptOut": True}}},
    }
    weights = upload(session, PIPELINE, "weights", asset("weights"))
    parameters = make_parameters(f"s3://{bucket}/reviews/tsv/", weights)
    quality = quality_step(session, role, parameters)
    features = features_step(session, role, parameters, after=quality)
    training = training_step(session, role, parameters, features, managed_debugger=managed_debugger)
    evaluation = evaluation_step(session, role, parameters, features, training)
    register = register_step(session, role, parameters, quality, training, evaluation)
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
