"""What Application Auto Scaling keeps: documents by target, policy, scheduled action and activity."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from slipway.cloud.clock import now
from slipway.cloud.cloud import Cloud
from slipway.cloud.cloudwatch.pages import offset, token
from slipway.cloud.service import ServiceError
from slipway.cloud.state import Documents

NAMESPACE = "sagemaker"
TARGET, POLICY, ACTION, ACTIVITY = (
    *("ScalableTarget", "ScalingPolicy"),
    *("ScheduledScalingAction", "ScalingActivity"),
)
REMEMBERED = 42 * 86400  # seconds that activities are kept, six weeks as on AWS
PAGE = 50

Document = dict[str, Any]


def kept(cloud: Cloud, region: str, kind: str) -> Documents:
    """Return the documents of a kind; members that are none of the API's begin in lower case."""
    return cloud.state.documents(region, kind)


def key(document: Mapping[str, Any], name: str = "") -> str:
    """Return the key of what belongs to a resource and a dimension."""
    return "|".join(
        [document["ResourceId"], document["ScalableDimension"], *([name] if name else [])]
    )


def target_of(cloud: Cloud, region: str, request: Mapping[str, Any]) -> Document:
    """Return the scalable target that a request names; ServiceError when it is not registered."""
    found = kept(cloud, region, TARGET).get(key(request))
    if found is None:
        raise ServiceError(
            "ObjectNotFoundException",
            f"No scalable target registered for service namespace: {NAMESPACE}, resource ID: "
            f"{request['ResourceId']}, scalable dimension: {request['ScalableDimension']}",
        )
    return found


def of_target(cloud: Cloud, region: str, kind: str, target: Mapping[str, Any]) -> list[Document]:
    """Return what of a kind belongs to a target."""
    return [
        document for _, document in kept(cloud, region, kind).all() if key(document) == key(target)
    ]


def changed(cloud: Cloud, region: str, kind: str, name: str, **members: Any) -> None:
    """Set members of a document, if it is still there."""
    with cloud.state.transaction():
        if document := kept(cloud, region, kind).get(name):
            kept(cloud, region, kind).replace(name, document | members)


def activity(
    cloud: Cloud, region: str, target: Mapping[str, Any], description: str, cause: str, **more: Any
) -> Document:
    """Write an activity down; those that are too old go."""
    activities = kept(cloud, region, ACTIVITY)
    made = {
        "ActivityId": str(uuid.uuid4()),
        "ServiceNamespace": NAMESPACE,
        "ResourceId": target["ResourceId"],
        "ScalableDimension": target["ScalableDimension"],
        "Description": description,
        "Cause": cause,
        "StartTime": now(),
        "StatusCode": "InProgress",
        **more,
    }
    with cloud.state.transaction():
        activities.create(made["ActivityId"], made)
        for name, old in activities.all():
            if old["StartTime"] > now() - REMEMBERED:
                break
            activities.delete(name)
    return made


def page(member: str, found: list[Document], request: Mapping[str, Any]) -> Document:
    """Return a page of documents in the form of the API."""
    size = request.get("MaxResults", PAGE)
    if not 1 <= size <= PAGE:
        raise ServiceError(
            "ValidationException", f"MaxResults must be from 1 to {PAGE}, found {size}."
        )
    skip = offset(request, "InvalidNextTokenException")
    answer: Document = {member: [shown(each) for each in found[skip : skip + size]]}
    if skip + size < len(found):
        answer["NextToken"] = token(skip + size, request)
    return answer


def shown(document: Mapping[str, Any]) -> Document:
    """Return a document's members of the API, times as times."""
    return {
        name: datetime.fromtimestamp(value, UTC) if name.endswith("Time") else value
        for name, value in document.items()
        if name[0].isupper() and value is not None
    }
