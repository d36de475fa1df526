"""The credentials with which jobs, functions, executions and deliveries call the cloud as a role."""

import base64
import dataclasses
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slipway.cloud import clock
from slipway.cloud.cloud import Cloud
from slipway.cloud.state import Documents

KIND = "RoleSession"


@dataclass(frozen=True)
class Credentials:
    """Temporary credentials of a role's session."""

    access_key: str
    secret_key: str
    token: str

    def environment(self) -> dict[str, str]:
        """Return them as the variables that AWS's SDKs read."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_SESSION_TOKEN": self.token,
        }


@dataclass(frozen=True)
class Session:
    """One session of a role, or of a service of AWS, as it is kept for good."""

    credentials: Credentials
    role: str  # its ARN; "" for a service of AWS
    name: str
    issued: float  # epoch seconds
    expires: float | None = None  # None: as long as the work for which a service acts as the role
    role_id: str = ""  # "AROA…", where it was known
    subnets: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: tuple[str, ...] = ()  # keys of tags that go on to sessions assumed from this one
    policies: tuple[str, ...] | None = None  # session policies, as JSON
    source_identity: str = ""
    service: str = ""  # "events.amazonaws.com"
    source_arn: str = ""  # the service's resource that makes it act


def for_role(
    cloud: Cloud, region: str, role: str, session: str, *, subnets: tuple[str, ...] = ()
) -> Credentials:
    """Return credentials of a role for a service that acts as it; the service checks the trust.

    They are the same for the same work and do not expire, so they outlive a restart of the cloud.

    Args:
        cloud: Whose role it is.
        region: In which the service works.
        role: The role's ARN.
        session: The session's name: a function's name, "SageMaker", "AmazonSageMaker-Pipelines" ….
        subnets: Of the VPC in which the work is done; calls from there go through its endpoints.
    """
    return lasting(cloud, f"{role} {session} {' '.join(subnets)}", role, session, subnets=subnets)


def for_service(cloud: Cloud, service: str, source_arn: str) -> Credentials:
    """Return credentials with which a service of AWS acts as itself, because of one resource.

    Args:
        cloud: In which it acts.
        service: Its principal: "events.amazonaws.com".
        source_arn: The rule, topic, bucket … that makes it act.
    """
    names = {"service": service, "source_arn": source_arn}
    return lasting(cloud, f"{service} {source_arn}", "", service, **names)


def lasting(cloud: Cloud, what: str, role: str, name: str, **more: Any) -> Credentials:
    """Return the credentials of a session that is found by what it is for, made where it is new."""
    key = access_key(hashlib.sha256(what.encode()).digest())
    found = find(cloud, key)
    if found is None:
        keep(cloud, Session(made(key), role, name, clock.now(), **more))
        found = find(cloud, key)  # another thread's, where that was quicker
        assert found is not None  # noqa: S101 (it was kept)
    return found.credentials


def made(key: str = "") -> Credentials:
    """Return new credentials in AWS's form."""
    key = key or access_key(secrets.token_bytes(16))
    return Credentials(key, secrets.token_urlsafe(30), secrets.token_urlsafe(192))


def access_key(digest: bytes) -> str:
    """Return the id of temporary credentials: as AWS's look, and as the ground knows none."""
    return "ASIA" + base64.b32encode(digest).decode()[:16]


def keep(cloud: Cloud, session: Session) -> None:
    """Write a session down, unless its access key is taken."""
    sessions(cloud).create(session.credentials.access_key, dataclasses.asdict(session))


def find(cloud: Cloud, key: str) -> Session | None:
    """Return the session of an access key."""
    kept = sessions(cloud).get(key)
    if kept is None:
        return None
    lists: dict[str, Any] = {name: tuple(kept[name]) for name in ("subnets", "transitive")}
    lists["policies"] = None if kept["policies"] is None else tuple(kept["policies"])
    return Session(**kept | lists | {"credentials": Credentials(**kept["credentials"])})


def forget_expired(cloud: Cloud, before: float) -> None:
    """Drop the sessions that expired before a time in epoch seconds."""
    for key, kept in sessions(cloud).all():
        if kept["expires"] is not None and kept["expires"] < before:
            sessions(cloud).delete(key)


def sessions(cloud: Cloud) -> Documents:
    """Return the sessions of all roles; roles have no region."""
    return cloud.state.documents("", KIND)
