"""Who calls: the account's administrator, a user, the session of a role, or a service of AWS."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from slipway.cloud import clock, credentials, inside
from slipway.cloud.cloud import Cloud
from slipway.cloud.credentials import Session
from slipway.cloud.service import Call

GIVEN = ("AKIA", "ASIA")  # how access keys begin that AWS, or the ground, gives
ADMINISTRATOR = "slipway"  # how the access keys of the account's administrator begin


@dataclass(frozen=True)
class Identity:
    """A principal as AWS names it."""

    arn: str  # of the account's root, a user, or a role's session; "" for a service of AWS
    account: str
    id: str = ""  # "AIDA…"; of sessions see `principal_id`
    policies_of: str = ""  # ARN of the user or role whose policies count; "" for the administrator
    session: Session | None = None
    tags: Mapping[str, str] = field(default_factory=dict)  # of the session

    @property
    def administrator(self) -> bool:
        """Tell whether it is the account itself, which may do everything."""
        return self.arn.endswith(":root")

    @property
    def service(self) -> str:
        """The principal of a service of AWS: "events.amazonaws.com"; "" for others."""
        return self.session.service if self.session else ""

    @property
    def expired(self) -> bool:
        """Tell whether its credentials are past their time."""
        expires = self.session.expires if self.session else None
        return expires is not None and clock.now() >= expires


def caller(call: Call) -> Identity:
    """Return who calls; a key that nobody has is the administrator's where IAM is not enforced."""
    return identify(call.cloud, call.access_key) or administrator(call.cloud)


def identify(cloud: Cloud, access_key: str) -> Identity | None:
    """Return whose access key it is, or None."""
    return known(cloud).of(access_key)


def administrator(cloud: Cloud) -> Identity:
    """Return the account's administrator: its root."""
    return Identity(f"arn:aws:iam::{cloud.account}:root", cloud.account, cloud.account)


def principal_id(cloud: Cloud, identity: Identity) -> str:
    """Return the unique id: the account's number, "AIDA…", or "AROA…:session"."""
    session = identity.session
    if session is None or session.service:
        return identity.id or identity.service
    return f"{session.role_id or role_id(cloud, session.role)}:{session.name}"


def user_context(call: Call) -> dict[str, Any]:
    """Return the caller as SageMaker's CreatedBy and LastModifiedBy show it."""
    who = caller(call)
    identity = {"Arn": who.arn, "PrincipalId": principal_id(call.cloud, who)}
    if who.session and who.session.source_identity:
        identity["SourceIdentity"] = who.session.source_identity
    return {"IamIdentity": identity}


def role_id(cloud: Cloud, role: str) -> str:
    """Return a role's unique id; one that depends on its ARN alone where there is no such role."""
    iam = inside.client(cloud.ground, "iam", cloud.region)
    try:
        found: str = iam.get_role(RoleName=role.rpartition("/")[2])["Role"]["RoleId"]
    except iam.exceptions.NoSuchEntityException:
        return "AROA" + hashlib.sha256(role.encode()).hexdigest()[:17].upper()
    return found


class Identities:
    """The principals of one cloud by their access keys, each looked up once."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._sessions: dict[str, Identity] = {}
        self._users: tuple[int, dict[str, Identity | None]] = (-1, {})

    def of(self, access_key: str) -> Identity | None:
        """Return whose access key it is, or None."""
        if access_key.startswith(ADMINISTRATOR):
            return administrator(self._cloud)
        if not access_key:
            return None
        if found := self._sessions.get(access_key):
            return found
        if kept := credentials.find(self._cloud, access_key):
            found = self._sessions[access_key] = of_session(self._cloud, kept)
            return found
        # The ground's own keys look as AWS's do; to load it for another would cost seconds
        return self._user(access_key) if access_key.startswith(GIVEN) else None

    def _user(self, access_key: str) -> Identity | None:
        """Return the user of a key, kept for as long as IAM does not change."""
        version = self._cloud.ground.version("iam")
        if self._users[0] != version:
            self._users = (version, {})
        users = self._users[1]
        if access_key not in users:
            users[access_key] = on_the_ground(self._cloud, access_key)
        return users[access_key]


@cache
def known(cloud: Cloud) -> Identities:
    """Return the principals of a cloud."""
    return Identities(cloud)


def of_session(cloud: Cloud, session: Session) -> Identity:
    """Return the principal that a session is."""
    if session.service:
        return Identity("", cloud.account, session=session)
    account = session.role.split(":")[4]
    name = session.role.rpartition("/")[2]
    arn = f"arn:aws:sts::{account}:assumed-role/{name}/{session.name}"
    return Identity(arn, account, "", session.role, session, session.tags)


def on_the_ground(cloud: Cloud, access_key: str) -> Identity | None:
    """Return the user whose key it is, or the session that the ground gave (of a web identity)."""
    iam = inside.client(cloud.ground, "iam", cloud.region)
    try:
        name = iam.get_access_key_last_used(AccessKeyId=access_key)["UserName"]
        keys = iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
        if not any(k["AccessKeyId"] == access_key and k["Status"] == "Active" for k in keys):
            return None
        user = iam.get_user(UserName=name)["User"]
    except iam.exceptions.NoSuchEntityException:
        return of_web_identity(cloud, access_key) if access_key.startswith("ASIA") else None
    return Identity(user["Arn"], cloud.account, user["UserId"], user["Arn"])


def of_web_identity(cloud: Cloud, access_key: str) -> Identity | None:
    """Return the session of a role that the ground's STS gave, or None."""
    sts = inside.client(cloud.ground, "sts", cloud.region, access_key)
    arn = sts.get_caller_identity()["Arn"]
    if ":assumed-role/" not in arn:
        return None
    _, role, name = arn.split("/")
    iam = inside.client(cloud.ground, "iam", cloud.region)
    try:
        found = iam.get_role(RoleName=role)["Role"]
    except iam.exceptions.NoSuchEntityException:
        return None
    own = credentials.Credentials(access_key, "", "")
    session = Session(own, found["Arn"], name, 0.0, role_id=found["RoleId"])
    return of_session(cloud, session)
