"""AWS::KMS: keys and their aliases."""

from typing import Any

from slipway.cloud.cloudformation import attempts
from slipway.cloud.cloudformation.declared import Declared, Part, origin
from slipway.cloud.cloudformation.own import by_name
from slipway.cloud.cloudformation.resource import Asked, Made, Properties


def rotate(asked: Asked, made: Made, before: Properties) -> None:
    """Turn a key's rotation and the key itself on or off as the template says."""
    kms, new, which = asked.client("kms"), asked.properties, {"KeyId": made.physical_id}
    turning = str(new.get("EnableKeyRotation", False)).lower() == "true"
    was = str(before.get("EnableKeyRotation", False)).lower() == "true"
    days = new.get("RotationPeriodInDays")
    if turning:
        kms.enable_key_rotation(**which, **({"RotationPeriodInDays": int(days)} if days else {}))
    elif was:
        kms.disable_key_rotation(**which)
    enabled = str(new.get("Enabled", True)).lower() == "true"
    if enabled != (str(before.get("Enabled", True)).lower() == "true"):
        (kms.enable_key if enabled else kms.disable_key)(**which)


def delete_key(asked: Asked, made: Made) -> None:
    """Schedule a key's deletion, once."""
    kms = asked.client("kms")
    state = kms.describe_key(KeyId=made.physical_id)["KeyMetadata"]["KeyState"]
    if state != "PendingDeletion":
        days = int(asked.properties.get("PendingWindowInDays", 30))
        kms.schedule_key_deletion(KeyId=made.physical_id, PendingWindowInDays=days)


def alive(kms: Any, key: dict[str, str]) -> bool:
    """Tell whether a key is not about to be deleted."""
    about = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    return bool(about["KeyState"] != "PendingDeletion")


def left(asked: Asked) -> str:
    """Return the key that a killed attempt made: it has the tags, and no other attempt's id."""
    kms, wanted = asked.client("kms"), set(origin(asked).items())
    for page in kms.get_paginator("list_keys").paginate():
        for key in page["Keys"]:
            tags = kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]
            has = {(tag["TagKey"], tag["TagValue"]) for tag in tags}
            if wanted <= has and key["KeyId"] not in attempts.earlier(asked) and alive(kms, key):
                return str(key["KeyId"])
    return ""


ALL = (
    Declared(
        "AWS::KMS::Key",
        "kms",
        create="CreateKey",
        read="DescribeKey",
        resource="KeyMetadata",
        ref="KeyMetadata.KeyId",
        keys={"KeyId": "@"},
        renamed={"KeyPolicy": "Policy"},
        attributes={"Arn": "Arn", "KeyId": "KeyId"},
        parts=(
            Part("KeyPolicy", "PutKeyPolicy", member="Policy", more={"PolicyName": "default"}),
            Part("Description", "UpdateKeyDescription"),
        ),
        tagging=("TagResource", "UntagResource", {"KeyId": "@"}),
        hooked=frozenset(
            {"EnableKeyRotation", "RotationPeriodInDays", "Enabled", "PendingWindowInDays"}
        ),
        after=rotate,
        before_delete=delete_key,
        marked=True,
        find=left,
        refused={"Origin": "keys whose material comes from elsewhere"},
        replacing=frozenset({"KeySpec", "KeyUsage", "MultiRegion"}),
    ),
    Declared(
        "AWS::KMS::Alias",
        "kms",
        create="CreateAlias",
        update="UpdateAlias",
        delete="DeleteAlias",
        named="AliasName",
        keys={"AliasName": "@"},
        tags="",
        replacing=frozenset({"AliasName"}),
    ),
)
TYPES = by_name(*ALL)
