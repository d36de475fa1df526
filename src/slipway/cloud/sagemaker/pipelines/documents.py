"""What is known of each pipeline, found by name or ARN."""

from typing import Any

from slipway.cloud.service import Call, ServiceError
from slipway.cloud.state import Documents


def documents(call: Call) -> Documents:
    """Return the pipelines of the call's region, by name in lower case."""
    return call.cloud.state.documents(call.region, "Pipeline")


def arn_of(call: Call, name: str) -> str:
    """Return a pipeline's ARN, which keeps the case of the name."""
    return f"arn:aws:sagemaker:{call.region}:{call.cloud.account}:pipeline/{name}"


def found(call: Call, name_or_arn: str) -> dict[str, Any]:
    """Return a pipeline's document, the case of the name set aside; ServiceError if unknown."""
    arn = name_or_arn if name_or_arn.startswith("arn:") else arn_of(call, name_or_arn)
    name = arn.rpartition(":pipeline/")[2]
    pipeline = documents(call).get(name.lower())
    if pipeline is None or arn.lower() != pipeline["PipelineArn"].lower():
        raise ServiceError("ResourceNotFound", f"Pipeline '{arn}' does not exist.")
    return pipeline
