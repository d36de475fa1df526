"""What points AWS tools at the local cloud: its address, and whose credentials."""

import getpass
import os
import re
import shlex
from typing import Annotated, Any

import typer

from slipway.cli.errors import DOWN, Refused
from slipway.cli.local import Running, running, state_folder
from slipway.cli.output import Json, emit, say

REGION = "us-east-1"
ACCOUNT = "123456789012"
ROLE_TAG = "slipway:role"  # the platform's roles say by it what they are for
SESSION = re.compile(r"[^\w+=,.@-]")  # what a session's name may not hold


def env(
    role: Annotated[
        str | None,
        typer.Option(help="A role to act as: its name or ARN, or its kind: scientist, ops …."),
    ] = None,
    session: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Who acts, as audit trails name it (default: your login)."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Print what points AWS tools at the local cloud.

    In a shell: eval "$(slipway env)"
    """
    cloud = running(state_folder())
    if cloud is None:
        raise Refused(f"expected a local cloud in {state_folder()}, found none; {DOWN}")
    if session is not None and role is None:
        raise Refused("--session: names the session of a role; give --role too")
    found = variables(cloud)
    if role is not None:
        found |= assumed(cloud, role, session or getpass.getuser())
    if json:
        emit(found)
        return
    for name, value in found.items():
        say(f"export {name}={shlex.quote(value)}")
    gone = ["AWS_PROFILE"] + ["AWS_SESSION_TOKEN"] * ("AWS_SESSION_TOKEN" not in found)
    say(f"unset {' '.join(gone)}")


def variables(cloud: Running) -> dict[str, str]:
    """Return the environment in which boto3, the SDKs and the AWS CLI talk to this cloud."""
    return {
        "AWS_ENDPOINT_URL": cloud.endpoint,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        # The CDK CLI remembers in ~/.cdk which account a key belongs to: this one is nobody else's.
        "AWS_ACCESS_KEY_ID": f"slipway-{ACCOUNT}",
        "AWS_SECRET_ACCESS_KEY": "slipway",
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_REQUIRE_APPROVAL": "never",  # the CDK CLI would ask before each stack; nobody's rights change
        **no_proxy(),
    }


def no_proxy() -> dict[str, str]:
    """Return what keeps requests to this machine from a proxy; nothing where there is no proxy."""
    if not (os.environ.get("http_proxy") or os.environ.get("HTTP_PROXY")):
        return {}
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    names = dict.fromkeys((*filter(None, known.split(",")), "localhost", "127.0.0.1"))
    return dict.fromkeys(("no_proxy", "NO_PROXY"), ",".join(names))


def assumed(cloud: Running, role: str, session: str) -> dict[str, str]:
    """Return the credentials of a role's session, as variables."""
    if SESSION.search(session) or not 2 <= len(session) <= 64:
        raise Refused(f"--session: expected 2 to 64 letters, digits and +=,.@_-, found {session!r}")
    given = client(cloud, "sts").assume_role(
        RoleArn=role if role.startswith("arn:") else arn_of(client(cloud, "iam"), role),
        RoleSessionName=session,
    )["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }


def arn_of(iam: Any, named: str) -> str:
    """Return the ARN of the role of this name, else of the one role whose tag says this kind."""
    kinds: dict[str, list[dict[str, Any]]] = {}
    for page in iam.get_paginator("list_roles").paginate():
        for one in page["Roles"]:
            if one["RoleName"] == named:
                return str(one["Arn"])
            for tag in iam.list_role_tags(RoleName=one["RoleName"])["Tags"]:
                if tag["Key"] == ROLE_TAG:
                    kinds.setdefault(tag["Value"], []).append(one)
    fitting = sorted(str(one["Arn"]) for one in kinds.get(named, ()))
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise Refused(f"--role: {named!r} may be {' or '.join(fitting)}; give one of these")
    known = f"one of {', '.join(sorted(kinds))}, " if kinds else ""
    raise Refused(
        f"--role: expected {known}a role's name or its ARN, found {named!r}; `slipway up --deploy` "
        "makes the platform's roles"
    )


def client(cloud: Running, service: str) -> Any:
    """Return a client of the local cloud as its administrator, whatever the shell points at."""
    import boto3

    given = variables(cloud)
    session = boto3.Session(given["AWS_ACCESS_KEY_ID"], given["AWS_SECRET_ACCESS_KEY"], "")
    return session.client(service, REGION, endpoint_url=cloud.endpoint)
