"""Layers: versions of files that functions find in /opt."""

from collections.abc import Mapping
from typing import Any

from slipway.cloud.awslambda import code
from slipway.cloud.awslambda.errors import invalid, not_found
from slipway.cloud.awslambda.names import layer_arn
from slipway.cloud.awslambda.store import modified, paged
from slipway.cloud.service import Call, Operation
from slipway.cloud.state import Documents

KIND = "LambdaLayer"
KEPT = ("Description", "LicenseInfo", "CompatibleRuntimes", "CompatibleArchitectures")
MOST = 5  # of a function


def documents(call: Call) -> Documents:
    """Return the layers of the call's region."""
    return call.cloud.state.documents(call.region, KIND)


def name_of(call: Call, said: str) -> str:
    """Return a layer's name, where a request may have its ARN; ServiceError for one of elsewhere."""
    if not said.startswith("arn:"):
        return said
    if not said.startswith(layer_arn(call, "")):
        raise absent()
    return said.removeprefix(layer_arn(call, "")).partition(":")[0]


def absent() -> Exception:
    """Return the refusal of a name that no layer has."""
    return not_found("The resource you requested does not exist.")


def publish_layer_version(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Publish a version of a layer (PublishLayerVersion)."""
    package = code.take(call.cloud, request["Content"])
    name = name_of(call, request["LayerName"])
    with call.cloud.state.transaction():
        if (layer := documents(call).get(name)) is None:
            layer = {"Last": 0, "Versions": {}}
            documents(call).create(name, layer)
        layer["Last"] += 1
        found = {member: request[member] for member in KEPT if member in request}
        found |= {"Digest": package.digest, "Size": package.size, "CreatedDate": modified()}
        layer["Versions"][str(layer["Last"])] = found
        documents(call).replace(name, layer)
    return whole(call, name, layer["Last"], found)


def whole(call: Call, name: str, number: int, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return all about a version of a layer."""
    package = code.Package(found["Digest"], found["Size"])
    return {
        "Content": {
            "Location": code.zipped(call.cloud, package.digest).as_uri(),
            "CodeSha256": package.sha256,
            "CodeSize": package.size,
        },
        "LayerArn": layer_arn(call, name),
        **listed(call, name, number, found),
    }


def listed(call: Call, name: str, number: int, found: Mapping[str, Any]) -> dict[str, Any]:
    """Return a version of a layer as lists have it."""
    return {
        "LayerVersionArn": f"{layer_arn(call, name)}:{number}",
        "Version": number,
        **{k: v for k, v in found.items() if k not in ("Digest", "Size")},
    }


def version(call: Call, name: str, number: int) -> dict[str, Any]:
    """Return what is kept of a version of a layer; ServiceError."""
    layer = documents(call).get(name) or {"Versions": {}}
    if (found := layer["Versions"].get(str(number))) is None:
        raise absent()
    kept: dict[str, Any] = found
    return kept


def used(call: Call, arn: str) -> dict[str, Any]:
    """Return a layer's version as a function's configuration has it; ServiceError."""
    name, _, number = arn.removeprefix(layer_arn(call, "")).partition(":")
    layer = documents(call).get(name) if arn.startswith(layer_arn(call, "")) else None
    found = (layer or {"Versions": {}})["Versions"].get(number)
    if found is None:
        text = (
            f"Layer version {arn} does not exist. The local cloud has the layers published to it."
        )
        raise invalid(text)
    return {"Arn": arn, "CodeSize": found["Size"]}


def digests(call: Call, config: Mapping[str, Any]) -> list[str]:
    """Return the packages of a function's layers; a version that was deleted is still used."""
    found = []
    for each in config.get("Layers", []):
        name, _, number = each["Arn"].removeprefix(layer_arn(call, "")).partition(":")
        layer = documents(call).get(name) or {}
        kept = {**layer.get("Versions", {}), **layer.get("Deleted", {})}
        found.append(kept[number]["Digest"])
    return found


def get_layer_version(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a version of a layer (GetLayerVersion)."""
    name, number = name_of(call, request["LayerName"]), request["VersionNumber"]
    return whole(call, name, number, version(call, name, number))


def get_layer_version_by_arn(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a version of a layer (GetLayerVersionByArn)."""
    name, number = name_of(call, request["Arn"]), int(request["Arn"].rpartition(":")[2])
    return whole(call, name, number, version(call, name, number))


def suits(found: Mapping[str, Any], request: Mapping[str, Any]) -> bool:
    """Tell whether a version is for the runtime and the architecture that a request names."""
    return all(
        request[asked] in found.get(member, [request[asked]])
        for asked, member in (
            ("CompatibleRuntime", "CompatibleRuntimes"),
            ("CompatibleArchitecture", "CompatibleArchitectures"),
        )
        if asked in request
    )


def list_layer_versions(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """List a layer's versions, the latest first (ListLayerVersions)."""
    name = name_of(call, request["LayerName"])
    versions = (documents(call).get(name) or {"Versions": {}})["Versions"]
    found = [
        listed(call, name, int(number), kept)
        for number, kept in reversed(versions.items())
        if suits(kept, request)
    ]
    return paged(found, "LayerVersions", request)


def list_layers(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """List the layers, each with its latest version (ListLayers)."""
    found = []
    for name, layer in sorted(documents(call).all()):
        suiting = [(int(n), kept) for n, kept in layer["Versions"].items() if suits(kept, request)]
        if suiting:
            number, kept = max(suiting, key=lambda pair: pair[0])
            latest = listed(call, name, number, kept)
            arn = layer_arn(call, name)
            found.append({"LayerName": name, "LayerArn": arn, "LatestMatchingVersion": latest})
    return paged(found, "Layers", request)


def delete_layer_version(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a version of a layer; functions that use it go on (DeleteLayerVersion)."""
    name, number = name_of(call, request["LayerName"]), str(request["VersionNumber"])
    with call.cloud.state.transaction():
        layer = documents(call).get(name)
        if layer and number in layer["Versions"]:
            layer.setdefault("Deleted", {})[number] = layer["Versions"].pop(number)
            documents(call).replace(name, layer)
    return {}


OPERATIONS: dict[str, Operation] = {
    "PublishLayerVersion": publish_layer_version,
    "GetLayerVersion": get_layer_version,
    "GetLayerVersionByArn": get_layer_version_by_arn,
    "ListLayerVersions": list_layer_versions,
    "ListLayers": list_layers,
    "DeleteLayerVersion": delete_layer_version,
}
