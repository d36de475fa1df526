"""IAM's policy simulator: the evaluator asked about actions and resources."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from slipway.cloud.coverage import Coverage
from slipway.cloud.iam.entities import Entity, entity
from slipway.cloud.iam.evaluate import (
    ALLOWED,
    EXPLICIT_DENY,
    IMPLICIT_DENY,
    Access,
    Decision,
    Policies,
    Principal,
    decide,
)
from slipway.cloud.iam.policy import MalformedPolicy, Policy, parse
from slipway.cloud.service import Call, Operation, ServiceError

PAGE = 100  # results, where the caller names no number
STRICTEST = (EXPLICIT_DENY, IMPLICIT_DENY, ALLOWED)  # first

REFUSED = {
    "ResourceHandlingOption": "scenarios of EC2 instances are not simulated",
}
EXCLUSION = {"PolicyExclusionList": "policies cannot be left out of a simulation"}
NOT_HONORED = {
    "ContextEntries[].ContextKeyType": "the operator decides how a value is compared",
}
BEHAVES = {
    "PolicyInputList": "policies beside those of the identity",
    "PermissionsBoundaryPolicyInputList": "takes the place of the identity's boundary",
    "ResourceArns": "each action is evaluated on each",
    "ResourcePolicy": "the policy of every resource",
    "ResourceOwner": "another account's resource takes both sides' consent",
    "CallerArn": "who is compared with a Principal",
    "ContextEntries": "the values of condition keys",
    "MaxItems": "the size of the page",
}
ORGANIZATION = {"OrderedOrganizationPolicyInputList": "organizations have no policies here"}
COVERAGE = {
    "SimulatePrincipalPolicy": Coverage(
        refused=REFUSED | EXCLUSION, not_honored=NOT_HONORED, behaves=BEHAVES
    ),
    "SimulateCustomPolicy": Coverage(
        refused=REFUSED | ORGANIZATION, not_honored=NOT_HONORED, behaves=BEHAVES
    ),
}


def of_principal(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Simulate with the policies of a user, group or role (SimulatePrincipalPolicy)."""
    return simulate(call, request, lambda: entity(call, request["PolicySourceArn"]))


def of_documents(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Simulate with policies that the request brings along (SimulateCustomPolicy)."""
    nobody = f"arn:aws:iam::{call.cloud.account}:root"
    return simulate(call, request, lambda: Entity(request.get("CallerArn", nobody), (), None))


def simulate(call: Call, request: Mapping[str, Any], read: Callable[[], Entity]) -> dict[str, Any]:
    """Evaluate every action on every resource; one result an action, a page at a time."""
    try:
        source = read()
        policies = gathered(request, source)
    except MalformedPolicy as error:
        raise ServiceError("InvalidInput", str(error)) from error
    caller = Principal("AWS", request.get("CallerArn", source.arn))
    owner = request.get("ResourceOwner", "").removeprefix("arn:aws:iam::").partition(":")[0]
    context = known(caller) | sent(request.get("ContextEntries", []))
    resources = request.get("ResourceArns") or ["*"]
    if not (marker := request.get("Marker", "0")).isdecimal():
        raise ServiceError("InvalidInput", f"Invalid Marker: {marker}")
    start = int(marker)
    stop = start + request.get("MaxItems", PAGE)
    results = []
    for action in request["ActionNames"][start:stop]:
        if ":" not in action:
            raise ServiceError("InvalidInput", f"Invalid action name: {action}")
        decisions = {
            resource: decide(policies, Access(action, resource, caller, context), owner or None)
            for resource in resources
        }
        results.append(result(action, decisions))
    truncated = stop < len(request["ActionNames"])
    following = str(stop) if truncated else None
    return {"EvaluationResults": results, "IsTruncated": truncated, "Marker": following}


def gathered(request: Mapping[str, Any], source: Entity) -> Policies:
    """Return the policies of a simulation; MalformedPolicy when one that came along is none."""
    given = documents(request.get("PolicyInputList", []), "PolicyInputList", "none")
    limits = documents(
        request.get("PermissionsBoundaryPolicyInputList", []),
        "PermissionsBoundaryPolicyInputList",
        "none",
    )
    own = [source.boundary] if source.boundary else None
    on_resource = [request["ResourcePolicy"]] if "ResourcePolicy" in request else []
    return Policies(
        identity=[*source.policies, *given],
        boundary=limits or own,
        resource=documents(on_resource, "ResourcePolicy", "resource"),
    )


def documents(texts: Iterable[str], name: str, kind: str) -> list[Policy]:
    """Return the policies of a request's member."""
    return [parse(text, f"{name}.{position}", kind) for position, text in enumerate(texts, 1)]


def known(caller: Principal) -> dict[str, tuple[str, ...]]:
    """Return the condition keys that every request has."""
    now = datetime.now(UTC)
    keys = {
        "aws:PrincipalArn": caller.name,
        "aws:PrincipalAccount": caller.account,
        "aws:CurrentTime": now.isoformat(timespec="seconds"),
        "aws:EpochTime": str(int(now.timestamp())),
    }
    if ":user/" in caller.name:
        keys["aws:username"] = caller.name.rpartition("/")[2]
    return {key.lower(): (value,) for key, value in keys.items()}


def sent(entries: Iterable[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """Return the condition keys that a request brings along."""
    return {
        entry["ContextKeyName"].lower(): tuple(entry.get("ContextKeyValues", []))
        for entry in entries
        if "ContextKeyName" in entry
    }


def result(action: str, decisions: Mapping[str, Decision]) -> dict[str, Any]:
    """Return one action's result: the strictest decision, and each resource's own."""
    outcomes = [decision.outcome for decision in decisions.values()]
    outcome = next(o for o in STRICTEST if o in outcomes)
    deciding = [d for d in decisions.values() if d.outcome == outcome]
    answer: dict[str, Any] = {
        "EvalActionName": action,
        "EvalResourceName": next(iter(decisions)) if len(decisions) == 1 else "*",
        "EvalDecision": outcome,
        "MatchedStatements": statements(deciding),
        "MissingContextValues": sorted({key for d in decisions.values() for key in d.missing}),
        "PermissionsBoundaryDecisionDetail": boundary(decisions.values()),
    }
    if list(decisions) != ["*"]:
        answer["ResourceSpecificResults"] = [
            {
                "EvalResourceName": resource,
                "EvalResourceDecision": decision.outcome,
                "MatchedStatements": statements([decision]),
                "MissingContextValues": list(decision.missing),
                "PermissionsBoundaryDecisionDetail": boundary([decision]),
            }
            for resource, decision in decisions.items()
        ]
    return answer


def statements(decisions: Iterable[Decision]) -> list[dict[str, str]]:
    """Return the statements that made the decisions, each once."""
    found = {matched: None for decision in decisions for matched in decision.matched}
    return [{"SourcePolicyId": policy.name, "SourcePolicyType": policy.kind} for policy, _ in found]


def boundary(decisions: Iterable[Decision]) -> dict[str, bool] | None:
    """Return whether a permissions boundary allows all of it; None where there is none."""
    by_each = [decision.allowed_by_boundary for decision in decisions]
    return None if None in by_each else {"AllowedByPermissionsBoundary": all(by_each)}


OPERATIONS: dict[str, Operation] = {
    "SimulatePrincipalPolicy": of_principal,
    "SimulateCustomPolicy": of_documents,
}
