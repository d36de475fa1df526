"""moto's secrets: their current version is the one that has the label, however it got it."""

import sys
from typing import Any


def mend() -> None:
    """Let a secret's default version follow AWSCURRENT, once moto's module is loaded.

    moto keeps the default version apart, and does not move it when UpdateSecretVersionStage moves the
    label; GetSecretValue went on answering the old value.
    """
    models = sys.modules.get("moto.secretsmanager.models")
    if models is not None and not isinstance(
        models.FakeSecret.__dict__.get("default_version_id"), property
    ):
        models.FakeSecret.default_version_id = property(current, remember)


def current(secret: Any) -> str | None:
    """Return the version that has AWSCURRENT; else the one that was remembered."""
    for version, about in vars(secret).get("versions", {}).items():
        if "AWSCURRENT" in about["version_stages"]:
            return str(version)
    remembered: str | None = vars(secret).get("_default_version_id")
    return remembered


def remember(secret: Any, version: str | None) -> None:
    """Remember the version that moto takes as the default one."""
    vars(secret)["_default_version_id"] = version
