"""Models: an image and its artifacts, or a package of the registry, ready to be served."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from slipway.cloud.sagemaker import tags
from slipway.cloud.sagemaker.arns import arn
from slipway.cloud.sagemaker.listing import Listing, moment
from slipway.cloud.sagemaker.model_packages.documents import found
from slipway.cloud.service import Call, Operation, invalid
from slipway.cloud.state import Documents
from slipway.jobs.storage import NoSuchBucket, split_uri

Model = dict[str, Any]

LISTING = Listing(
    name="ModelName",
    sort={"Name": "ModelName", "CreationTime": "CreationTime"},
    order="Descending",
)
DEFAULTS = {"Mode": "SingleModel", "Environment": {}}  # of a container, as AWS shows them
SUMMARY = ("ModelName", "ModelArn")
IN_A_PACKAGE = ("ContainerHostname", "Image", "ModelDataUrl", "ModelDataSource", "Environment")


def create(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a model from containers (CreateModel)."""
    if ("PrimaryContainer" in request) == ("Containers" in request):
        raise invalid("Expected exactly one of PrimaryContainer and Containers.")
    for container in containers(request):
        check(call, container)
    of = arn(call, "model", request["ModelName"])
    model = {member: value for member, value in request.items() if member != "Tags"}
    model |= {"ModelArn": of, "CreationTime": datetime.now(UTC).isoformat()}
    with call.cloud.state.transaction():
        if not models(call).create(request["ModelName"].lower(), model):
            raise invalid(f'Cannot create already existing model "{of}".')
        tags.put(call, of, request.get("Tags"))
        published(call, model)
    return {"ModelArn": of}


def check(call: Call, container: Mapping[str, Any]) -> None:
    """Refuse a container that nothing could be served from."""
    package = container.get("ModelPackageName")
    if not package and "Image" not in container:
        raise invalid("A container needs an Image or a ModelPackageName.")
    if package:
        check_package(call, package)
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    # What is below a prefix, a multi-model's for one, may come and go.
    fixed = container.get("Mode") != "MultiModel" and source.get("S3DataType") != "S3Prefix"
    url = container.get("ModelDataUrl", source.get("S3Uri", ""))
    if fixed and url.startswith("s3:") and not there(call, url):
        raise invalid(f"Could not find model data at {url}.")


def there(call: Call, url: str) -> bool:
    """Tell whether an S3 object exists."""
    try:
        return call.cloud.objects.get(*split_uri(url)) is not None
    except NoSuchBucket:
        return False


def check_package(call: Call, name: str) -> None:
    """Refuse a package that does not exist or, of a group, is not approved."""
    package = found(call, name)
    if package.get("ModelApprovalStatus", "Approved") != "Approved":
        raise invalid(
            f"ModelPackage {package['ModelPackageArn']} is {package['ModelApprovalStatus']}: it must "
            "be Approved before a model can be created from it."
        )


def describe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a model (DescribeModel)."""
    model = model_of(call, request["ModelName"])
    shown: Model = {"EnableNetworkIsolation": False} | model
    if "PrimaryContainer" in model:
        shown["PrimaryContainer"] = DEFAULTS | model["PrimaryContainer"]
    else:
        shown["Containers"] = [DEFAULTS | container for container in model["Containers"]]
    return shown | {"CreationTime": moment(model["CreationTime"])}


def list_models(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of models (ListModels)."""
    page, token = LISTING.page([model for _, model in models(call).all()], request)
    summaries = [
        {member: model[member] for member in SUMMARY}
        | {"CreationTime": moment(model["CreationTime"])}
        for model in page
    ]
    return {"Models": summaries, "NextToken": token}


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a model, not its artifacts (DeleteModel)."""
    with call.cloud.state.transaction():
        model = model_of(call, request["ModelName"])
        models(call).delete(request["ModelName"].lower())
        of_it = tags.of(call, model["ModelArn"])
        tags.forget(call, model["ModelArn"])
        published(call, model, of_it)
    return {}


def containers_of(call: Call, of: str) -> list[dict[str, Any]]:
    """Return a model's containers as a package holds them; ServiceError when there is no such model."""
    model = model_of(call, of.rpartition(":model/")[2])
    return [
        {member: container[member] for member in IN_A_PACKAGE if member in container}
        for container in containers(model)
    ]


def containers(model: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return all containers of a model or of the request for one."""
    found: list[dict[str, Any]] = model.get("Containers", [])
    return [model["PrimaryContainer"]] if "PrimaryContainer" in model else found


def model_of(call: Call, name: str) -> Model:
    """Return the model of a name; ServiceError when there is none."""
    model = models(call).get(name.lower())
    if model is None:
        raise invalid(f'Could not find model "{arn(call, "model", name)}".')
    return model


def models(call: Call) -> Documents:
    """Return the documents of models, by name in lower case: AWS's ARNs know no case."""
    return call.cloud.state.documents(call.region, "Model")


def published(call: Call, model: Model, tagged: tags.Tags | None = None) -> None:
    """Publish that a model came or went."""
    found = tags.of(call, model["ModelArn"]) if tagged is None else tagged
    detail = model | {"Tags": {tag["Key"]: tag["Value"] for tag in found}}
    call.cloud.events.publish(
        "SageMaker Model State Change",
        detail,
        region=call.region,
        resources=(model["ModelArn"],),
    )


OPERATIONS: dict[str, Operation] = {
    "CreateModel": create,
    "DescribeModel": describe,
    "ListModels": list_models,
    "DeleteModel": delete,
}
