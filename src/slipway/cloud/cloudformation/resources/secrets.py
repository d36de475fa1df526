"""AWS::SecretsManager: secrets, who may read them, and how they rotate."""

import json
import time
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from botocore.exceptions import ClientError

from slipway.cloud.cloudformation import members
from slipway.cloud.cloudformation.declared import Declared
from slipway.cloud.cloudformation.own import Own, by_name
from slipway.cloud.cloudformation.resource import Asked, Failed, Made, Properties
from slipway.cloud.cloudformation.settling import PAUSE, gently

PATIENCE = 60  # seconds until a rotation in progress has failed
GENERATE = "GenerateSecretString"
FORGET = {"ForceDeleteWithoutRecovery": True}  # as CloudFormation does


def filled_in(asked: Asked) -> Properties:
    """Return a secret's properties with the value that is generated for it."""
    given = dict(asked.properties)
    if GENERATE in given and "SecretString" in given:
        raise Failed(f"expected either SecretString or {GENERATE}, found both")
    return given


def generated(asked: Asked, wish: dict[str, Any]) -> str:
    """Return a new random secret, within a template if there is one."""
    rest = dict(wish)
    template, key = rest.pop("SecretStringTemplate", None), rest.pop("GenerateStringKey", None)
    shape = members.operation("secretsmanager", "GetRandomPassword").input_shape
    request = members.value(shape, rest, f"#/{GENERATE}")
    password = asked.client("secretsmanager").get_random_password(**request)["RandomPassword"]
    if (template is None) != (key is None):
        raise Failed("expected both SecretStringTemplate and GenerateStringKey, found one")
    return json.dumps({**json.loads(template), key: password}) if template else str(password)


def generate(asked: Asked, made: Made, before: Properties) -> None:
    """Give a secret a generated value: a new one when the way of generating changes."""
    client, wish = asked.client("secretsmanager"), asked.properties.get(GENERATE)
    if wish is None or wish == before.get(GENERATE):
        return
    if not before and has_value(client, made.physical_id):
        return
    client.put_secret_value(SecretId=made.physical_id, SecretString=generated(asked, wish))


def has_value(client: Any, secret: str) -> bool:
    """Tell whether a secret has a value."""
    return gently(client.get_secret_value, SecretId=secret) is not None


def left(asked: Asked) -> str:
    """Return the ARN of the secret that a killed attempt made."""
    name = asked.properties["Name"]
    found = gently(asked.client("secretsmanager").describe_secret, SecretId=name)
    return str(found["ARN"]) if found else ""


def rotate(asked: Asked) -> Made:
    """Make AWS::SecretsManager::RotationSchedule: a secret rotates by a function, at times."""
    given = dict(asked.properties)
    secret = given["SecretId"]
    shape = members.operation("secretsmanager", "RotateSecret").input_shape
    now = given.pop("RotateImmediatelyOnUpdate", True)
    request = members.value(shape, given, "#")
    request["RotateImmediately"] = members.scalar("boolean", now, "#/RotateImmediatelyOnUpdate")
    # An attempt after a kill begins no second rotation.
    request["ClientRequestToken"] = str(uuid5(NAMESPACE_URL, f"{asked.stack}/{asked.token}"))
    arn = begun(asked.client("secretsmanager"), request)
    return Made(arn, {"Id": arn, "SecretId": secret})


def begun(client: Any, request: dict[str, Any]) -> str:
    """Begin a rotation, once the one before is complete; return the secret's ARN."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return str(client.rotate_secret(**request)["ARN"])
        except client.exceptions.InvalidRequestException as error:
            if "previous rotation" not in str(error) or time.monotonic() > end:
                raise
        time.sleep(PAUSE)


def change_rotation(asked: Asked, made: Made, before: Properties) -> Made:
    """Let a secret rotate otherwise."""
    return rotate(asked) if asked.properties != before else made


def end_rotation(asked: Asked, made: Made) -> None:
    """Let a secret rotate no more."""
    client = asked.client("secretsmanager")
    try:
        found = gently(client.describe_secret, SecretId=made.physical_id)
        if found and found.get("RotationEnabled"):
            client.cancel_rotate_secret(SecretId=made.physical_id)
    except ClientError as error:
        if "marked for deletion" not in str(error):
            raise


ALL = (
    Declared(
        "AWS::SecretsManager::Secret",
        "secretsmanager",
        create="CreateSecret",
        update="UpdateSecret",
        read="DescribeSecret",
        delete="DeleteSecret",
        named="Name",
        longest=64,
        ref="ARN",
        keys={"SecretId": "@"},
        attributes={"Id": "ARN"},
        form=filled_in,
        find=left,
        hooked=frozenset({GENERATE}),
        after=generate,
        on_delete=FORGET,
        tagging=("TagResource", "UntagResource", {"SecretId": "@"}),
        refused={
            "ReplicaRegions": "secrets are in one region",
            "Type": "no partner manages secrets",
        },
        replacing=frozenset({"Name"}),
    ),
    Declared(
        "AWS::SecretsManager::ResourcePolicy",
        "secretsmanager",
        create="PutResourcePolicy",
        update="PutResourcePolicy",
        delete="DeleteResourcePolicy",
        ref="ARN",
        keys={"SecretId": "@"},
        attributes={"Id": "={id}"},
        tags="",
        replacing=frozenset({"SecretId"}),
    ),
    Own(
        "AWS::SecretsManager::RotationSchedule",
        rotate,
        change_rotation,
        end_rotation,
        frozenset({"SecretId", "RotationLambdaARN", "RotationRules", "RotateImmediatelyOnUpdate"}),
        frozenset({"SecretId"}),
        refused={
            "HostedRotationLambda": "functions come from the template, none from AWS; name a RotationLambdaARN",
            "ExternalSecretRotationMetadata": "no partner manages secrets",
            "ExternalSecretRotationRoleArn": "no partner manages secrets",
        },
    ),
)
TYPES = by_name(*ALL)
