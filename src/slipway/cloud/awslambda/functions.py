"""The operations on functions themselves: made, changed, shown, listed, deleted."""

from typing import Any

from slipway.cloud.awslambda import code, configuration, pool, versions
from slipway.cloud.awslambda.errors import conflict, invalid, not_found
from slipway.cloud.awslambda.names import LATEST, named
from slipway.cloud.awslambda.store import (
    changing,
    check_revision,
    documents,
    find,
    modified,
    new,
    paged,
    revision,
    shown,
    version,
)
from slipway.cloud.service import Call, Operation

CREATING = {
    "State": "Pending",
    "StateReason": "The function is being created.",
    "StateReasonCode": "Creating",
}
UPDATING = {"LastUpdateStatus": "InProgress"}


def create_function(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make a function (CreateFunction); it is Active when somebody looks."""
    name = named(call, request["FunctionName"]).name
    if documents(call).get(name):
        raise conflict(f"Function already exist: {name}")
    config = configuration.created(call, name, request)
    config |= of_package(code.take(call.cloud, request["Code"]))
    document = new(config, request.get("Tags", {}))
    answer = shown(call, config) | CREATING
    if request.get("Publish"):
        answer = shown(call, versions.publish(document, {}), "1") | CREATING
    if not documents(call).create(name, document):
        raise conflict(f"Function already exist: {name}")
    return answer


def of_package(package: code.Package) -> dict[str, Any]:
    """Return what a configuration says of its code."""
    return {"CodeSha256": package.sha256, "CodeSize": package.size, "Digest": package.digest}


def update_function_code(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Give a function other code (UpdateFunctionCode)."""
    target = named(call, request["FunctionName"])
    find(call, target)
    package = of_package(code.take(call.cloud, request))
    with changing(call, target) as document:
        config = document["Versions"][LATEST]
        check_revision(request, config["RevisionId"])
        if request.get("DryRun"):
            return shown(call, config | package)
        config |= package | {"LastModified": modified(), "RevisionId": revision()}
        config["Architectures"] = request.get("Architectures", config["Architectures"])
        answer = shown(call, config) | UPDATING
        if request.get("Publish"):
            published = versions.publish(document, {})
            answer = shown(call, published, published["Version"])
    pool.forget(call.cloud, call.region, target.name, LATEST)
    return answer


def update_function_configuration(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Configure a function anew (UpdateFunctionConfiguration)."""
    target = named(call, request["FunctionName"])
    with changing(call, target) as document:
        config = document["Versions"][LATEST]
        check_revision(request, config["RevisionId"])
        config = configuration.changed(call, config, request)
        document["Versions"][LATEST] = config
    pool.forget(call.cloud, call.region, target.name, LATEST)
    return shown(call, config) | UPDATING


def get_function(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return all about a function (GetFunction)."""
    target = named(call, request["FunctionName"], request.get("Qualifier"))
    document = find(call, target)
    config = version(call, document, target)
    location = code.zipped(call.cloud, config["Digest"]).as_uri()
    answer: dict[str, Any] = {
        "Configuration": shown(call, config, target.qualifier),
        "Code": {"RepositoryType": "S3", "Location": location},
    }
    if document["Tags"]:
        answer["Tags"] = document["Tags"]
    if document["Reserved"] is not None:
        answer["Concurrency"] = {"ReservedConcurrentExecutions": document["Reserved"]}
    return answer


def get_function_configuration(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a function's configuration (GetFunctionConfiguration)."""
    target = named(call, request["FunctionName"], request.get("Qualifier"))
    return shown(call, version(call, find(call, target), target), target.qualifier)


def list_functions(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """List the functions of a region (ListFunctions)."""
    every = "FunctionVersion" in request
    found = [
        shown(call, config, config["Version"] if every else "")
        for _, document in sorted(documents(call).all())
        for config in document["Versions"].values()
        if every or config["Version"] == LATEST
    ]
    return paged(found, "Functions", request)


def delete_function(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a function, or a version of it (DeleteFunction)."""
    target = named(call, request["FunctionName"], request.get("Qualifier"))
    if not target.qualifier:
        find(call, target)
        documents(call).delete(target.name)
    elif target.qualifier == LATEST:
        raise invalid("$LATEST version cannot be deleted without deleting the function.")
    else:
        with changing(call, target) as document:
            users = [
                name
                for name, alias in document["Aliases"].items()
                if target.qualifier in versions.of_alias(alias)
            ]
            if users:
                raise conflict(f"Version {target.qualifier} is used by the aliases {users}")
            if document["Versions"].pop(target.qualifier, None) is None:
                raise not_found(f"Function not found: {request['FunctionName']}")
    pool.forget(call.cloud, call.region, target.name, target.qualifier)
    return {"StatusCode": 204}


OPERATIONS: dict[str, Operation] = {
    "CreateFunction": create_function,
    "UpdateFunctionCode": update_function_code,
    "UpdateFunctionConfiguration": update_function_configuration,
    "GetFunction": get_function,
    "GetFunctionConfiguration": get_function_configuration,
    "ListFunctions": list_functions,
    "DeleteFunction": delete_function,
}
