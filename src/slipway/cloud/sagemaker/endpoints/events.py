"""The events that endpoints and their configurations send."""

import re
from collections.abc import Mapping
from typing import Any

from slipway.cloud.sagemaker import tags
from slipway.cloud.sagemaker.endpoints.documents import TIMES
from slipway.cloud.sagemaker.listing import moment
from slipway.cloud.service import Call

STATE = "SageMaker Endpoint State Change"
DEPLOYMENT = "SageMaker Endpoint Deployment State Change"
CONFIG = "SageMaker Endpoint Config State Change"
# Of a configuration's event; those that it does not have are null
IN_CONFIG = (
    *("EndpointConfigName", "EndpointConfigArn", "ProductionVariants", "DataCaptureConfig"),
    *("KmsKeyId", "CreationTime", "AsyncInferenceConfig", "ExplainerConfig"),
    "ShadowProductionVariants",
)
IN_STATE = ("EndpointName", "EndpointArn", "EndpointConfigName")
OF_A_VARIANT = ("VariantName", "DesiredWeight", "DesiredInstanceCount")
DEPLOYED = (*OF_A_VARIANT, "CurrentWeight", "CurrentInstanceCount", "VariantStatus")


def published(call: Call, document: Mapping[str, Any], tagged: tags.Tags | None = None) -> None:
    """Publish the status of an endpoint. `tagged` are its tags, where they are gone already."""
    send(call, STATE, document["EndpointArn"], state_detail(document), tagged)


def deployment_published(call: Call, document: Mapping[str, Any]) -> None:
    """Publish what an update in progress does to an endpoint's variants."""
    send(call, DEPLOYMENT, document["EndpointArn"], deployment_detail(document), None)


def config_published(
    call: Call, config: Mapping[str, Any], tagged: tags.Tags | None = None
) -> None:
    """Publish that a configuration came or went."""
    detail = milliseconds({member: config.get(member) for member in IN_CONFIG})
    send(call, CONFIG, config["EndpointConfigArn"], detail, tagged)


def send(call: Call, kind: str, arn: str, detail: dict[str, Any], tagged: tags.Tags | None) -> None:
    """Publish an event about a resource, with the resource's tags as a map."""
    found = tags.of(call, arn) if tagged is None else tagged
    detail["Tags"] = {tag["Key"]: tag["Value"] for tag in found}
    call.cloud.events.publish(kind, detail, region=call.region, resources=(arn,))


def state_detail(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an endpoint's event says; its status is in upper case, its times in ms."""
    detail = base(document)
    detail["ProductionVariants"] = parts(document["ProductionVariants"], OF_A_VARIANT)
    if "FailureReason" in document:
        detail["FailureReason"] = document["FailureReason"]
    return detail


def deployment_detail(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the event of a deployment says."""
    detail = base(document)
    detail["ProductionVariants"] = parts(document["ProductionVariants"], DEPLOYED)
    if summary := document.get("PendingDeploymentSummary"):
        detail["PendingDeploymentSummary"] = {
            "EndpointConfigName": summary["EndpointConfigName"],
            "StartTime": epoch(summary["StartTime"]),
            "ProductionVariants": parts(summary["ProductionVariants"], DEPLOYED),
        }
    return detail


def base(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what both events of an endpoint have."""
    return {
        **{member: document[member] for member in IN_STATE},
        "EndpointStatus": upper_snake(document["EndpointStatus"]),
        "CreationTime": epoch(document["CreationTime"]),
        "LastModifiedTime": epoch(document["LastModifiedTime"]),
    }


def parts(summaries: list[Any], members: tuple[str, ...]) -> list[dict[str, Any]]:
    """Return some members of each variant."""
    return [
        milliseconds({member: variant[member] for member in members if member in variant})
        for variant in summaries
    ]


def upper_snake(status: str) -> str:
    """Return a status as events write it: InService as IN_SERVICE."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", status).upper()


def milliseconds(value: Any) -> Any:
    """Return a JSON value with its times as milliseconds since 1970."""
    if isinstance(value, Mapping):
        return {
            name: epoch(inner) if name in TIMES and inner is not None else milliseconds(inner)
            for name, inner in value.items()
        }
    return [milliseconds(inner) for inner in value] if isinstance(value, list) else value


def epoch(time: Any) -> int:
    """Return a stored time as milliseconds since 1970."""
    return round(moment(time).timestamp() * 1000)
