"""How CloudFormation's SageMaker types name and tag their resources."""

from collections.abc import Callable, Mapping

from botocore import xform_name
from botocore.exceptions import ClientError

from slipway.cloud.cloudformation.resource import Asked
from slipway.cloud.cloudformation.settling import gone

Tagging = tuple[str, str, Mapping[str, str]]

TAGGING: Tagging = ("AddTags", "DeleteTags", {"ResourceArn": "@"})  # where Ref is the ARN


def tagging(form: str) -> Tagging:
    """Return how resources are tagged whose ARN ends so: SageMaker writes names in lower case there."""
    arn = f"~arn:aws:sagemaker:{{region}}:{{account}}:{form}"
    return ("AddTags", "DeleteTags", {"ResourceArn": arn})


def arn_of(operation: str, name: str, arn: str) -> Callable[[Asked], str]:
    """Return what looks for the resource that a killed attempt has made, by its name."""

    def find(asked: Asked) -> str:
        describe = getattr(asked.client("sagemaker"), xform_name(operation))
        try:
            return str(describe(**{name: asked.properties[name]})[arn])
        except ClientError as error:
            if gone(error):
                return ""
            raise

    return find
