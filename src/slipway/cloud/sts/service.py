"""The operations of STS that Slipway owns: a role is given to whom its trust policy names."""

from typing import Any

from slipway.cloud import inside
from slipway.cloud.coverage import Coverage
from slipway.cloud.iam.evaluate import Principal, may_assume
from slipway.cloud.iam.policy import MalformedPolicy, parse
from slipway.cloud.service import Call, Operation, Service, ServiceError

COVERAGE = {
    "AssumeRole": Coverage(
        not_honored={
            "Policy": "session policies are not enforced",
            "PolicyArns": "session policies are not enforced",
            "Tags": "session tags are not kept",
            "TransitiveTagKeys": "session tags are not kept",
            "ProvidedContexts": "there is no other provider of context",
            "SerialNumber": "there are no devices; the caller counts as one without MFA",
            "TokenCode": "there are no devices; the caller counts as one without MFA",
            "MinimumSessionTokenSize": "tokens have one size",
        },
        behaves={
            "DurationSeconds": "how long the credentials are said to last",
            "ExternalId": "compared with sts:ExternalId in the trust policy",
            "SourceIdentity": "compared with sts:SourceIdentity in the trust policy",
        },
    )
}


def assume_role(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Give a role's credentials to a caller whom its trust policy allows (AssumeRole)."""
    caller = identity(call)
    context = {"sts:rolesessionname": (request["RoleSessionName"],)}
    context |= {"aws:principalarn": (caller.name,), "aws:principalaccount": (caller.account,)}
    if "ExternalId" in request:
        context["sts:externalid"] = (request["ExternalId"],)
    if "SourceIdentity" in request:
        context["sts:sourceidentity"] = (request["SourceIdentity"],)
    try:
        role = parse(trust_policy(call, request["RoleArn"]), "trust", "resource")
        trusted = may_assume(role, caller, context)
    except MalformedPolicy:
        trusted = False
    if not trusted:
        raise ServiceError(
            "AccessDenied",
            f"User: {caller.name} is not authorized to perform: sts:AssumeRole on resource: "
            f"{request['RoleArn']}",
            403,
        )
    return inside.pass_on(call, request)


def identity(call: Call) -> Principal:
    """Return who calls: the user of the access key, or the role whose session it is."""
    sts = inside.client(call.cloud.ground, "sts", call.region, call.access_key)
    arn = sts.get_caller_identity()["Arn"]
    if ":assumed-role/" in arn:  # a trust policy names the role, not the session
        iam = inside.client(call.cloud.ground, "iam", call.region)
        arn = iam.get_role(RoleName=arn.split("/")[1])["Role"]["Arn"]
    return Principal("AWS", arn)


def trust_policy(call: Call, arn: str) -> dict[str, Any]:
    """Return a role's trust policy; one that trusts nobody where there is no such role."""
    iam = inside.client(call.cloud.ground, "iam", call.region)
    try:
        role = iam.get_role(RoleName=arn.rpartition("/")[2])["Role"]
    except iam.exceptions.NoSuchEntityException:
        role = {"Arn": ""}
    found: dict[str, Any] = role.get("AssumeRolePolicyDocument") or {}
    return found if role["Arn"] == arn and found else {"Version": "2012-10-17", "Statement": []}


OPERATIONS: dict[str, Operation] = {"AssumeRole": assume_role}

SERVICE = Service("sts", OPERATIONS, COVERAGE, invalid="ValidationError")
