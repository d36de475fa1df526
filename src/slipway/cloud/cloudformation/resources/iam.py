"""AWS::IAM: roles, users and groups, and who may act as them."""

from dataclasses import replace
from typing import Any

from slipway.cloud.cloudformation import attempts
from slipway.cloud.cloudformation.declared import Declared, Part
from slipway.cloud.cloudformation.members import text
from slipway.cloud.cloudformation.own import Own, by_name
from slipway.cloud.cloudformation.resource import Asked, Made, Properties
from slipway.cloud.cloudformation.resources import iam_policies
from slipway.cloud.cloudformation.settling import gently

NONE: Properties = {}


def give(kind: str, asked: Asked, made: Made, new: Properties, old: Properties) -> None:
    """Take from a role, user or group the policies that it had, and give it those it shall have."""
    iam, whose = asked.client("iam"), {f"{kind}Name": made.physical_id}
    own = kind.lower()
    wanted = inline(new)
    for name in inline(old).keys() - wanted.keys():
        gently(getattr(iam, f"delete_{own}_policy"), **whose, PolicyName=name)
    for name, document in wanted.items():
        getattr(iam, f"put_{own}_policy")(**whose, PolicyName=name, PolicyDocument=text(document))
    for arn in dropped("ManagedPolicyArns", new, old):
        gently(getattr(iam, f"detach_{own}_policy"), **whose, PolicyArn=arn)
    for arn in new.get("ManagedPolicyArns") or []:
        getattr(iam, f"attach_{own}_policy")(**whose, PolicyArn=arn)
    if kind == "User":
        for group in dropped("Groups", new, old):
            gently(iam.remove_user_from_group, GroupName=group, **whose)
        for group in new.get("Groups") or []:
            iam.add_user_to_group(GroupName=group, **whose)


def inline(properties: Properties) -> dict[str, Any]:
    """Return the documents of inline policies by name."""
    given = properties.get("Policies") or []
    return {policy["PolicyName"]: policy["PolicyDocument"] for policy in given}


def dropped(name: str, new: Properties, old: Properties) -> list[str]:
    """Return what a list had before and has no more."""
    return [one for one in old.get(name) or [] if one not in (new.get(name) or [])]


def principal(kind: str, **more: Any) -> Declared:
    """Return the declaration of a role, user or group: all have policies."""
    name = f"{kind}Name"
    return Declared(
        f"AWS::IAM::{kind}",
        "iam",
        create=f"Create{kind}",
        delete=f"Delete{kind}",
        read=f"Get{kind}",
        resource=kind,
        named=name,
        keys={name: "@"},
        after=lambda asked, made, old: give(kind, asked, made, asked.properties, old),
        before_delete=lambda asked, made: give(kind, asked, made, NONE, asked.properties),
        **more,
    )


def fill_profile(asked: Asked, made: Made, before: Properties) -> None:
    """Put the role into an instance profile, and out of it the one before."""
    iam, which = asked.client("iam"), {"InstanceProfileName": made.physical_id}
    found = iam.get_instance_profile(**which)["InstanceProfile"]["Roles"]
    has = [role["RoleName"] for role in found]
    for role in dropped("Roles", asked.properties, before):
        if role in has:
            iam.remove_role_from_instance_profile(RoleName=role, **which)
    for role in asked.properties.get("Roles") or []:
        if role not in has:
            iam.add_role_to_instance_profile(RoleName=role, **which)


def empty_profile(asked: Asked, made: Made) -> None:
    """Take the roles out of an instance profile."""
    fill_profile(replace(asked, properties={}), made, asked.properties)


def clients(asked: Asked, made: Made, before: Properties) -> None:
    """Bring the client ids and thumbprints of an identity provider up to date."""
    if not before:
        return
    iam, which = asked.client("iam"), {"OpenIDConnectProviderArn": made.physical_id}
    new = asked.properties
    has = iam.get_open_id_connect_provider(**which)["ClientIDList"]
    wanted = new.get("ClientIdList") or []
    for client in set(has) - set(wanted):
        iam.remove_client_id_from_open_id_connect_provider(ClientID=client, **which)
    for client in set(wanted) - set(has):
        iam.add_client_id_to_open_id_connect_provider(ClientID=client, **which)
    if new.get("ThumbprintList") != before.get("ThumbprintList"):
        prints = new.get("ThumbprintList") or []
        iam.update_open_id_connect_provider_thumbprint(ThumbprintList=prints, **which)


def left_provider(asked: Asked) -> str:
    """Return the ARN that an identity provider of the URL has, if there is one."""
    host = asked.properties["Url"].removeprefix("https://")
    arn = f"arn:aws:iam::{asked.cloud.account}:oidc-provider/{host}"
    which = {"OpenIDConnectProviderArn": arn}
    found = gently(asked.client("iam").get_open_id_connect_provider, **which)
    return arn if found else ""


def create_key(asked: Asked) -> Made:
    """Make AWS::IAM::AccessKey; one that a killed attempt left, whose secret nobody has, goes."""
    iam, user = asked.client("iam"), asked.properties["UserName"]
    if (again := attempts.begin(asked)) and again["id"]:
        gently(iam.delete_access_key, UserName=user, AccessKeyId=again["id"])
    key = iam.create_access_key(UserName=user)["AccessKey"]
    attempts.made(asked, key["AccessKeyId"])
    made = Made(
        key["AccessKeyId"], {"Id": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]}
    )
    return turn_key(asked, made, {})


def turn_key(asked: Asked, made: Made, before: Properties) -> Made:
    """Turn an access key on or off."""
    status = asked.properties.get("Status", "Active")
    if status != before.get("Status", "Active"):
        user = asked.properties["UserName"]
        asked.client("iam").update_access_key(
            UserName=user, AccessKeyId=made.physical_id, Status=status
        )
    return made


def delete_key(asked: Asked, made: Made) -> None:
    """Remove an access key."""
    delete, user = asked.client("iam").delete_access_key, asked.properties["UserName"]
    gently(delete, UserName=user, AccessKeyId=made.physical_id)
    attempts.forget(asked, made.physical_id)


ALL = (
    principal(
        "Role",
        update="UpdateRole",
        attributes={"Arn": "Arn", "RoleId": "RoleId"},
        parts=(
            Part("AssumeRolePolicyDocument", "UpdateAssumeRolePolicy", member="PolicyDocument"),
            Part(
                "PermissionsBoundary",
                "PutRolePermissionsBoundary",
                "DeleteRolePermissionsBoundary",
            ),
        ),
        tagging=("TagRole", "UntagRole", {"RoleName": "@"}),
        hooked=frozenset({"Policies", "ManagedPolicyArns"}),
        replacing=frozenset({"RoleName", "Path"}),
    ),
    principal(
        "User",
        attributes={"Arn": "Arn"},
        parts=(
            Part("Path", "UpdateUser", member="NewPath"),
            Part(
                "PermissionsBoundary",
                "PutUserPermissionsBoundary",
                "DeleteUserPermissionsBoundary",
            ),
        ),
        tagging=("TagUser", "UntagUser", {"UserName": "@"}),
        hooked=frozenset({"Policies", "ManagedPolicyArns", "Groups"}),
        refused={"LoginProfile": "nobody signs in to a console here"},
        replacing=frozenset({"UserName"}),
    ),
    principal(
        "Group",
        attributes={"Arn": "Arn"},
        parts=(Part("Path", "UpdateGroup", member="NewPath"),),
        tags="",
        hooked=frozenset({"Policies", "ManagedPolicyArns"}),
        replacing=frozenset({"GroupName"}),
    ),
    Declared(
        "AWS::IAM::InstanceProfile",
        "iam",
        create="CreateInstanceProfile",
        delete="DeleteInstanceProfile",
        read="GetInstanceProfile",
        resource="InstanceProfile",
        named="InstanceProfileName",
        longest=128,
        keys={"InstanceProfileName": "@"},
        attributes={"Arn": "Arn"},
        hooked=frozenset({"Roles"}),
        after=fill_profile,
        before_delete=empty_profile,
        tags="",
        replacing=frozenset({"InstanceProfileName", "Path"}),
    ),
    Declared(
        "AWS::IAM::OIDCProvider",
        "iam",
        create="CreateOpenIDConnectProvider",
        delete="DeleteOpenIDConnectProvider",
        read="GetOpenIDConnectProvider",
        ref="OpenIDConnectProviderArn",
        keys={"OpenIDConnectProviderArn": "@"},
        attributes={"Arn": "={id}"},
        changing=frozenset({"ClientIdList", "ThumbprintList"}),
        after=clients,
        find=left_provider,
        tagging=(
            "TagOpenIDConnectProvider",
            "UntagOpenIDConnectProvider",
            {"OpenIDConnectProviderArn": "@"},
        ),
        replacing=frozenset({"Url"}),
    ),
    Declared(
        "AWS::IAM::ServiceLinkedRole",
        "iam",
        create="CreateServiceLinkedRole",
        delete="DeleteServiceLinkedRole",
        read="GetRole",
        resource="Role",
        ref="Role.RoleName",
        keys={"RoleName": "@"},
        attributes={"RoleName": "RoleName"},
        parts=(Part("Description", "UpdateRole"),),
        tags="",
        replacing=frozenset({"AWSServiceName", "CustomSuffix"}),
    ),
    Own(
        "AWS::IAM::AccessKey",
        create_key,
        turn_key,
        delete_key,
        frozenset({"UserName", "Status", "Serial"}),
        frozenset({"UserName", "Serial"}),
    ),
    *iam_policies.ALL,
)
TYPES = by_name(*ALL)
