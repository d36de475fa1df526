"""What can be scaled of SageMaker, and how: read and changed through its API, as any client does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from slipway.cloud.api import client
from slipway.cloud.cloud import Cloud
from slipway.cloud.service import ServiceError

INSTANCES = "sagemaker:variant:DesiredInstanceCount"
CONCURRENCY = "sagemaker:variant:DesiredProvisionedConcurrency"
COPIES = "sagemaker:inference-component:DesiredCopyCount"
NOUNS = {INSTANCES: "instance count", CONCURRENCY: "provisioned concurrency", COPIES: "copy count"}
VARIANT = re.compile(r"endpoint/([^/]+)/variant/([^/]+)")
COMPONENT = re.compile(r"inference-component/([^/]+)")


@dataclass(frozen=True)
class Resource:
    """A variant of an endpoint, or an inference component (whose `variant` is "")."""

    region: str
    id: str  # "endpoint/e/variant/v"
    dimension: str
    name: str  # of the endpoint or the component
    variant: str = ""


@dataclass(frozen=True)
class Capacity:
    """What a resource has."""

    desired: int
    current: int
    ready: bool  # nothing is changing it
    failure: str = ""  # why the last change came to nothing


def resource(region: str, id: str, dimension: str) -> Resource:
    """Return the resource of an Id; ServiceError when there is no such thing to scale."""
    if dimension in (INSTANCES, CONCURRENCY) and (found := VARIANT.fullmatch(id)):
        return Resource(region, id, dimension, found[1], found[2])
    if dimension == COPIES and (found := COMPONENT.fullmatch(id)):
        return Resource(region, id, dimension, found[1])
    raise ServiceError(
        "ValidationException",
        f"Unsupported service namespace, resource type or scalable dimension: sagemaker, {id}, "
        f"{dimension}; expected endpoint/NAME/variant/NAME or inference-component/NAME with its "
        "dimension.",
    )


def read(cloud: Cloud, of: Resource) -> Capacity:
    """Return what a resource has; ServiceError when it is not there."""
    api = client(cloud, "sagemaker", of.region)
    try:
        if of.dimension == COPIES:
            return of_component(api.describe_inference_component(InferenceComponentName=of.name))
        return of_variant(api.describe_endpoint(EndpointName=of.name), of)
    except ClientError as error:
        found = error.response["Error"]
        raise ServiceError("ValidationException", found.get("Message", str(error))) from error


def of_component(document: Mapping[str, Any]) -> Capacity:
    """Return what a described inference component has."""
    counts = document["RuntimeConfig"]
    return Capacity(
        counts["DesiredCopyCount"],
        counts["CurrentCopyCount"],
        document["InferenceComponentStatus"] == "InService",
        document.get("FailureReason", ""),
    )


def of_variant(document: Mapping[str, Any], of: Resource) -> Capacity:
    """Return what a variant of a described endpoint has; ServiceError when it has no such variant."""
    ready, failure = document["EndpointStatus"] == "InService", document.get("FailureReason", "")
    for variant in document.get("ProductionVariants", []):
        if variant["VariantName"] != of.variant:
            continue
        if of.dimension == INSTANCES and "DesiredInstanceCount" in variant:
            counts = (variant["DesiredInstanceCount"], variant["CurrentInstanceCount"])
            return Capacity(*counts, ready, failure)
        if of.dimension == CONCURRENCY and "CurrentServerlessConfig" in variant:
            current = variant["CurrentServerlessConfig"]
            desired = variant.get("DesiredServerlessConfig", current)
            member = "ProvisionedConcurrency"
            return Capacity(desired.get(member, 0), current.get(member, 0), ready, failure)
        text = f"Variant {of.variant} of endpoint {of.name} has no {NOUNS[of.dimension]}."
        raise ServiceError("ValidationException", text)
    text = f"Endpoint {of.name} has no variant {of.variant}."
    raise ServiceError("ValidationException", text)


def change(cloud: Cloud, of: Resource, count: int) -> str:
    """Ask for a capacity; return "", or why it is refused."""
    api = client(cloud, "sagemaker", of.region)
    try:
        if of.dimension == COPIES:
            api.update_inference_component_runtime_config(
                InferenceComponentName=of.name, DesiredRuntimeConfig={"CopyCount": count}
            )
            return ""
        wish: dict[str, Any] = {"VariantName": of.variant}
        if of.dimension == INSTANCES:
            wish["DesiredInstanceCount"] = count
        else:
            now = variant_of(api.describe_endpoint(EndpointName=of.name), of)
            most = now["CurrentServerlessConfig"]["MaxConcurrency"]
            wish["ServerlessUpdateConfig"] = {
                "MaxConcurrency": max(most, count),
                "ProvisionedConcurrency": count,
            }
        api.update_endpoint_weights_and_capacities(
            EndpointName=of.name, DesiredWeightsAndCapacities=[wish]
        )
    except ClientError as error:
        return str(error.response["Error"].get("Message", error))
    return ""


def variant_of(document: Mapping[str, Any], of: Resource) -> dict[str, Any]:
    """Return the summary of a variant."""
    summaries = document["ProductionVariants"]
    return next(each for each in summaries if each["VariantName"] == of.variant)
