"""CheckQuality: PyDeequ on Spark, before anything is paid for that learns from the data."""

from sagemaker.core.spark.processing import PySparkProcessor
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.mlops.workflow.steps import ProcessingStep

from reviews_steps.jobs import CACHE, ISOLATED, MAX_RUNTIME, PIPELINE, result, source, words
from reviews_steps.parameters import Parameters
from reviews_steps.sources import asset, code, staged, zipped

SCRIPT = "check_quality.py"
SPARK = "3.5"
PACKAGE = "reviews.zip"


def quality_step(session: PipelineSession, role: str, parameters: Parameters) -> ProcessingStep:
    """Return the step; its report is the output `quality`."""
    modules = code(SCRIPT)
    script = {SCRIPT: modules.pop(SCRIPT)}
    wheels, jars = asset("quality-wheels"), asset("jars")
    folder = staged(script | wheels | jars | {PACKAGE: zipped(modules)})
    # The metrics of every run: one new file each, beside those of the runs before.
    history = f"s3://{session.default_bucket()}/{PIPELINE}/quality-metrics"
    session.boto_session.client("s3").put_object(
        Bucket=session.default_bucket(),
        Key=f"{PIPELINE}/quality-metrics/README.txt",
        Body=b"Deequ's metrics, a file for every run of CheckQuality.\n",
    )
    processor = PySparkProcessor(
        framework_version=SPARK,
        py_version="py312",
        container_version="1.0",
        role=role,
        instance_type=parameters.processing_instance_type,
        instance_count=parameters.processing_instance_count,
        max_runtime_in_seconds=MAX_RUNTIME,
        sagemaker_session=session,
        env={"SPARK_VERSION": SPARK},
        network_config=ISOLATED,
    )
    arguments = processor.run(
        submit_app=str(folder / SCRIPT),
        submit_py_files=[str(folder / name) for name in (PACKAGE, *wheels)],
        submit_jars=[str(folder / name) for name in jars],
        inputs=[
            source("data", parameters.input_data),
            source("metrics", history),
        ],
        outputs=[
            result("quality", "quality", evidence=True),
            result("quarantine", "quarantine", evidence=True),
            result("metrics", "metrics", history, evidence=True),
        ],
        arguments=words(
            {
                "--minimum-review-count": parameters.minimum_review_count,
                "--max-reject-share": parameters.maximum_reject_share,
            }
        ),
    )
    return ProcessingStep(name="CheckQuality", step_args=arguments, cache_config=CACHE)
