"""Inference components: models that share the instances of one endpoint."""

from collections.abc import Mapping
from typing import Any

from slipway.cloud.sagemaker import hosted_models, tags
from slipway.cloud.sagemaker.arns import arn
from slipway.cloud.sagemaker.endpoints import store as endpoint_store
from slipway.cloud.sagemaker.inference_components import documents, lives, store
from slipway.cloud.sagemaker.inference_components.documents import Document
from slipway.cloud.sagemaker.listing import Listing
from slipway.cloud.service import Call, Operation, invalid

LISTING = Listing(
    name="InferenceComponentName",
    sort={
        "Name": "InferenceComponentName",
        "CreationTime": "CreationTime",
        "Status": "InferenceComponentStatus",
    },
    order="Descending",
    equal={
        "StatusEquals": "InferenceComponentStatus",
        "EndpointNameEquals": "EndpointName",
        "VariantNameEquals": "VariantName",
    },
)


def create(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Begin to create a component (CreateInferenceComponent)."""
    name, specification = request["InferenceComponentName"], request.get("Specification")
    if specification is None:
        raise invalid("Specification must be given.")
    endpoint = endpoint_store.found(call, request["EndpointName"])
    endpoint_store.refuse_in_progress(endpoint)
    variant = variant_of(endpoint, request.get("VariantName"))
    model = model_of(call, name, specification)
    copies = request.get("RuntimeConfig", {"CopyCount": 1})["CopyCount"]
    of = arn(call, "inference-component", name)
    time = endpoint_store.now()
    document = documents.new(endpoint, variant, name, of, specification, model, copies, time)
    with call.cloud.state.transaction():
        if not store.components(call).create(name.lower(), document):
            raise invalid(f'Cannot create already existing inference component "{of}".')
        tags.put(call, of, request.get("Tags"))
    lives.begin(call, name, lives.create)
    return {"InferenceComponentArn": of}


def variant_of(endpoint: Mapping[str, Any], asked: str | None) -> str:
    """Return the variant that a component's copies belong to; ServiceError when it takes none."""
    settings = endpoint["Config"]["ProductionVariants"][0]
    name: str = settings["VariantName"]
    if "ModelName" in settings:
        raise invalid(
            f'Endpoint "{endpoint["EndpointArn"]}" hosts no inference components: its variant {name} '
            "has a ModelName."
        )
    if asked not in (None, name):
        raise invalid(
            f'Endpoint "{endpoint["EndpointArn"]}" has no variant {asked}; it has {name}.'
        )
    return name


def model_of(call: Call, name: str, specification: Mapping[str, Any]) -> hosted_models.Model:
    """Return the model of a specification, resolved; ServiceError when it is wrong or gone."""
    for problem in documents.problems(specification):
        raise invalid(problem)
    if "ModelName" in specification:
        model = hosted_models.resolved(call, specification["ModelName"])
    else:
        model = documents.container_model(name, specification["Container"])
    hosted_models.identify(call, model)
    return model


def describe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a component (DescribeInferenceComponent)."""
    return documents.shown(store.found(call, request["InferenceComponentName"]))


def list_components(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of components (ListInferenceComponents)."""
    page, token = LISTING.page(store.all_of(call), request)
    return {"InferenceComponents": [documents.listed(each) for each in page], "NextToken": token}


def update(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Begin to replace a component's specification or number of copies (UpdateInferenceComponent)."""
    name, specification = request["InferenceComponentName"], request.get("Specification")
    document = store.found(call, name)
    following = None
    if specification is not None:
        model = model_of(call, document["InferenceComponentName"], specification)
        shown = documents.described(specification, model, endpoint_store.now())
        following = {"Specification": shown, "Model": model}

    def prepare(document: Document) -> None:
        if "RuntimeConfig" in request:
            document["RuntimeConfig"]["DesiredCopyCount"] = request["RuntimeConfig"]["CopyCount"]
        if "DeploymentConfig" in request:
            document["LastDeploymentConfig"] = request["DeploymentConfig"]
        if following:
            document["Next"] = following

    store.begin(call, name, "Updating", prepare)
    lives.begin(call, name, lives.update if following else lives.resize)
    return {"InferenceComponentArn": document["InferenceComponentArn"]}


def update_runtime(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Begin to change a component's number of copies (UpdateInferenceComponentRuntimeConfig)."""
    name, runtime = request["InferenceComponentName"], request["DesiredRuntimeConfig"]
    return update(call, {"InferenceComponentName": name, "RuntimeConfig": runtime})


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Begin to delete a component (DeleteInferenceComponent)."""
    name = request["InferenceComponentName"]
    store.begin(call, name, "Deleting", lambda document: None)
    lives.begin(call, name, lives.delete)
    return {}


OPERATIONS: dict[str, Operation] = {
    "CreateInferenceComponent": create,
    "DescribeInferenceComponent": describe,
    "ListInferenceComponents": list_components,
    "UpdateInferenceComponent": update,
    "UpdateInferenceComponentRuntimeConfig": update_runtime,
    "DeleteInferenceComponent": delete,
}
