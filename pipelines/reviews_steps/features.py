"""PrepareFeatures: reviews become tokens, split for training, validation and test."""

from pathlib import Path

from sagemaker.mlops.workflow.steps import ProcessingStep

from reviews_steps.jobs import (
    CACHE,
    PIPELINE,
    processor,
    result,
    script,
    sklearn_image,
    source,
    words,
)
from reviews_steps.parameters import Parameters
from reviews_steps.platform import Platform
from reviews_steps.sources import code, requirements

SCRIPT = "prepare_features.py"
RUN = Path(__file__).with_name("run.sh")


def features_step(
    platform: Platform, parameters: Parameters, after: ProcessingStep
) -> ProcessingStep:
    """Return the step; its outputs are `bert-train`, `bert-validation`, `bert-test` and reports."""
    bundle = code(SCRIPT) | requirements("requirements-features.txt") | {"run.sh": RUN.read_bytes()}
    preparer = processor(
        platform,
        sklearn_image(platform.session),
        parameters.processing_instance_type,
        parameters.processing_instance_count,
        script(SCRIPT),
        parameters.environment(),
    )
    arguments = preparer.run(
        inputs=[
            source("code", platform.upload(PIPELINE, "code", bundle)),
            source("data", parameters.raw(), sharded=True),
            source("weights", parameters.weights),
        ],
        outputs=[
            *(
                result(f"bert-{split}", f"bert/{split}", platform.features_uri(PIPELINE, split))
                for split in ("train", "validation", "test")
            ),
            result("report", "report"),
            result("quarantine", "quarantine", evidence=True),
        ],
        arguments=words(
            {
                "--train-split-percentage": parameters.train_split_percentage,
                "--validation-split-percentage": parameters.validation_split_percentage,
                "--test-split-percentage": parameters.test_split_percentage,
                "--max-seq-length": parameters.max_seq_length,
                "--balance-dataset": parameters.balance_dataset,
                "--feature-store-offline-prefix": parameters.feature_store_offline_prefix,
                "--feature-group-name": parameters.feature_group_name,
                "--max-reject-share": parameters.maximum_reject_share,
            }
        ),
    )
    return ProcessingStep(
        name="PrepareFeatures", step_args=arguments, depends_on=[after], cache_config=CACHE
    )


def output_uri(step: ProcessingStep, name: str) -> object:
    """Return the S3 URI of an output, as the service will fill it in."""
    return step.properties.ProcessingOutputConfig.Outputs[name].S3Output.S3Uri
