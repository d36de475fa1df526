"""The ARNs of SageMaker's resources."""

from slipway.cloud.service import Call


def arn(call: Call, kind: str, name: str) -> str:
    """Return the ARN of a resource in the call's region; SageMaker writes names in lower case there.

    `kind` as in the ARN: "training-job", "model-package-group", …
    """
    return f"arn:aws:sagemaker:{call.region}:{call.cloud.account}:{kind}/{name.lower()}"
