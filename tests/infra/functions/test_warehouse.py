"""The warehouse's functions: a rotation of four steps that may each come twice, and one daily limit."""

import json
from typing import Any

import pytest

from infra.functions.rotate_password.handler import Rotation
from infra.functions.usage_limit.handler import change


class Missing(Exception):
    pass


class Secrets:
    """Secrets Manager with one secret: versions, stages and what was generated."""

    class exceptions:
        ResourceNotFoundException = Missing

    def __init__(self) -> None:
        self.values = {"v1": {"username": "administrator", "namespace": "dw", "password": "old"}}
        self.stages: dict[str, set[str]] = {"v1": {"AWSCURRENT"}}
        self.generated = 0

    def get_secret_value(self, SecretId: str, VersionStage: str, VersionId: str = "") -> Any:
        for version, stages in self.stages.items():
            if VersionStage in stages and VersionId in ("", version):
                return {"SecretString": json.dumps(self.values[version])}
        raise Missing

    def get_random_password(self, **options: Any) -> Any:
        self.generated += 1
        return {"RandomPassword": f"new{self.generated}"}

    def put_secret_value(
        self, SecretId: str, ClientRequestToken: str, SecretString: str, VersionStages: list[str]
    ) -> None:
        self.values[ClientRequestToken] = json.loads(SecretString)
        self.stages[ClientRequestToken] = set(VersionStages)

    def describe_secret(self, SecretId: str) -> Any:
        return {"VersionIdsToStages": {name: list(each) for name, each in self.stages.items()}}

    def update_secret_version_stage(
        self, SecretId: str, VersionStage: str, MoveToVersionId: str, RemoveFromVersionId: str
    ) -> None:
        self.stages[RemoveFromVersionId].discard(VersionStage)
        self.stages[MoveToVersionId].add(VersionStage)


class Redshift:
    """Redshift Serverless: one namespace that needs a while, and usage limits."""

    def __init__(self, administrator: str = "administrator", busy: int = 2) -> None:
        self.password, self.administrator, self.busy = "old", administrator, busy
        self.limits: dict[str, dict[str, Any]] = {}

    def update_namespace(
        self, namespaceName: str, adminUsername: str, adminUserPassword: str
    ) -> None:
        self.password = adminUserPassword

    def get_namespace(self, namespaceName: str) -> Any:
        self.busy -= 1
        status = "MODIFYING" if self.busy >= 0 else "AVAILABLE"
        return {"namespace": {"status": status, "adminUsername": self.administrator}}

    def get_paginator(self, operation: str) -> Any:
        return self

    def paginate(self, **asked: Any) -> Any:
        return [{"usageLimits": [{"usageLimitId": each} for each in self.limits]}]

    def create_usage_limit(self, **asked: Any) -> Any:
        self.limits["limit-1"] = asked
        return {"usageLimit": {"usageLimitId": "limit-1"}}

    def update_usage_limit(self, usageLimitId: str, **asked: Any) -> None:
        self.limits[usageLimitId] |= asked

    def delete_usage_limit(self, usageLimitId: str) -> None:
        del self.limits[usageLimitId]


def rotation(secrets: Secrets, redshift: Redshift) -> Rotation:
    return Rotation(secrets, redshift, "secret", "v2", lambda seconds: None)


def test_a_rotation_whose_every_step_comes_twice_changes_the_password_once() -> None:
    secrets, redshift = Secrets(), Redshift()
    step = rotation(secrets, redshift)
    for each in (step.create, step.set, step.test, step.finish):
        each()
        each()
    assert secrets.generated == 1
    assert redshift.password == secrets.values["v2"]["password"] == "new1"
    assert "AWSCURRENT" in secrets.stages["v2"]
    assert "AWSCURRENT" not in secrets.stages["v1"]
    assert secrets.values["v2"]["namespace"] == "dw"  # what else the secret says is kept


def test_another_administrator_ends_the_rotation_before_the_secret_is_current() -> None:
    secrets, redshift = Secrets(), Redshift(administrator="somebody")
    step = rotation(secrets, redshift)
    step.create()
    step.set()
    with pytest.raises(RuntimeError, match="expected administrator administrator, found somebody"):
        step.test()
    assert secrets.stages["v1"] == {"AWSCURRENT"}


def test_a_namespace_that_stays_busy_is_said_in_words() -> None:
    step = rotation(Secrets(), Redshift(busy=10**6))
    step.create()
    with pytest.raises(TimeoutError, match="dw: expected AVAILABLE within 240 s, found MODIFYING"):
        step.set()


def test_there_is_one_limit_however_often_it_is_asked_for() -> None:
    redshift = Redshift()
    asked = {
        "ResourceArn": "arn",
        "UsageType": "serverless-compute",
        "Period": "daily",
        "Amount": "16",
        "BreachAction": "deactivate",
    }
    event: dict[str, Any] = {"RequestType": "Create", "ResourceProperties": asked}
    assert change(event, redshift).physical_id == change(event, redshift).physical_id == "limit-1"
    event = {"RequestType": "Update", "ResourceProperties": {**asked, "Amount": "8"}}
    change(event, redshift)
    assert redshift.limits["limit-1"]["amount"] == 8
    event |= {"RequestType": "Delete", "PhysicalResourceId": "limit-1"}
    change(event, redshift)
    change(event, redshift)
    assert redshift.limits == {}
