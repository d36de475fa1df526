"""Scalable targets: what may be scaled, and between which limits."""

import hashlib
from typing import Any

from slipway.cloud.autoscaling import policies, records, resources
from slipway.cloud.autoscaling.records import ACTION, NAMESPACE, POLICY, TARGET, kept, key
from slipway.cloud.clock import now
from slipway.cloud.cloud import Cloud
from slipway.cloud.service import Call, ServiceError

ROLES = {
    resources.INSTANCES: "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
    resources.CONCURRENCY: "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
    resources.COPIES: "AWSServiceRoleForApplicationAutoScaling_SageMakerInferenceComponent",
}
RUNNING = {
    "DynamicScalingInSuspended": False,
    "DynamicScalingOutSuspended": False,
    "ScheduledScalingSuspended": False,
}
LIMITS = ("MinCapacity", "MaxCapacity")


def register(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Register a target, or change one; a capacity outside of the limits is brought in at once."""
    of = resources.resource(call.region, request["ResourceId"], request["ScalableDimension"])
    targets = kept(call.cloud, call.region, TARGET)
    if targets.get(key(request)) is None:
        resources.read(call.cloud, of)  # it must be there
    with call.cloud.state.transaction():
        old = targets.get(key(request))
        document = made(call, request) if old is None else old
        document |= {name: request[name] for name in (*LIMITS, "RoleARN") if name in request}
        document["SuspendedState"] = document["SuspendedState"] | request.get("SuspendedState", {})
        check_limits(document)
        if any(name in request for name in LIMITS):
            document["clamp"] = True
        if old is None:
            targets.create(key(request), document)
            tags_of(call).create(document["ScalableTargetARN"], request.get("Tags", {}))
        else:
            targets.replace(key(request), document)
    return {"ScalableTargetARN": document["ScalableTargetARN"]}


def made(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return the document of a new target; ServiceError when its limits are not told."""
    for name in LIMITS:
        if name not in request:
            raise ServiceError(
                "ValidationException", f"{name} is required for a new scalable target."
            )
    digest = hashlib.sha256(key(request).encode()).hexdigest()[:32]
    account = f"{call.region}:{call.cloud.account}"
    role = ROLES[request["ScalableDimension"]]
    return {
        "ServiceNamespace": NAMESPACE,
        "ResourceId": request["ResourceId"],
        "ScalableDimension": request["ScalableDimension"],
        "RoleARN": f"arn:aws:iam::{call.cloud.account}:role/aws-service-role/"
        f"sagemaker.application-autoscaling.amazonaws.com/{role}",
        "CreationTime": now(),
        "SuspendedState": RUNNING,
        "ScalableTargetARN": f"arn:aws:application-autoscaling:{account}:scalable-target/{digest}",
    }


def check_limits(target: dict[str, Any]) -> None:
    """Refuse limits between which there is nothing."""
    least, most = target["MinCapacity"], target["MaxCapacity"]
    if least < 0:
        raise ServiceError("ValidationException", "Minimum capacity must not be negative.")
    if least > most:
        text = "Maximum capacity cannot be less than minimum capacity"
        raise ServiceError("ValidationException", text)


def describe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of targets (DescribeScalableTargets)."""
    ids = request.get("ResourceIds")
    found = [
        target
        for _, target in kept(call.cloud, call.region, TARGET).all()
        if (ids is None or target["ResourceId"] in ids)
        and request.get("ScalableDimension", target["ScalableDimension"])
        == target["ScalableDimension"]
    ]
    return records.page("ScalableTargets", found, request)


def deregister(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Forget a target with its policies and scheduled actions (DeregisterScalableTarget)."""
    forget(call.cloud, call.region, records.target_of(call.cloud, call.region, request))
    return {}


def forget(cloud: Cloud, region: str, target: dict[str, Any]) -> None:
    """Forget a target with all that belongs to it."""
    call = Call(cloud, "application-autoscaling", "DeregisterScalableTarget", region, "")
    for policy in records.of_target(cloud, region, POLICY, target):
        policies.remove(call, policy)
    for action in records.of_target(cloud, region, ACTION, target):
        kept(cloud, region, ACTION).delete(key(action, action["ScheduledActionName"]))
    kept(cloud, region, TARGET).delete(key(target))
    tags_of(call).delete(target["ScalableTargetARN"])


def forget_endpoint(cloud: Cloud, region: str, endpoint: str) -> None:
    """Forget the targets of an endpoint that is deleted."""
    for _, target in kept(cloud, region, TARGET).all():
        if target["ResourceId"].lower().startswith(f"endpoint/{endpoint.lower()}/variant/"):
            forget(cloud, region, target)


def forget_component(cloud: Cloud, region: str, component: str) -> None:
    """Forget the target of an inference component that is deleted."""
    for _, target in kept(cloud, region, TARGET).all():
        if target["ResourceId"] == f"inference-component/{component}":
            forget(cloud, region, target)


def registered(cloud: Cloud, region: str, endpoint: str, variant: str) -> bool:
    """Tell whether a variant is a scalable target; its instance type cannot be changed then."""
    id = f"endpoint/{endpoint}/variant/{variant}"
    dimensions = (resources.INSTANCES, resources.CONCURRENCY)
    return any(kept(cloud, region, TARGET).get(f"{id}|{each}") is not None for each in dimensions)


def tags_of(call: Call) -> Any:
    """Return the documents of targets' tags, by ARN."""
    return kept(call.cloud, call.region, "ScalableTargetTags")


def tag(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Add or overwrite tags (TagResource)."""
    return retag(call, request["ResourceARN"], lambda old: old | request["Tags"])


def untag(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Remove tags (UntagResource)."""
    gone = request["TagKeys"]
    return retag(
        call, request["ResourceARN"], lambda old: {k: old[k] for k in old if k not in gone}
    )


def retag(call: Call, arn: str, to: Any) -> dict[str, Any]:
    """Replace the tags of a target; ServiceError when there is none of that ARN, or too many tags."""
    with call.cloud.state.transaction():
        new = to(tags_at(call, arn))
        if len(new) > 50:
            raise ServiceError("TooManyTagsException", "A target can have at most 50 tags.")
        tags_of(call).replace(arn, new)
    return {}


def show_tags(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return the tags of a target (ListTagsForResource)."""
    return {"Tags": tags_at(call, request["ResourceARN"])}


def tags_at(call: Call, arn: str) -> dict[str, str]:
    """Return the tags of a target; ServiceError when there is none of that ARN."""
    found: dict[str, str] | None = tags_of(call).get(arn)
    if found is None:
        raise no_such(arn)
    return found


def no_such(arn: str) -> ServiceError:
    """Return the refusal for an ARN that no target has."""
    return ServiceError("ResourceNotFoundException", f"There is no resource with the ARN {arn}.")
