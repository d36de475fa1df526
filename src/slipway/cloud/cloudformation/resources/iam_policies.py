"""AWS::IAM::Policy and AWS::IAM::ManagedPolicy: documents, and who has them."""

from collections.abc import Iterator
from typing import Any

from slipway.cloud.cloudformation import attempts, naming
from slipway.cloud.cloudformation.members import text
from slipway.cloud.cloudformation.own import Own
from slipway.cloud.cloudformation.resource import (
    Asked,
    Made,
    Properties,
)
from slipway.cloud.cloudformation.settling import gently

KINDS = {"Roles": "Role", "Users": "User", "Groups": "Group"}
VERSIONS = 5  # of a managed policy
INLINE = frozenset({*KINDS, "PolicyName", "PolicyDocument"})
MANAGED = INLINE - {"PolicyName"} | {"ManagedPolicyName", "Description", "Path"}


def whose(properties: Properties) -> Iterator[tuple[str, str]]:
    """Yield (kind, name) of the roles, users and groups of a policy."""
    for several, kind in KINDS.items():
        for name in properties.get(several) or []:
            yield kind, name


def put_inline(asked: Asked, made: Made, before: Properties) -> Made:
    """Put a policy into its principals, and take it from those that had it before."""
    iam, new = asked.client("iam"), asked.properties
    document = text(new["PolicyDocument"])
    for kind, name in whose(new):
        put = getattr(iam, f"put_{kind.lower()}_policy")
        put(**{f"{kind}Name": name}, PolicyName=new["PolicyName"], PolicyDocument=document)
    renamed = before and before["PolicyName"] != new["PolicyName"]
    for kind, name in whose(before):
        if renamed or (kind, name) not in whose(new):
            take(iam, kind, name, before["PolicyName"])
    return made


def take(iam: Any, kind: str, name: str, policy: str) -> None:
    """Take an inline policy from a principal that has it."""
    delete = getattr(iam, f"delete_{kind.lower()}_policy")
    gently(delete, **{f"{kind}Name": name}, PolicyName=policy)


def create_inline(asked: Asked) -> Made:
    """Make AWS::IAM::Policy."""
    name = naming.physical(asked.stack_name, asked.logical_id, asked.token, 128)
    return put_inline(asked, Made(name, {"Id": name}), {})


def delete_inline(asked: Asked, made: Made) -> None:
    """Take an inline policy from all that have it."""
    for kind, name in whose(asked.properties):
        take(asked.client("iam"), kind, name, asked.properties["PolicyName"])


def create_managed(asked: Asked) -> Made:
    """Make AWS::IAM::ManagedPolicy."""
    iam, new = asked.client("iam"), asked.properties
    name = new.get("ManagedPolicyName") or naming.physical(
        asked.stack_name, asked.logical_id, asked.token, 128
    )
    path = new.get("Path") or "/"
    arn = f"arn:aws:iam::{asked.cloud.account}:policy{path}{name}"
    if not (attempts.begin(asked) and gently(iam.get_policy, PolicyArn=arn)):
        iam.create_policy(
            PolicyName=name,
            Path=path,
            Description=new.get("Description") or "",
            PolicyDocument=text(new["PolicyDocument"]),
        )
    attempts.made(asked, arn)
    attach(asked, arn, {})
    return Made(arn, attributes(iam, arn))


def attributes(iam: Any, arn: str) -> dict[str, Any]:
    """Return what GetAtt shows of a managed policy."""
    found = iam.get_policy(PolicyArn=arn)["Policy"]
    names = ["PolicyId", "DefaultVersionId", "AttachmentCount", "IsAttachable"]
    names.append("PermissionsBoundaryUsageCount")
    times = {name: found[name].isoformat() for name in ("CreateDate", "UpdateDate")}
    return {"PolicyArn": arn, **{name: found.get(name) for name in names}, **times}


def attach(asked: Asked, arn: str, before: Properties) -> None:
    """Attach a managed policy to its principals, and detach it from those that had it before."""
    iam = asked.client("iam")
    for kind, name in whose(asked.properties):
        getattr(iam, f"attach_{kind.lower()}_policy")(**{f"{kind}Name": name}, PolicyArn=arn)
    for kind, name in whose(before):
        if (kind, name) not in whose(asked.properties):
            detach = getattr(iam, f"detach_{kind.lower()}_policy")
            gently(detach, **{f"{kind}Name": name}, PolicyArn=arn)


def update_managed(asked: Asked, made: Made, before: Properties) -> Made:
    """Give a managed policy a new version, and other principals."""
    iam, arn = asked.client("iam"), made.physical_id
    document = text(asked.properties["PolicyDocument"])
    if document != text(before["PolicyDocument"]):
        others = [
            one
            for one in iam.list_policy_versions(PolicyArn=arn)["Versions"]
            if not one["IsDefaultVersion"]
        ]
        if len(others) + 1 >= VERSIONS:
            oldest = min(others, key=lambda one: int(one["VersionId"][1:]))["VersionId"]
            iam.delete_policy_version(PolicyArn=arn, VersionId=oldest)
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
    attach(asked, arn, before)
    return Made(arn, attributes(iam, arn))


def delete_managed(asked: Asked, made: Made) -> None:
    """Detach a managed policy, and remove it with all its versions."""
    iam, arn = asked.client("iam"), made.physical_id
    for kind, name in whose(asked.properties):
        detach = getattr(iam, f"detach_{kind.lower()}_policy")
        gently(detach, **{f"{kind}Name": name}, PolicyArn=arn)
    versions = gently(iam.list_policy_versions, PolicyArn=arn) or {"Versions": []}
    for one in versions["Versions"]:
        if not one["IsDefaultVersion"]:
            gently(iam.delete_policy_version, PolicyArn=arn, VersionId=one["VersionId"])
    gently(iam.delete_policy, PolicyArn=arn)
    attempts.forget(asked, arn)


ALL = (
    Own("AWS::IAM::Policy", create_inline, put_inline, delete_inline, INLINE),
    Own(
        "AWS::IAM::ManagedPolicy",
        create_managed,
        update_managed,
        delete_managed,
        MANAGED,
        replacing=frozenset({"ManagedPolicyName", "Description", "Path"}),
    ),
)
