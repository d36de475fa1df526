"""Endpoint configurations: which models serve, on how many instances, with what part of the traffic."""

from typing import Any

from slipway.cloud.sagemaker import tags
from slipway.cloud.sagemaker.arns import arn
from slipway.cloud.sagemaker.endpoints import events
from slipway.cloud.sagemaker.endpoints.config_rules import model_problems, problems
from slipway.cloud.sagemaker.endpoints.documents import settings_of
from slipway.cloud.sagemaker.endpoints.store import now
from slipway.cloud.sagemaker.listing import Listing, moment
from slipway.cloud.sagemaker.models import model_of
from slipway.cloud.service import Call, Operation, invalid
from slipway.cloud.state import Documents

Config = dict[str, Any]  # what DescribeEndpointConfig answers, with the time as an ISO string

LISTING = Listing(
    name="EndpointConfigName",
    sort={"Name": "EndpointConfigName", "CreationTime": "CreationTime"},
    order="Descending",
)
SUMMARY = ("EndpointConfigName", "EndpointConfigArn")


def create(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Create a configuration (CreateEndpointConfig)."""
    for problem in problems(request):
        raise invalid(problem)
    of = arn(call, "endpoint-config", request["EndpointConfigName"])
    config = {member: value for member, value in request.items() if member != "Tags"}
    config |= {"EndpointConfigArn": of, "CreationTime": now()}
    for settings in settings_of(config):
        settings.setdefault("InitialVariantWeight", 1.0)
    with call.cloud.state.transaction():
        for settings in settings_of(config):
            if "ModelName" in settings:
                for problem in model_problems(settings, model_of(call, settings["ModelName"])):
                    raise invalid(problem)
        if not configs(call).create(request["EndpointConfigName"].lower(), config):
            raise invalid(f'Cannot create already existing endpoint configuration "{of}".')
        tags.put(call, of, request.get("Tags"))
        events.config_published(call, config)
    return {"EndpointConfigArn": of}


def describe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a configuration (DescribeEndpointConfig)."""
    config = found(call, request["EndpointConfigName"])
    return config | {"CreationTime": moment(config["CreationTime"])}


def list_configs(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of configurations (ListEndpointConfigs)."""
    page, token = LISTING.page([config for _, config in configs(call).all()], request)
    summaries = [
        {member: config[member] for member in SUMMARY}
        | {"CreationTime": moment(config["CreationTime"])}
        for config in page
    ]
    return {"EndpointConfigs": summaries, "NextToken": token}


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a configuration; an endpoint that was made from it serves on (DeleteEndpointConfig)."""
    with call.cloud.state.transaction():
        config = found(call, request["EndpointConfigName"])
        configs(call).delete(request["EndpointConfigName"].lower())
        of_it = tags.of(call, config["EndpointConfigArn"])
        tags.forget(call, config["EndpointConfigArn"])
        events.config_published(call, config, of_it)
    return {}


def found(call: Call, name: str) -> Config:
    """Return the configuration of a name; ServiceError when there is none."""
    config = configs(call).get(name.lower())
    if config is None:
        of = arn(call, "endpoint-config", name)
        raise invalid(f'Could not find endpoint configuration "{of}".')
    return config


def configs(call: Call) -> Documents:
    """Return the documents of configurations, by name in lower case."""
    return call.cloud.state.documents(call.region, "EndpointConfig")


OPERATIONS: dict[str, Operation] = {
    "CreateEndpointConfig": create,
    "DescribeEndpointConfig": describe,
    "ListEndpointConfigs": list_configs,
    "DeleteEndpointConfig": delete,
}
