"""Scaling policies, and the alarms of those that track a target."""

import uuid
from collections.abc import Mapping
from typing import Any

from slipway.cloud.autoscaling import records, resources, stepping, tracked
from slipway.cloud.autoscaling.records import NAMESPACE, POLICY, kept, key
from slipway.cloud.autoscaling.settings import factor
from slipway.cloud.clock import now
from slipway.cloud.cloudwatch import alarms, put_alarms, queries
from slipway.cloud.cloudwatch.actions import ACTIONS
from slipway.cloud.service import Call, ServiceError, invalid

TRACKING, STEPS = "TargetTrackingScaling", "StepScaling"
CONFIGS = {
    TRACKING: "TargetTrackingScalingPolicyConfiguration",
    STEPS: "StepScalingPolicyConfiguration",
}
WORDS = ("High", "Low")  # a policy's alarms


def put(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Make a policy, or change one (PutScalingPolicy)."""
    target = records.target_of(call.cloud, call.region, request)
    of = resources.resource(call.region, request["ResourceId"], request["ScalableDimension"])
    name = key(request, request["PolicyName"])
    documents = kept(call.cloud, call.region, POLICY)
    old = documents.get(name)
    kind = request.get("PolicyType") or (old["PolicyType"] if old else STEPS)
    check(of, request, kind, old)
    document = {
        "PolicyARN": old["PolicyARN"] if old else arn(call, request),
        "PolicyName": request["PolicyName"],
        "ServiceNamespace": NAMESPACE,
        "ResourceId": target["ResourceId"],
        "ScalableDimension": target["ScalableDimension"],
        "PolicyType": kind,
        CONFIGS[kind]: request[CONFIGS[kind]],
        "CreationTime": old["CreationTime"] if old else now(),
    }
    with call.cloud.state.transaction():
        track(call, of, document, old)
        if old:
            documents.replace(name, old | document)
        else:
            documents.create(name, document)
    return {"PolicyARN": document["PolicyARN"], "Alarms": document.get("Alarms", [])}


def arn(call: Call, request: Mapping[str, Any]) -> str:
    """Return the ARN of a new policy."""
    where = f"{call.region}:{call.cloud.account}:scalingPolicy:{uuid.uuid4()}"
    of = f"resource/{NAMESPACE}/{request['ResourceId']}"
    return f"arn:aws:autoscaling:{where}:{of}:policyName/{request['PolicyName']}"


def check(
    of: resources.Resource, request: Mapping[str, Any], kind: str, old: Mapping[str, Any] | None
) -> None:
    """Refuse a policy that cannot be carried out; ServiceError."""
    if kind not in CONFIGS:
        raise invalid(f"The local cloud does not support {kind}: nothing forecasts load.")
    if old and old["PolicyType"] != kind:
        raise invalid(f"Policy {request['PolicyName']} is of type {old['PolicyType']}, not {kind}.")
    if CONFIGS[kind] not in request:
        raise invalid(f"A policy of type {kind} needs {CONFIGS[kind]}.")
    for other, member in CONFIGS.items():
        if other != kind and member in request:
            raise invalid(f"{member} does not belong to a policy of type {kind}.")
    config = request[CONFIGS[kind]]
    if kind == STEPS:
        if "AdjustmentType" not in config:
            raise invalid("AdjustmentType is required.")
        if fault := stepping.faults(config.get("StepAdjustments", [])):
            raise invalid(fault)
        return
    check_tracking(of, config)


def check_tracking(of: resources.Resource, config: Mapping[str, Any]) -> None:
    """Refuse a target or a metric that cannot be tracked."""
    if config["TargetValue"] <= 0:
        raise invalid("TargetValue must be greater than 0.")
    predefined = config.get("PredefinedMetricSpecification")
    custom = config.get("CustomizedMetricSpecification")
    if (predefined is None) == (custom is None):
        raise invalid(
            "Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be given."
        )
    if predefined:
        name = predefined["PredefinedMetricType"]
        fitting = [n for n, known in tracked.PREDEFINED.items() if known.dimension == of.dimension]
        if name not in fitting:
            raise invalid(
                f"{name} is no metric of {of.dimension}; expected {' or '.join(fitting)}."
            )
    elif custom and "Metrics" in custom:
        shaped = tracked.watched(of, config, None, tracked.MINUTE)["Metrics"]
        queries.check(shaped, "Metrics")
        if len([query for query in shaped if query.get("ReturnData", True)]) != 1:
            raise invalid("Exactly one element of Metrics must return data.")
    elif custom:
        for member in ("MetricName", "Namespace", "Statistic"):
            if member not in custom:
                raise invalid(f"CustomizedMetricSpecification needs {member}.")


def track(
    call: Call, of: resources.Resource, document: dict[str, Any], old: Mapping[str, Any] | None
) -> None:
    """Make or change the alarms of a policy that tracks a target, and name them in its document."""
    if document["PolicyType"] != TRACKING:
        return
    config = document[CONFIGS[TRACKING]]
    known = {word: name for name in names(old or {}) for word in WORDS if f"-Alarm{word}-" in name}
    document["Alarms"] = []
    for word in WORDS[:1] if config.get("DisableScaleIn") else WORDS:
        name = known.pop(word, f"TargetTracking-{of.id}-Alarm{word}-{uuid.uuid4()}")
        request = {
            "AlarmName": name,
            "AlarmDescription": "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy "
            f"{document['PolicyARN']}.",
            "AlarmActions": [document["PolicyARN"]],
            **tracked.alarm(of, config, word == "High", factor()),
        }
        put_alarms.put(call, request)
        made = alarms.kept(call.cloud, call.region).get(name)
        assert made is not None  # noqa: S101 (it was just put)
        document["Alarms"].append({"AlarmName": name, "AlarmARN": made["AlarmArn"]})
    drop(call, list(known.values()))


def names(policy: Mapping[str, Any]) -> list[str]:
    """Return the names of a policy's own alarms."""
    return [alarm["AlarmName"] for alarm in policy.get("Alarms", [])]


def drop(call: Call, alarm_names: list[str]) -> None:
    """Delete alarms that are still there."""
    there = [name for name in alarm_names if alarms.exists(call.cloud, call.region, name)]
    if there:
        put_alarms.delete_alarms(call, {"AlarmNames": there})


def delete(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Delete a policy with its alarms (DeleteScalingPolicy)."""
    found = kept(call.cloud, call.region, POLICY).get(key(request, request["PolicyName"]))
    if found is None:
        raise ServiceError(
            "ObjectNotFoundException",
            f"No scaling policy found for service namespace: {NAMESPACE}, resource ID: "
            f"{request['ResourceId']}, scalable dimension: {request['ScalableDimension']}, policy "
            f"name: {request['PolicyName']}",
        )
    remove(call, found)
    return {}


def remove(call: Call, policy: Mapping[str, Any]) -> None:
    """Forget a policy and its alarms."""
    with call.cloud.state.transaction():
        drop(call, names(policy))
        kept(call.cloud, call.region, POLICY).delete(key(policy, policy["PolicyName"]))


def describe(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of policies (DescribeScalingPolicies)."""
    wanted = request.get("PolicyNames")
    acting = by_action(call)
    found = [
        policy | {"Alarms": policy.get("Alarms") or acting.get(policy["PolicyARN"], [])}
        for _, policy in kept(call.cloud, call.region, POLICY).all()
        if (wanted is None or policy["PolicyName"] in wanted or policy["PolicyARN"] in wanted)
        and all(
            request.get(name, policy[name]) == policy[name]
            for name in ("ResourceId", "ScalableDimension")
        )
    ]
    return records.page("ScalingPolicies", found, request)


def by_action(call: Call) -> dict[str, list[dict[str, str]]]:
    """Return the alarms that act on each policy, by its ARN."""
    found: dict[str, list[dict[str, str]]] = {}
    for name, alarm in alarms.kept(call.cloud, call.region).all():
        for arn in {arn for member in ACTIONS.values() for arn in alarm[member]}:
            found.setdefault(arn, []).append({"AlarmName": name, "AlarmARN": alarm["AlarmArn"]})
    return found
