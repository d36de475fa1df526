"""Change the password of the warehouse's administrator, in the four steps of Secrets Manager.

Each step may come twice: one that finds its work done does nothing.
"""

import json
import logging
import time
from collections.abc import Callable
from typing import Any

import boto3

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)
CURRENT, PENDING = "AWSCURRENT", "AWSPENDING"
# What Redshift refuses in a password, and quotes that people forget to escape.
UNUSABLE = "/@\"'\\ `"
LENGTH = 32
PATIENCE = 240  # seconds until a namespace is to be available again


class Rotation:
    """One rotation of one secret, whose text is JSON: username, password, namespace."""

    def __init__(
        self, secrets: Any, redshift: Any, secret: str, token: str, sleep: Callable[[float], None]
    ) -> None:
        self._secrets, self._redshift = secrets, redshift
        self._secret, self._token, self._sleep = secret, token, sleep

    def create(self) -> None:
        """Keep a new password as the pending version, unless it is kept already."""
        value = self._value(CURRENT)
        try:
            self._value(PENDING, self._token)
        except self._secrets.exceptions.ResourceNotFoundException:
            value["password"] = self._secrets.get_random_password(
                PasswordLength=LENGTH, ExcludeCharacters=UNUSABLE, RequireEachIncludedType=True
            )["RandomPassword"]
            self._secrets.put_secret_value(
                SecretId=self._secret,
                ClientRequestToken=self._token,
                SecretString=json.dumps(value),
                VersionStages=[PENDING],
            )

    def set(self) -> None:
        """Give the pending password to the namespace, and wait until it has taken it."""
        value = self._value(PENDING, self._token)
        self._redshift.update_namespace(
            namespaceName=value["namespace"],
            adminUsername=value["username"],
            adminUserPassword=value["password"],
        )
        self._available(value["namespace"])

    def test(self) -> None:
        """Check that the namespace is up and its administrator is the secret's."""
        value = self._value(PENDING, self._token)
        found = self._available(value["namespace"])
        if found["adminUsername"] != value["username"]:
            raise RuntimeError(
                f"{value['namespace']}: expected administrator {value['username']}, found "
                f"{found['adminUsername']}; the old password is still current"
            )

    def finish(self) -> None:
        """Make the pending version the current one."""
        stages = self._secrets.describe_secret(SecretId=self._secret)["VersionIdsToStages"]
        (current,) = [version for version, names in stages.items() if CURRENT in names]
        if current != self._token:
            self._secrets.update_secret_version_stage(
                SecretId=self._secret,
                VersionStage=CURRENT,
                MoveToVersionId=self._token,
                RemoveFromVersionId=current,
            )

    def _value(self, stage: str, version: str | None = None) -> dict[str, str]:
        which = {"VersionId": version} if version else {}
        found = self._secrets.get_secret_value(SecretId=self._secret, VersionStage=stage, **which)
        value: dict[str, str] = json.loads(found["SecretString"])
        return value

    def _available(self, namespace: str) -> dict[str, Any]:
        waited = 0
        while True:
            found: dict[str, Any] = self._redshift.get_namespace(namespaceName=namespace)[
                "namespace"
            ]
            if found["status"] == "AVAILABLE":
                return found
            if waited >= PATIENCE:
                raise TimeoutError(
                    f"{namespace}: expected AVAILABLE within {PATIENCE} s, found {found['status']}"
                )
            self._sleep(5)
            waited += 5


def handle(event: dict[str, str], context: Any) -> None:
    """Do the step that Secrets Manager asks for."""
    rotation = Rotation(
        boto3.client("secretsmanager"),
        boto3.client("redshift-serverless"),
        event["SecretId"],
        event["ClientRequestToken"],
        time.sleep,
    )
    steps = {
        "createSecret": rotation.create,
        "setSecret": rotation.set,
        "testSecret": rotation.test,
        "finishSecret": rotation.finish,
    }
    steps[event["Step"]]()
    log.info("%s done", event["Step"])
