"""The pipeline `reviews-batch`: predictions of the latest approved model beside the reviews of a prefix.

FindModel → CreateModel ┐
PrepareBatch ───────────┴ Predict → WritePredictions
"""

from reviews_steps.approved_model import find_step, model_step
from reviews_steps.batch import predict_step, prepare_step, write_step
from reviews_steps.batch_parameters import parameters as make_parameters
from reviews_steps.platform import Platform
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.mlops.workflow.pipeline import Pipeline

PIPELINE = "reviews-batch"


def build(session: PipelineSession, role: str, bucket: str) -> Pipeline:
    """Return the pipeline, after uploading the code that its jobs need.

    Args:
        session: Whose default bucket is `bucket`; where it points is where the pipeline can run.
        role: ARN of the role that the pipeline and its jobs act as.
        bucket: Of the code and of the results; reviews are read from `s3://<bucket>/reviews/tsv/`, and
            predictions go to `s3://<bucket>/reviews/predictions/` unless an execution says otherwise.
    """
    platform = Platform.of(session, role, bucket)
    parameters = make_parameters(bucket)
    find = find_step(platform, parameters, PIPELINE)
    model = model_step(role, find)
    prepare = prepare_step(platform, parameters, PIPELINE)
    predict = predict_step(platform, parameters, prepare, model, PIPELINE)
    write = write_step(platform, parameters, find, predict, PIPELINE)
    return Pipeline(
        name=PIPELINE,
        parameters=parameters.all(),
        steps=[find, model, prepare, predict, write],
        sagemaker_session=session,
    )
