"""The operations of STS that Slipway owns: who calls, and who becomes which role."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from slipway.cloud import clock, credentials, inside
from slipway.cloud.cloud import Cloud
from slipway.cloud.coverage import Coverage
from slipway.cloud.credentials import Session
from slipway.cloud.iam.entities import managed_text
from slipway.cloud.iam.evaluate import Principal, may_assume
from slipway.cloud.iam.policy import MalformedPolicy, parse
from slipway.cloud.identity import Identity, caller, principal_id
from slipway.cloud.service import Call, Operation, Service, ServiceError

HOUR = 3600  # seconds; the longest session of a role that a session of a role assumes
DAY = 86_400.0  # seconds for which an expired session is told from an unknown one

COVERAGE = {
    "AssumeRole": Coverage(
        not_honored={
            "ProvidedContexts": "there is no other provider of context",
            "SerialNumber": "there are no devices; the caller counts as one without MFA",
            "TokenCode": "there are no devices; the caller counts as one without MFA",
            "MinimumSessionTokenSize": "tokens have one size",
        },
        behaves={
            "DurationSeconds": "how long the credentials are valid, by the movable clock",
            "ExternalId": "compared with sts:ExternalId in the trust policy",
            "Policy": "limits the session where IAM is enforced",
            "PolicyArns": "limit the session where IAM is enforced",
            "SourceIdentity": "takes sts:SetSourceIdentity in the trust policy; kept with the session",
            "Tags": "take sts:TagSession in the trust policy; kept with the session",
            "TransitiveTagKeys": "the tags of sessions that are assumed from this one",
        },
    ),
    "GetCallerIdentity": Coverage(),
}


def get_caller_identity(call: Call, _: dict[str, Any]) -> dict[str, Any]:
    """Return who calls (GetCallerIdentity)."""
    who = valid(caller(call))
    return {"UserId": principal_id(call.cloud, who), "Account": who.account, "Arn": who.arn}


def assume_role(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Give a role's credentials to a caller whom its trust policy allows (AssumeRole)."""
    who = valid(caller(call))
    role = found(call, request["RoleArn"])
    tags = session_tags(who, request)
    check_trust(call, who, role, request, tags)
    seconds = duration(who, role, request)
    now = clock.now()
    session = Session(
        credentials.made(),
        role["Arn"],
        request["RoleSessionName"],
        now,
        now + seconds,
        role["RoleId"],
        tags=tags,
        transitive=tuple(request.get("TransitiveTagKeys", ())),
        policies=session_policies(call, request),
        source_identity=request.get("SourceIdentity", inherited(who)),
    )
    credentials.keep(call.cloud, session)
    account, name = role["Arn"].split(":")[4], role["Arn"].rpartition("/")[2]
    answer: dict[str, Any] = {
        "Credentials": {
            "AccessKeyId": session.credentials.access_key,
            "SecretAccessKey": session.credentials.secret_key,
            "SessionToken": session.credentials.token,
            "Expiration": datetime.fromtimestamp(int(now + seconds), UTC),
        },
        "AssumedRoleUser": {
            "AssumedRoleId": f"{role['RoleId']}:{session.name}",
            "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{session.name}",
        },
    }
    if session.source_identity:
        answer["SourceIdentity"] = session.source_identity
    return answer


def valid(who: Identity) -> Identity:
    """Return a caller whose credentials are valid; ServiceError when they are past their time."""
    if who.expired:
        text = "The security token included in the request is expired"
        raise ServiceError("ExpiredToken", text, 403)
    return who


def inherited(who: Identity) -> str:
    """Return the source identity of the session that assumes a role."""
    return who.session.source_identity if who.session else ""


def session_tags(who: Identity, request: Mapping[str, Any]) -> dict[str, str]:
    """Return the tags of a new session: those asked for, and those that go on from the caller's."""
    going_on = who.session.transitive if who.session else ()
    kept = {key: who.tags[key] for key in going_on if key in who.tags}
    return {tag["Key"]: tag["Value"] for tag in request.get("Tags", [])} | kept


def duration(who: Identity, role: Mapping[str, Any], request: Mapping[str, Any]) -> int:
    """Return how long a new session lasts, in seconds; ServiceError when that is too long."""
    seconds: int = request.get("DurationSeconds", HOUR)
    if seconds > HOUR and who.session:
        raise ServiceError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by "
            "role chaining",
        )
    if seconds > role.get("MaxSessionDuration", HOUR):
        raise ServiceError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    return seconds


def session_policies(call: Call, request: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the policies that limit a new session, as JSON; None where there are none."""
    texts = [request["Policy"]] if "Policy" in request else []
    iam = inside.client(call.cloud.ground, "iam", call.region)
    try:
        texts += [json.dumps(managed_text(iam, of["arn"])) for of in request.get("PolicyArns", [])]
        for text in texts:
            parse(text, "session policy", "session")
    except (MalformedPolicy, iam.exceptions.NoSuchEntityException) as error:
        raise ServiceError("MalformedPolicyDocument", str(error)) from error
    return tuple(texts) or None


def check_trust(
    call: Call,
    who: Identity,
    role: Mapping[str, Any],
    request: Mapping[str, Any],
    tags: Mapping[str, str],
) -> None:
    """Refuse a caller whom the role's trust policy does not name for all that it asks."""
    context = trust_context(who, request, tags)
    actions = ["sts:AssumeRole"]
    actions += ["sts:TagSession"] if request.get("Tags") else []
    actions += ["sts:SetSourceIdentity"] if "SourceIdentity" in request else []
    principal = Principal("AWS", who.policies_of or who.arn, (who.arn,))
    try:
        policy = parse(role.get("AssumeRolePolicyDocument") or NOBODY, "trust", "resource")
        missing = [a for a in actions if not may_assume(policy, principal, context, a)]
    except MalformedPolicy:
        missing = actions
    if missing:
        raise ServiceError(
            "AccessDenied",
            f"User: {who.arn} is not authorized to perform: {missing[0]} on resource: "
            f"{request['RoleArn']}",
            403,
        )


NOBODY: dict[str, Any] = {"Version": "2012-10-17", "Statement": []}


def trust_context(
    who: Identity, request: Mapping[str, Any], tags: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Return the condition keys by which a trust policy knows a request."""
    context: dict[str, tuple[str, ...]] = {
        "sts:rolesessionname": (request["RoleSessionName"],),
        "aws:principalarn": (who.policies_of or who.arn,),
        "aws:principalaccount": (who.account,),
    }
    if "ExternalId" in request:
        context["sts:externalid"] = (request["ExternalId"],)
    if "SourceIdentity" in request:
        context["sts:sourceidentity"] = (request["SourceIdentity"],)
    if tags:
        context["aws:tagkeys"] = tuple(tags)
        context |= {f"aws:requesttag/{key.lower()}": (value,) for key, value in tags.items()}
    return context


def found(call: Call, arn: str) -> Mapping[str, Any]:
    """Return a role; one that trusts nobody where there is none of this ARN."""
    iam = inside.client(call.cloud.ground, "iam", call.region)
    try:
        role: Mapping[str, Any] = iam.get_role(RoleName=arn.rpartition("/")[2])["Role"]
    except iam.exceptions.NoSuchEntityException:
        role = {"Arn": ""}
    return role if role["Arn"] == arn else {"Arn": arn}


def start(cloud: Cloud) -> None:
    """Drop the sessions that nobody can use any more."""
    credentials.forget_expired(cloud, clock.now() - DAY)


OPERATIONS: dict[str, Operation] = {
    "AssumeRole": assume_role,
    "GetCallerIdentity": get_caller_identity,
}

SERVICE = Service("sts", OPERATIONS, COVERAGE, start=start, invalid="ValidationError")
