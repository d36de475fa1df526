"""Who else may call a function: its resource policy, statement by statement."""

import json
from typing import Any

from slipway.cloud.awslambda.errors import conflict, not_found
from slipway.cloud.awslambda.names import Named, arn, named
from slipway.cloud.awslambda.store import (
    Document,
    absent,
    changing,
    check_revision,
    find,
    revision,
    version,
)
from slipway.cloud.service import Call, Operation

CONDITIONS = {  # a request's member → operator and key of the condition that it means
    "SourceArn": ("ArnLike", "AWS:SourceArn"),
    "SourceAccount": ("StringEquals", "AWS:SourceAccount"),
    "PrincipalOrgID": ("StringEquals", "aws:PrincipalOrgID"),
    "EventSourceToken": ("StringEquals", "lambda:EventSourceToken"),
}


def add_permission(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Let somebody call a function (AddPermission)."""
    target = named(call, request["FunctionName"], request.get("Qualifier"))
    statement: Document = {
        "Sid": request["StatementId"],
        "Effect": "Allow",
        "Principal": principal(request["Principal"]),
        "Action": request["Action"],
        "Resource": arn(call, target.name, target.qualifier),
    }
    for member, (operator, key) in CONDITIONS.items():
        if member in request:
            conditions = statement.setdefault("Condition", {})
            conditions.setdefault(operator, {})[key] = request[member]
    with changing(call, target) as document:
        version(call, document, target)
        policy = document["Policies"].setdefault(target.qualifier, {"Statements": []})
        check_revision(request, policy.get("RevisionId", request.get("RevisionId", "")))
        if any(each["Sid"] == statement["Sid"] for each in policy["Statements"]):
            raise conflict(
                f"The statement id ({statement['Sid']}) provided already exists. Please provide a new "
                "statement id, or remove the existing statement."
            )
        policy["Statements"].append(statement)
        policy["RevisionId"] = revision()
    return {"Statement": json.dumps(statement)}


def principal(said: str) -> Any:
    """Return a principal as a policy writes it."""
    if said == "*":
        return "*"
    if said.endswith((".amazonaws.com", ".amazon.com")):
        return {"Service": said}
    return {"AWS": f"arn:aws:iam::{said}:root" if said.isdecimal() else said}


def remove_permission(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Take a permission away (RemovePermission)."""
    target = named(call, request["FunctionName"], request.get("Qualifier"))
    with changing(call, target) as document:
        policy = existing(call, target, document)
        check_revision(request, policy["RevisionId"])
        kept = [each for each in policy["Statements"] if each["Sid"] != request["StatementId"]]
        if len(kept) == len(policy["Statements"]):
            text = f"Statement {request['StatementId']} is not found in resource policy."
            raise not_found(text)
        policy["Statements"], policy["RevisionId"] = kept, revision()
        if not kept:
            del document["Policies"][target.qualifier]
    return {}


def existing(call: Call, target: Named, document: Document) -> Document:
    """Return the policy of a function, version or alias; ServiceError."""
    if target.qualifier not in document["Policies"]:
        if target.qualifier and target.qualifier not in document["Versions"] | document["Aliases"]:
            raise absent(call, target)
        raise not_found("The resource you requested does not exist.")
    found: Document = document["Policies"][target.qualifier]
    return found


def get_policy(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a function's resource policy (GetPolicy)."""
    target = named(call, request["FunctionName"], request.get("Qualifier"))
    found = existing(call, target, find(call, target))
    policy = {"Version": "2012-10-17", "Id": "default", "Statement": found["Statements"]}
    return {"Policy": json.dumps(policy), "RevisionId": found["RevisionId"]}


OPERATIONS: dict[str, Operation] = {
    "AddPermission": add_permission,
    "RemovePermission": remove_permission,
    "GetPolicy": get_policy,
}
