"""Versions, which never change, and aliases, which name one or two of them."""

from typing import Any

from slipway.cloud.awslambda.errors import conflict, invalid, not_found
from slipway.cloud.awslambda.names import LATEST, Named, arn, named
from slipway.cloud.awslambda.store import (
    Document,
    changing,
    check_revision,
    find,
    modified,
    paged,
    revision,
    shown,
)
from slipway.cloud.service import Call, Operation


def publish(document: Document, request: dict[str, Any]) -> dict[str, Any]:
    """Keep the present code and configuration as a version; the last one where nothing changed."""
    latest = document["Versions"][LATEST]
    last = document["Versions"].get(str(document["Last"]))
    volatile = {"Version", "RevisionId", "LastModified", "Description"}
    if last and all(last.get(k) == latest.get(k) for k in (last.keys() | latest) - volatile):
        return dict(last)
    document["Last"] += 1
    number = str(document["Last"])
    config = latest | {"Version": number, "RevisionId": revision(), "LastModified": modified()}
    config["Description"] = request.get("Description", latest["Description"])
    document["Versions"][number] = config
    return dict(config)


def publish_version(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Publish a version (PublishVersion)."""
    with changing(call, named(call, request["FunctionName"])) as document:
        latest = document["Versions"][LATEST]
        check_revision(request, latest["RevisionId"])
        if request.get("CodeSha256", latest["CodeSha256"]) != latest["CodeSha256"]:
            raise invalid(
                f"CodeSHA256 ({request['CodeSha256']}) is different from current CodeSHA256 in "
                f"$LATEST ({latest['CodeSha256']}). Please try again with the CodeSHA256 in $LATEST."
            )
        config = publish(document, request)
    return shown(call, config, config["Version"])


def list_versions_by_function(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """List a function's versions, $LATEST first (ListVersionsByFunction)."""
    document = find(call, named(call, request["FunctionName"]))
    found = [shown(call, each, each["Version"]) for each in document["Versions"].values()]
    return paged(found, "Versions", request)


def create_alias(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Name a version (CreateAlias)."""
    target = named(call, request["FunctionName"])
    with changing(call, target) as document:
        name = request["Name"]
        if name in document["Aliases"]:
            text = f"Alias already exists: {arn(call, target.name, name)}"
            raise conflict(text)
        alias = {"Name": name, "Description": ""}
        document["Aliases"][name] = changed(call, document, target, alias, request)
    return answered(call, target, document["Aliases"][name])


def changed(
    call: Call, document: Document, target: Named, alias: Document, request: dict[str, Any]
) -> Document:
    """Return an alias with what a request asks for; ServiceError."""
    found = alias | {k: request[k] for k in ("FunctionVersion", "Description") if k in request}
    if "RoutingConfig" in request:
        found.pop("RoutingConfig", None)
        if request["RoutingConfig"].get("AdditionalVersionWeights"):
            found["RoutingConfig"] = request["RoutingConfig"]
    several = of_alias(found)
    for number in several:
        if number not in document["Versions"]:
            raise not_found(f"Function not found: {arn(call, target.name, number)}")
    if len(several) > 1 and LATEST in several:
        raise invalid("$LATEST is not supported for an alias pointing to more than 1 version")
    if len(several) > 2 or len(several) != len(set(several)):
        raise invalid("An alias can point to at most two different versions")
    return found | {"RevisionId": revision()}


def of_alias(alias: Document) -> list[str]:
    """Return the versions that an alias means."""
    weights = alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
    return [alias["FunctionVersion"], *weights]


def answered(call: Call, target: Named, alias: Document) -> dict[str, Any]:
    """Return an alias as answers have it."""
    return {"AliasArn": arn(call, target.name, alias["Name"]), **alias}


def update_alias(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Let an alias mean other versions (UpdateAlias)."""
    target = named(call, request["FunctionName"])
    with changing(call, target) as document:
        alias = existing(call, target, document, request["Name"])
        check_revision(request, alias["RevisionId"])
        alias = changed(call, document, target, alias, request)
        document["Aliases"][request["Name"]] = alias
    return answered(call, target, alias)


def existing(call: Call, target: Named, document: Document, name: str) -> Document:
    """Return an alias; ServiceError."""
    if name not in document["Aliases"]:
        raise not_found(f"Cannot find alias arn: {arn(call, target.name, name)}")
    found: Document = document["Aliases"][name]
    return found


def get_alias(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return an alias (GetAlias)."""
    target = named(call, request["FunctionName"])
    return answered(call, target, existing(call, target, find(call, target), request["Name"]))


def list_aliases(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """List a function's aliases, by name (ListAliases)."""
    target = named(call, request["FunctionName"])
    wanted = request.get("FunctionVersion")
    found = [
        answered(call, target, alias)
        for _, alias in sorted(find(call, target)["Aliases"].items())
        if wanted is None or wanted in of_alias(alias)
    ]
    return paged(found, "Aliases", request)


def delete_alias(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete an alias, if there is one (DeleteAlias)."""
    with changing(call, named(call, request["FunctionName"])) as document:
        document["Aliases"].pop(request["Name"], None)
    return {}


OPERATIONS: dict[str, Operation] = {
    "PublishVersion": publish_version,
    "ListVersionsByFunction": list_versions_by_function,
    "CreateAlias": create_alias,
    "UpdateAlias": update_alias,
    "GetAlias": get_alias,
    "ListAliases": list_aliases,
    "DeleteAlias": delete_alias,
}
