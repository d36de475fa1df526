"""PrepareBatch, Predict, WritePredictions: from review files to Parquet with a prediction beside each review.

None of them has a cache: the same prefix may hold other files tomorrow.
"""

from typing import Any

from sagemaker.core.processing import Processor
from sagemaker.core.transformer import Transformer
from sagemaker.core.workflow.execution_variables import ExecutionVariables
from sagemaker.core.workflow.parameters import ParameterInteger
from sagemaker.mlops.workflow.steps import ProcessingStep, TransformStep

from reviews.batch.lines import KEPT, TO_MODEL
from reviews_steps.approved_model import ModelOfPackageStep, package_arn
from reviews_steps.batch_parameters import BatchParameters
from reviews_steps.features import output_uri
from reviews_steps.jobs import (
    FOLDER,
    processor,
    result,
    sklearn_image,
    source,
    text,
    words,
)
from reviews_steps.platform import Platform
from reviews_steps.sources import code

LINES = "application/jsonlines"


class ScaledTransformStep(TransformStep):
    """A transform step whose number of instances is a parameter, which Transformer cannot take."""

    def __init__(self, *, instance_count: ParameterInteger, **options: Any) -> None:
        """Take the number of instances, and the arguments of a TransformStep."""
        super().__init__(**options)
        self.instance_count = instance_count

    @property
    def arguments(self) -> dict[str, Any]:
        """The request with the parameter in it."""
        request: dict[str, Any] = super().arguments
        resources = request["TransformResources"] | {"InstanceCount": self.instance_count}
        return request | {"TransformResources": resources}


def scorer(platform: Platform, parameters: BatchParameters, script: str) -> Processor:
    """Return a processor that runs a script of the input `code`, which needs nothing but its image."""
    return processor(
        platform,
        sklearn_image(platform.session),
        parameters.processing_instance_type,
        parameters.processing_instance_count,
        ["python3", f"{FOLDER}/input/code/{script}"],
    )


def prepare_step(platform: Platform, parameters: BatchParameters, pipeline: str) -> ProcessingStep:
    """Return the step; its outputs are `batch`, a report and the quarantine."""
    script = "prepare_batch.py"
    arguments = scorer(platform, parameters, script).run(
        inputs=[
            source("code", platform.upload(pipeline, "code", code(script))),
            source("data", parameters.input_data, sharded=True),
        ],
        outputs=[
            result("batch", "batch"),
            result("report", "report"),
            result("quarantine", "quarantine", evidence=True),
        ],
        arguments=words(
            {
                "--max-reject-share": parameters.maximum_reject_share,
                "--reviews-per-file": parameters.reviews_per_file,
            }
        ),
    )
    return ProcessingStep(name="PrepareBatch", step_args=arguments)


def predict_step(
    platform: Platform,
    parameters: BatchParameters,
    prepare: ProcessingStep,
    model: ModelOfPackageStep,
    pipeline: str,
) -> TransformStep:
    """Return the step; its output holds each review with the model's answer."""
    bucket = platform.bucket
    transformer = Transformer(
        model_name=model.properties.ModelName,
        instance_count=1,
        instance_type=parameters.transform_instance_type,
        # The server runs them together, as the package's environment says. All that a request has room
        # for would be a batch of any length, and of any size in memory.
        strategy="SingleRecord",
        assemble_with="Line",
        accept=LINES,
        max_concurrent_transforms=parameters.max_concurrent_transforms,
        max_payload=1,
        output_path=text(
            f"s3://{bucket}/{pipeline}/", ExecutionVariables.PIPELINE_EXECUTION_ID, "/joined"
        ),
        sagemaker_session=platform.session,
    )
    arguments = transformer.transform(
        data=output_uri(prepare, "batch"),
        content_type=LINES,
        split_type="Line",
        input_filter=TO_MODEL,
        output_filter=KEPT,
        join_source="Input",
    )
    return ScaledTransformStep(
        name="Predict",
        step_args=arguments,
        instance_count=parameters.transform_instance_count,
    )


def write_step(
    platform: Platform,
    parameters: BatchParameters,
    find: ProcessingStep,
    predict: TransformStep,
    pipeline: str,
) -> ProcessingStep:
    """Return the step; an execution's predictions lie in a folder of its own, by product category."""
    script = "write_predictions.py"
    joined = predict.properties.TransformOutput.S3OutputPath
    own = text(parameters.output_data, "/execution=", ExecutionVariables.PIPELINE_EXECUTION_ID)
    arguments = scorer(platform, parameters, script).run(
        inputs=[
            source("code", platform.upload(pipeline, "code", code(script))),
            source("joined", joined, sharded=True),
        ],
        outputs=[result("predictions", "predictions", own), result("report", "report")],
        arguments=words({"--model-package-arn": text(package_arn(find))}),
    )
    return ProcessingStep(name="WritePredictions", step_args=arguments)
