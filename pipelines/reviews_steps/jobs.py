"""What the processing steps have in common: images, inputs and outputs, a script with its wheels."""

from collections.abc import Mapping

from sagemaker.core import image_uris
from sagemaker.core.processing import Processor
from sagemaker.core.shapes import (
    ProcessingInput,
    ProcessingOutput,
    ProcessingS3Input,
    ProcessingS3Output,
)
from sagemaker.core.workflow.functions import Join
from sagemaker.core.workflow.parameters import Parameter
from sagemaker.core.workflow.pipeline_context import PipelineSession
from sagemaker.mlops.workflow.steps import CacheConfig

from reviews_steps.platform import Platform

PIPELINE = "reviews-training"
CACHE = CacheConfig(enable_caching=True, expire_after="P30D")
FOLDER = "/opt/ml/processing"
MAX_RUNTIME = 24 * 3600  # seconds
TENSORFLOW = "2.19.0"  # the newest minor version that both training and inference have


def tensorflow_image(session: PipelineSession, scope: str, instance_type: str) -> str:
    """Return the URI of AWS's TensorFlow image for "training" or "inference"."""
    return str(
        image_uris.retrieve(
            "tensorflow",
            session.boto_region_name,
            version=TENSORFLOW,
            py_version="py312" if scope == "training" else None,
            instance_type=instance_type,
            image_scope=scope,
        )
    )


def sklearn_image(session: PipelineSession) -> str:
    """Return the URI of AWS's scikit-learn image."""
    return str(image_uris.retrieve("sklearn", session.boto_region_name, version="1.9-0"))


def source(name: str, uri: object, *, sharded: bool = False) -> ProcessingInput:
    """Return an input that lies at /opt/ml/processing/input/NAME."""
    return ProcessingInput(
        input_name=name,
        s3_input=ProcessingS3Input(
            s3_uri=uri,
            local_path=f"{FOLDER}/input/{name}",
            s3_data_type="S3Prefix",
            s3_input_mode="File",
            s3_data_distribution_type="ShardedByS3Key" if sharded else "FullyReplicated",
        ),
    )


def result(name: str, folder: str, uri: object = "", *, evidence: bool = False) -> ProcessingOutput:
    """Return an output of /opt/ml/processing/output/FOLDER; without a URI it has the execution's own.

    What is `evidence` is uploaded while the job runs: of a job that fails nothing else remains.
    """
    return ProcessingOutput(
        output_name=name,
        s3_output=ProcessingS3Output(
            s3_uri=uri,
            local_path=f"{FOLDER}/output/{folder}",
            s3_upload_mode="Continuous" if evidence else "EndOfJob",
        ),
    )


def words(arguments: Mapping[str, object]) -> list[object]:
    """Return command-line words of flags and values; a parameter's value is filled in by the service."""
    found: list[object] = []
    for flag, value in arguments.items():
        text = value.to_string() if isinstance(value, Parameter) else value
        found += [flag, text]
    return found


def text(*parts: object) -> Join:
    """Return the parts, joined by the service into one text."""
    return Join(on="", values=list(parts))


def processor(
    platform: Platform,
    image: str,
    instance_type: object,
    instance_count: object,
    entrypoint: list[str],
    environment: Mapping[str, object] | None = None,
    *,
    isolated: bool = True,  # no job of ours needs a network: code, wheels and weights are inputs
    max_runtime: int = MAX_RUNTIME,
) -> Processor:
    """Return a processor whose jobs keep to the platform's rules."""
    security = platform.security
    return Processor(
        role=platform.roles.processing,
        image_uri=image,
        instance_count=instance_count,
        instance_type=instance_type,
        entrypoint=entrypoint,
        env=dict(environment) if environment else None,
        volume_kms_key=security.key,
        output_kms_key=security.key,
        max_runtime_in_seconds=max_runtime,
        sagemaker_session=platform.session,
        tags=security.tag_list(),
        network_config=platform.network(isolated=isolated),
    )


def script(*words: str) -> list[str]:
    """Return the entry point that runs a script of the input `code` with the wheels beside it."""
    return ["/bin/bash", f"{FOLDER}/input/code/run.sh", *words]
