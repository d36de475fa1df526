"""The services' own condition keys, but for S3's. Pure."""

from collections.abc import Mapping
from typing import Any

from slipway.cloud.authorization import sagemaker_keys
from slipway.cloud.authorization.asked import Asked
from slipway.cloud.authorization.resources import SAGEMAKER

Values = tuple[str, ...]
# Service → key → the member whose value it has
MEMBERS: Mapping[str, Mapping[str, str]] = {
    "cloudwatch": {"cloudwatch:namespace": "Namespace"},
    "secretsmanager": {
        "secretsmanager:SecretId": "SecretId",
        "secretsmanager:VersionStage": "VersionStage",
        "secretsmanager:Name": "Name",
    },
    "lambda": {
        "lambda:FunctionArn": "FunctionName",
        "lambda:Principal": "Principal",
        "lambda:FunctionUrlAuthType": "FunctionUrlAuthType",
    },
    "sns": {"sns:Protocol": "Protocol", "sns:Endpoint": "Endpoint"},
    "iam": {
        "iam:PolicyARN": "PolicyArn",
        "iam:PermissionsBoundary": "PermissionsBoundary",
        "iam:AWSServiceName": "AWSServiceName",
    },
    "sts": {
        "sts:RoleSessionName": "RoleSessionName",
        "sts:ExternalId": "ExternalId",
        "sts:SourceIdentity": "SourceIdentity",
    },
    "ssm": {"ssm:Overwrite": "Overwrite"},
}


def of(asked: Asked) -> dict[str, Values]:
    """Return a service's own condition keys of a request, in lower case."""
    found: dict[str, Values] = {
        key.lower(): (str(asked.members[member]),)
        for key, member in MEMBERS.get(asked.service, {}).items()
        if isinstance(asked.members.get(member), str | int)
    }
    if asked.service in ("sagemaker", "sagemaker-runtime"):
        model = SAGEMAKER.format(region=asked.region, account=asked.account) + "model/"
        found |= sagemaker_keys.keys(asked.operation, asked.members, model)
    elif asked.service == "kms":
        found |= of_keys(asked)
    elif asked.service == "events" and asked.operation == "PutEvents":
        found |= of_events(asked.members.get("Entries"))
    return found


def of_keys(asked: Asked) -> dict[str, Values]:
    """Return KMS's condition keys."""
    found: dict[str, Values] = {"kms:calleraccount": (asked.account,)}
    encryption = asked.members.get("EncryptionContext")
    if isinstance(encryption, Mapping) and encryption:
        found["kms:encryptioncontextkeys"] = tuple(encryption)
        found |= {f"kms:encryptioncontext:{k.lower()}": (str(v),) for k, v in encryption.items()}
    if (name := asked.text("KeyId")).startswith("alias/"):
        found["kms:requestalias"] = (name,)
    return found


def of_events(entries: Any) -> dict[str, Values]:
    """Return EventBridge's condition keys of the events that are put."""
    listed = [each for each in entries or () if isinstance(each, Mapping)]
    found = {
        "events:source": tuple(str(e["Source"]) for e in listed if "Source" in e),
        "events:detail-type": tuple(str(e["DetailType"]) for e in listed if "DetailType" in e),
    }
    return {key: values for key, values in found.items() if values}
