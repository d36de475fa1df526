"""Evaluate: the model's figures on the held-out test split, and the condition on its accuracy."""

from pathlib import Path

from sagemaker.core.workflow.conditions import ConditionGreaterThanOrEqualTo
from sagemaker.core.workflow.functions import JsonGet
from sagemaker.core.workflow.properties import PropertyFile
from sagemaker.mlops.workflow.condition_step import ConditionStep
from sagemaker.mlops.workflow.fail_step import FailStep
from sagemaker.mlops.workflow.steps import ProcessingStep, Step, TrainingStep

from reviews_steps.features import output_uri
from reviews_steps.jobs import (
    CACHE,
    PIPELINE,
    processor,
    result,
    script,
    source,
    tensorflow_image,
    text,
    words,
)
from reviews_steps.parameters import Parameters
from reviews_steps.platform import Platform
from reviews_steps.sources import code, requirements

SCRIPT = "evaluate.py"
RUN = Path(__file__).with_name("run.sh")
REPORT = PropertyFile(name="EvaluationReport", output_name="metrics", path="evaluation.json")


def evaluation_step(
    platform: Platform,
    parameters: Parameters,
    features: ProcessingStep,
    training: TrainingStep,
) -> ProcessingStep:
    """Return the step; its report is the output `metrics`."""
    evaluator = processor(
        platform,
        tensorflow_image(platform.session, "training", "ml.c5.2xlarge"),
        parameters.processing_instance_type,
        1,
        script(SCRIPT),
    )
    bundle = (
        code(SCRIPT) | requirements("requirements-evaluation.txt") | {"run.sh": RUN.read_bytes()}
    )
    arguments = evaluator.run(
        inputs=[
            source("code", platform.upload(PIPELINE, "code", bundle)),
            source("model", training.properties.ModelArtifacts.S3ModelArtifacts),
            source("test", output_uri(features, "bert-test")),
            source("train", output_uri(features, "bert-train")),
        ],
        outputs=[result("metrics", "metrics")],
        arguments=words({"--batch-size": parameters.test_batch_size}),
    )
    return ProcessingStep(
        name="Evaluate", step_args=arguments, property_files=[REPORT], cache_config=CACHE
    )


def accuracy_condition(
    evaluation: ProcessingStep, parameters: Parameters, register: Step
) -> ConditionStep:
    """Return the step that registers a model which is accurate enough, and else fails with the figures."""
    accuracy = JsonGet(
        step_name=evaluation.name, property_file=REPORT, json_path="metrics.accuracy.value"
    )
    too_low = FailStep(
        name="AccuracyTooLow",
        error_message=text(
            "The model's accuracy on the test split is ",
            accuracy,
            ", the threshold (AccuracyThreshold) is ",
            parameters.accuracy_threshold.to_string(),
            ". No model was registered.",
        ),
    )
    return ConditionStep(
        name="AccuracyCondition",
        conditions=[
            ConditionGreaterThanOrEqualTo(left=accuracy, right=parameters.accuracy_threshold)
        ],
        if_steps=[register],
        else_steps=[too_low],
    )
