"""The policies of users, groups and roles, read from the ground by IAM's own API."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from slipway.cloud import inside
from slipway.cloud.iam.policy import Policy, parse
from slipway.cloud.service import Call, ServiceError


@dataclass(frozen=True)
class Entity:
    """What IAM knows of an identity that bears on its permissions."""

    arn: str
    policies: tuple[Policy, ...]
    boundary: Policy | None
    tags: Mapping[str, str] = field(default_factory=dict)
    id: str = ""  # "AROA…", "AIDA…"


def entity(call: Call, arn: str) -> Entity:
    """Return the identity of an ARN with its policies, a user's groups' included.

    Raises:
        ServiceError: NoSuchEntity, or InvalidInput when the ARN is of no user, group or role.
    """
    iam = inside.client(call.cloud.ground, "iam", call.region)
    kind, _, path = arn.partition(":iam::")[2].partition(":")[2].partition("/")
    name = path.rpartition("/")[2]
    if kind not in ("user", "group", "role") or not name:
        text = f"Invalid Entity Arn: {arn} does not clearly define entity type and name."
        raise ServiceError("InvalidInput", text)
    try:
        found = getattr(iam, f"get_{kind}")(**{f"{kind.capitalize()}Name": name})
        policies = list(of(iam, kind, name))
        if kind == "user":
            groups = iam.list_groups_for_user(UserName=name)["Groups"]
            policies += [p for group in groups for p in of(iam, "group", group["GroupName"])]
    except iam.exceptions.NoSuchEntityException as error:
        raise ServiceError("NoSuchEntity", error.response["Error"]["Message"], 404) from error
    limit = found[kind.capitalize()].get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    boundary = managed(iam, limit, limit.rpartition("/")[2]) if limit else None
    known = found[kind.capitalize()]
    tags = {tag["Key"]: tag["Value"] for tag in known.get("Tags", [])}
    return Entity(known["Arn"], tuple(policies), boundary, tags, known[f"{kind.capitalize()}Id"])


def of(iam: Any, kind: str, name: str) -> Iterator[Policy]:
    """Yield an identity's inline policies, then the managed ones attached to it."""
    who = {f"{kind.capitalize()}Name": name}
    pages = iam.get_paginator(f"list_{kind}_policies").paginate(**who)
    for inline in (inline for page in pages for inline in page["PolicyNames"]):
        answer = getattr(iam, f"get_{kind}_policy")(PolicyName=inline, **who)
        yield parse(answer["PolicyDocument"], f"{kind}_{name}_{inline}", kind)
    pages = iam.get_paginator(f"list_attached_{kind}_policies").paginate(**who)
    for attached in (attached for page in pages for attached in page["AttachedPolicies"]):
        yield managed(iam, attached["PolicyArn"], attached["PolicyName"])


def managed(iam: Any, arn: str, name: str) -> Policy:
    """Return the version in force of a managed policy."""
    kind = "aws-managed" if arn.startswith("arn:aws:iam::aws:") else "user-managed"
    return parse(managed_text(iam, arn), name, kind)


def managed_text(iam: Any, arn: str) -> Any:
    """Return the document of the version in force of a managed policy."""
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    answer = iam.get_policy_version(PolicyArn=arn, VersionId=version)
    return answer["PolicyVersion"]["Document"]
