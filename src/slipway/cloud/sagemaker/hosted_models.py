"""Models as they are served: every container with its image and its artifacts.

What a container takes from a package of the registry stands in it as if the model said so itself.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from slipway.cloud.sagemaker.containers import image as image_of
from slipway.cloud.sagemaker.endpoints.documents import digest, settings_of
from slipway.cloud.sagemaker.model_packages.documents import found
from slipway.cloud.sagemaker.models import containers, model_of
from slipway.cloud.service import Call, ServiceError, invalid

Model = dict[str, Any]

FROM_A_PACKAGE = (
    *("Image", "ModelDataUrl", "ModelDataSource", "AdditionalModelDataSources"),
    *("ContainerHostname", "Framework"),
    *("FrameworkVersion", "NearestModelName"),
)


def models_of(call: Call, config: Mapping[str, Any]) -> dict[str, Model]:
    """Return the models of an endpoint configuration by name, as `resolved`, with their images' digests.

    Raises:
        ServiceError: A model, or a package that it names, is gone.
    """
    names = [each["ModelName"] for each in settings_of(config) if "ModelName" in each]
    models = {name: resolved(call, name) for name in names}
    for model in models.values():
        identify(call, model)
    return models


def identify(call: Call, model: Model) -> None:
    """Write into a resolved model which image stands for each container's, as a digest."""
    for container in model["Containers"]:
        with suppress(ServiceError):  # nothing stands for it: what starts the container says so
            image = image_of(call.cloud, container["Image"])
            container["ResolvedImage"] = digest(container["Image"], image)


def resolved(call: Call, name: str) -> Model:
    """Return what DescribeModel shows of a model, with all containers in `Containers`, resolved.

    A model of one container that was created as PrimaryContainer has `Primary` true.

    Raises:
        ServiceError: The model, or a package that it names, is gone.
    """
    model = model_of(call, name)
    every = [each for container in containers(model) for each in expanded(call, container)]
    kept = {member: value for member, value in model.items() if member != "PrimaryContainer"}
    return kept | {"Containers": every, "Primary": "PrimaryContainer" in model}


def expanded(call: Call, container: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a container of a model as its own image, or as the containers of its package."""
    if "ModelPackageName" not in container:
        return [dict(container)]
    own = {member: value for member, value in container.items() if member != "ModelPackageName"}
    package = found(call, container["ModelPackageName"])
    wanted = own.pop("InferenceSpecificationName", None)
    return [merged(each, own) for each in specified(package, wanted)]


def specified(package: Mapping[str, Any], name: str | None) -> list[dict[str, Any]]:
    """Return the containers of a package's inference specification, or of an additional one."""
    arn = package["ModelPackageArn"]
    if name is None:
        specification = package.get("InferenceSpecification")
        if not specification:
            raise invalid(f"ModelPackage {arn} has no InferenceSpecification to serve from.")
    else:
        additional = package.get("AdditionalInferenceSpecifications", [])
        specification = next((each for each in additional if each["Name"] == name), None)
        if specification is None:
            raise invalid(f"ModelPackage {arn} has no inference specification named {name}.")
    found: list[dict[str, Any]] = specification["Containers"]
    return found


def merged(of_package: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return a package's container with what the model says of it; the model's variables win."""
    taken = {member: of_package[member] for member in FROM_A_PACKAGE if member in of_package}
    environment = of_package.get("Environment", {}) | own.get("Environment", {})
    return {**taken, **own, "Environment": environment}
