"""Dynamic references, `{{resolve:…}}`: values that are read when a resource is made, and kept nowhere."""

import json
import re
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError

from slipway.cloud.cloudformation.text import TemplateError

REFERENCE = re.compile(r"\{\{resolve:([a-z-]+):([^}]*)\}\}")


def expanded(value: Any, client: Callable[[str], Any]) -> Any:
    """Return a value in which every dynamic reference is what it refers to.

    Raises:
        TemplateError: A reference to what is not there, or of a form that is not known.
    """
    if isinstance(value, str):
        return REFERENCE.sub(lambda found: read(found[0], found[1], found[2], client), value)
    if isinstance(value, list):
        return [expanded(item, client) for item in value]
    if isinstance(value, dict):
        return {key: expanded(item, client) for key, item in value.items()}
    return value


def read(reference: str, service: str, key: str, client: Callable[[str], Any]) -> str:
    """Return what one reference refers to."""
    try:
        if service in ("ssm", "ssm-secure"):
            ssm = client("ssm")
            found = ssm.get_parameter(Name=key, WithDecryption=service == "ssm-secure")
            return str(found["Parameter"]["Value"])
        if service == "secretsmanager":
            return secret(key, client)
    except ClientError as error:
        said = error.response["Error"]
        raise TemplateError(
            f"Could not resolve {reference}: {said['Code']}: {said.get('Message', '')}"
        ) from error
    raise TemplateError(f"The local cloud does not know the dynamic reference {reference}")


def secret(key: str, client: Callable[[str], Any]) -> str:
    """Return (a part of) a secret: `SECRET:SecretString:JSON-KEY:STAGE:VERSION`, the end left out."""
    name, _, rest = key.partition(":SecretString")
    _, member, stage, version = (*rest.split(":"), "", "", "", "")[:4]
    wanted = {"VersionStage": stage, "VersionId": version}
    asked = {name: value for name, value in wanted.items() if value}
    text = client("secretsmanager").get_secret_value(SecretId=name, **asked)["SecretString"]
    if not member:
        return str(text)
    try:
        return str(json.loads(text)[member])
    except (ValueError, KeyError, TypeError):
        raise TemplateError(
            f"Could not find a value associated with JSONKey in SecretString: {member} of {name}"
        ) from None
