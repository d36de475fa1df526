"""CheckQuality: PyDeequ on Spark, before anything is paid for that learns from the data."""

from sagemaker.core import image_uris
from sagemaker.mlops.workflow.steps import ProcessingStep

from reviews_steps.jobs import CACHE, FOLDER, PIPELINE, processor, result, source, words
from reviews_steps.parameters import Parameters
from reviews_steps.platform import Platform
from reviews_steps.sources import asset, code, zipped

SCRIPT = "check_quality.py"
SPARK = "3.5"
PACKAGE = "reviews.zip"
HISTORY = f"{PIPELINE}/quality-metrics/"
HERE = f"{FOLDER}/input/code"


def quality_step(platform: Platform, parameters: Parameters) -> ProcessingStep:
    """Return the step; its report is the output `quality`."""
    modules = code(SCRIPT)
    wheels, jars = asset("quality-wheels"), asset("jars")
    bundle = {SCRIPT: modules.pop(SCRIPT), PACKAGE: zipped(modules)} | wheels | jars
    # The metrics of every run: one new file each, beside those of the runs before.
    readme = b"Deequ's metrics, a file for every run of CheckQuality.\n"
    platform.store.put(HISTORY, {"README.txt": readme})
    history = f"s3://{platform.bucket}/{HISTORY}".rstrip("/")
    # As PySparkProcessor would submit it, which uploads on its own and takes local files only.
    submit = [
        *("smspark-submit", "--py-files", listed([PACKAGE, *wheels]), "--jars", listed(jars)),
        f"{HERE}/{SCRIPT}",
    ]
    checker = processor(
        platform,
        spark_image(platform),
        parameters.processing_instance_type,
        parameters.processing_instance_count,
        submit,
        {"SPARK_VERSION": SPARK} | parameters.environment(),
    )
    arguments = checker.run(
        inputs=[
            source("code", platform.upload(PIPELINE, "code", bundle)),
            source("data", parameters.raw()),
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


def spark_image(platform: Platform) -> str:
    """Return the URI of AWS's Spark image."""
    return str(
        image_uris.retrieve(
            "spark",
            platform.session.boto_region_name,
            version=SPARK,
            instance_type="ml.c5.2xlarge",
            py_version="py312",
            container_version="v1.0",
        )
    )


def listed(names: object) -> str:
    """Return files of the input `code` as smspark-submit takes them."""
    return ",".join(f"{HERE}/{name}" for name in names)  # type: ignore[attr-defined]
