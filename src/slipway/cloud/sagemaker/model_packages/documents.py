"""Model packages as they are kept."""

from typing import Any

from slipway.cloud.sagemaker.arns import arn
from slipway.cloud.service import Call, ServiceError
from slipway.cloud.state import Documents

Package = dict[str, Any]  # what DescribeModelPackage answers, with times as ISO strings


def found(call: Call, name_or_arn: str) -> Package:
    """Return the package of a name, `group/version` or ARN; ServiceError when there is none."""
    package = packages(call).get(key_of(name_or_arn))
    if package is None or (name_or_arn.startswith("arn:") and not same(call, name_or_arn)):
        of = arn(call, "model-package", key_of(name_or_arn))
        shown = name_or_arn if name_or_arn.startswith("arn:") else of
        raise ServiceError("ValidationException", f"ModelPackage {shown} does not exist.")
    return package


def same(call: Call, of: str) -> bool:
    """Tell whether an ARN is of a package in the call's account and region."""
    return of.lower().startswith(arn(call, "model-package", ""))


def key_of(name_or_arn: str) -> str:
    """Return the name under which a package is stored: as its ARN ends."""
    return name_or_arn.rpartition(":model-package/")[2].lower()


def packages(call: Call) -> Documents:
    """Return the documents of packages."""
    return call.cloud.state.documents(call.region, "ModelPackage")
