"""RotateSecret, CancelRotateSecret, and what DescribeSecret shows of rotation."""

import re
import uuid
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from slipway.cloud import clock, inside
from slipway.cloud.cloud import Cloud
from slipway.cloud.secretsmanager import rotating
from slipway.cloud.secretsmanager.rules import checked, next_time
from slipway.cloud.service import Call, Operation, ServiceError
from slipway.cloud.state import Documents
from slipway.cloud.targets.permits import permit
from slipway.cloud.targets.refusals import Undelivered

Rotation = rotating.Rotation
FUNCTION = re.compile(r"arn:aws:lambda:[a-z0-9-]+:\d{12}:function:[\w$-]+(:[\w$-]+)?")


def rotate(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Begin a rotation, or only say how and when the secret rotates (RotateSecret)."""
    secret = on_the_ground(call, request)
    if secret.get("DeletedDate"):
        text = "You can't perform this operation on the secret because it was marked for deletion."
        raise ServiceError("InvalidRequestException", text)
    before: Rotation = rotations(call).get(secret["ARN"]) or {}
    function = request.get("RotationLambdaARN") or before.get("Lambda")
    if not function:
        text = "No Lambda rotation function ARN is associated with this secret."
        raise ServiceError("InvalidRequestException", text)
    invocable(call.cloud, function, secret["ARN"])
    token = request.get("ClientRequestToken") or str(uuid.uuid4())
    stages = secret.get("VersionIdsToStages", {})
    if "AWSCURRENT" not in stages.get(token, []):
        begin(call, secret["ARN"], token, function, request)
        rotating.wake(call.cloud)
    return {"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token}


def begin(call: Call, arn: str, token: str, function: str, request: dict[str, Any]) -> None:
    """Keep that a secret is to rotate now, and how from now on, unless the same is kept already.

    Raises:
        ServiceError: The rules cannot be followed; another rotation is pending, which is now retried.
    """
    now = clock.now()
    again = {"Due": now, "Failures": 0}
    with call.cloud.state.transaction():
        before: Rotation = rotations(call).get(arn) or {"Last": None, "Rules": {}, "Pending": ""}
        rules = checked(request["RotationRules"] if "RotationRules" in request else before["Rules"])
        rotation = {
            "Lambda": function,
            "Rules": rules,
            "Enabled": True,
            "Last": before["Last"],
            "Next": next_time(rules, now),
            "Pending": token,
            "Steps": rotating.STEPS if request.get("RotateImmediately", True) else rotating.TEST,
        }
        if not before["Pending"]:
            put(call, arn, rotation | again)
        elif before["Pending"] != token:
            put(call, arn, before | again)
    if before["Pending"] not in ("", token):
        rotating.wake(call.cloud)
        text = "A previous rotation isn't complete. That rotation will be reattempted."
        raise ServiceError("InvalidRequestException", text)


def invocable(cloud: Cloud, function: str, secret: str) -> None:
    """Refuse a function that Secrets Manager may not invoke, or that is not there."""
    if not FUNCTION.fullmatch(function):
        text = f"RotationLambdaARN: expected the ARN of a Lambda function, found {function}."
        raise ServiceError("InvalidParameterException", text)
    try:
        permit(cloud, function, "lambda:InvokeFunction", rotating.PRINCIPAL, secret)
    except Undelivered as error:
        text = (
            "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function "
            f"policy grants access to the principal {rotating.PRINCIPAL}. ({error})"
        )
        raise ServiceError("AccessDeniedException", text) from error
    except ClientError as error:
        text = f"Resource not found for ARN '{function}'."
        raise ServiceError("ResourceNotFoundException", text) from error


def cancel(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Let a secret rotate no more; what is pending stays so (CancelRotateSecret)."""
    secret = on_the_ground(call, request)
    with call.cloud.state.transaction():
        before = rotations(call).get(secret["ARN"])
        if not before or not before["Enabled"]:
            text = "You can't cancel rotation of a secret for which it isn't enabled."
            raise ServiceError("InvalidRequestException", text)
        put(
            call,
            secret["ARN"],
            before | {"Enabled": False, "Pending": "", "Due": None, "Next": None},
        )
    return {"ARN": secret["ARN"], "Name": secret["Name"]}


def describe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a secret, its rotation and the version that is being made (DescribeSecret)."""
    secret = on_the_ground(call, request)
    rotation = rotations(call).get(secret["ARN"])
    if not rotation:
        return secret
    stages = secret.get("VersionIdsToStages", {})
    if rotation["Pending"] and rotation["Pending"] not in stages:
        stages = stages | {rotation["Pending"]: ["AWSPENDING"]}  # it has no value yet
    return secret | shown(rotation) | {"VersionIdsToStages": stages}


def listed(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of secrets, each with its rotation (ListSecrets)."""
    if not request.get("NextToken", "0").isdecimal():  # the ground's are numbers
        raise ServiceError("InvalidNextTokenException", "Invalid NextToken.")
    answer = inside.pass_on(call, request)
    kept = dict(rotations(call).all())
    secrets = [
        without_nothing(each) | (shown(kept[each["ARN"]]) if each["ARN"] in kept else {})
        for each in answer["SecretList"]
    ]
    return answer | {"SecretList": secrets}


def shown(rotation: Rotation) -> dict[str, Any]:
    """Return what is shown of a rotation."""
    return {
        "RotationEnabled": rotation["Enabled"],
        "RotationLambdaARN": rotation["Lambda"],
        "RotationRules": rotation["Rules"],
        "LastRotatedDate": moment(rotation["Last"]),
        "NextRotationDate": moment(rotation["Next"]),
    }


def without_nothing(secret: dict[str, Any]) -> dict[str, Any]:
    """Return a secret without the members that the ground shows empty."""
    return {name: value for name, value in secret.items() if value is not None}


def on_the_ground(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a secret as the ground describes it; ServiceError when there is none."""
    found = inside.client(call.cloud.ground, "secretsmanager", call.region)
    try:
        secret: dict[str, Any] = found.describe_secret(SecretId=request["SecretId"])
    except found.exceptions.ResourceNotFoundException as error:
        text = "Secrets Manager can't find the specified secret."
        raise ServiceError("ResourceNotFoundException", text) from error
    del secret["ResponseMetadata"]
    return without_nothing(secret)


def moment(at: float | None) -> datetime | None:
    """Return epoch seconds as a datetime."""
    return None if at is None else datetime.fromtimestamp(at, UTC)


def put(call: Call, arn: str, rotation: Rotation) -> None:
    """Keep a secret's rotation."""
    if not rotations(call).create(arn, rotation):
        rotations(call).replace(arn, rotation)


def rotations(call: Call) -> Documents:
    """Return the rotations of secrets, by ARN."""
    return call.cloud.state.documents(call.region, rotating.KIND)


OPERATIONS: dict[str, Operation] = {
    "RotateSecret": rotate,
    "CancelRotateSecret": cancel,
    "DescribeSecret": describe,
    "ListSecrets": listed,
}
