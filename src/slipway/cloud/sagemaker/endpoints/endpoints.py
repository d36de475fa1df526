"""Endpoints: a configuration that serves."""

from typing import Any

from slipway.cloud.hosting import guardrails
from slipway.cloud.hosting.instances import settings_of_the_machine
from slipway.cloud.sagemaker import tags
from slipway.cloud.sagemaker.arns import arn
from slipway.cloud.sagemaker.endpoints import documents, events, lives, quota, store
from slipway.cloud.sagemaker.endpoints.configs import found as config_of
from slipway.cloud.sagemaker.hosted_models import models_of
from slipway.cloud.sagemaker.inference_components.store import of_endpoint
from slipway.cloud.sagemaker.listing import Listing
from slipway.cloud.sagemaker_runtime import notices
from slipway.cloud.service import Call, Operation, invalid

LISTING = Listing(
    name="EndpointName",
    sort={"Name": "EndpointName", "CreationTime": "CreationTime", "Status": "EndpointStatus"},
    order="Descending",
    equal={"StatusEquals": "EndpointStatus"},
)


def create(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Begin to create an endpoint (CreateEndpoint)."""
    name = request["EndpointName"]
    of = arn(call, "endpoint", name)
    deployment = request.get("DeploymentConfig", {})
    for fault in guardrails.faults(deployment):
        raise invalid(fault)
    config = config_of(call, request["EndpointConfigName"])
    models = models_of(call, config)
    settings_of_the_machine()  # what is wrong there is refused now
    quota.check_config(call, config)
    notices.announce(call, config)
    document = documents.new(name, of, config, models, store.now(), deployment)
    with call.cloud.state.transaction():
        if not store.endpoints(call).create(name.lower(), document):
            raise invalid(f'Cannot create already existing endpoint "{of}".')
        tags.put(call, of, request.get("Tags"))
        events.published(call, document)
    lives.begin(call, name, lives.create)
    return {"EndpointArn": of}


def describe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return an endpoint (DescribeEndpoint)."""
    return documents.shown(store.found(call, request["EndpointName"]))


def list_endpoints(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of endpoints (ListEndpoints)."""
    page, token = LISTING.page(store.all_of(call), request)
    return {"Endpoints": [documents.listed(item) for item in page], "NextToken": token}


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Begin to delete an endpoint, not its configuration and models (DeleteEndpoint)."""

    def deleting(document: documents.Document, now: str) -> None:
        store.refuse_in_progress(document)
        if hosted := of_endpoint(call, document["EndpointName"]):
            names = ", ".join(each["InferenceComponentName"] for each in hosted)
            raise invalid(
                f'Cannot delete endpoint "{document["EndpointArn"]}": it hosts the inference '
                f"component(s) {names}; delete them first."
            )
        documents.enter(document, "Deleting", now)

    store.change(call, request["EndpointName"], deleting)
    lives.begin(call, request["EndpointName"], lives.delete)
    return {}


OPERATIONS: dict[str, Operation] = {
    "CreateEndpoint": create,
    "DescribeEndpoint": describe,
    "ListEndpoints": list_endpoints,
    "DeleteEndpoint": delete,
}
