"""moto's log groups: their key can become another one, or none, when they are there already."""

import sys
from typing import Any

GROUP = ":log-group:"


def mend() -> None:
    """Let moto answer AssociateKmsKey and DisassociateKmsKey, once its module is loaded."""
    responses = sys.modules.get("moto.logs.responses")
    if responses is not None:
        responses.LogsResponse.associate_kms_key = associate
        responses.LogsResponse.disassociate_kms_key = disassociate


def associate(response: Any) -> str:
    """Give a log group another key (AssociateKmsKey)."""
    group(response).kms_key_id = response._get_param("kmsKeyId")
    return ""


def disassociate(response: Any) -> str:
    """Take the key away from a log group (DisassociateKmsKey)."""
    group(response).kms_key_id = None
    return ""


def group(response: Any) -> Any:
    """Return the log group that a request names, by its name or its ARN."""
    from moto.logs.exceptions import InvalidParameterException, ResourceNotFoundException

    name, arn = (response._get_param(each) for each in ("logGroupName", "resourceIdentifier"))
    if bool(name) == bool(arn):
        raise InvalidParameterException("Either logGroupName or resourceIdentifier must be given")
    if arn and GROUP not in arn:
        raise InvalidParameterException(
            f"the local cloud gives keys to log groups alone, not to {arn}"
        )
    name = name or arn.partition(GROUP)[2].removesuffix(":*")
    if name not in response.logs_backend.groups:
        raise ResourceNotFoundException()
    return response.logs_backend.groups[name]
