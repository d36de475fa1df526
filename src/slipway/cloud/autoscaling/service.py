"""The operations of Application Auto Scaling, for the namespace "sagemaker"; others are the ground's."""

from typing import Any

from slipway.cloud.autoscaling import policies, records, scheduled, targets
from slipway.cloud.autoscaling.coverage import COVERAGE
from slipway.cloud.autoscaling.records import ACTIVITY, NAMESPACE, kept
from slipway.cloud.autoscaling.scaler import Scaler
from slipway.cloud.autoscaling.settings import factor
from slipway.cloud.cloud import Cloud
from slipway.cloud.inside import pass_on
from slipway.cloud.running import Running
from slipway.cloud.service import Call, Operation, Service, ServiceError

SCALERS = Running(Scaler)


def describe_activities(call: Call, request: dict[str, Any]) -> dict[str, Any]:
    """Return a page of activities, the newest first (DescribeScalingActivities)."""
    unscaled = request.get("IncludeNotScaledActivities", False)
    found = [
        activity
        for _, activity in reversed(kept(call.cloud, call.region, ACTIVITY).all())
        if (unscaled or "NotScaledReasons" not in activity)
        and all(
            request.get(name, activity[name]) == activity[name]
            for name in ("ResourceId", "ScalableDimension")
        )
    ]
    return records.page("ScalingActivities", found, request)


def at_once(own: Operation) -> Operation:
    """Return an operation after which the targets are looked after at once."""

    def answer(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        answered = own(call, request)
        SCALERS.wake(call.cloud)
        return answered

    return answer


def of_sagemaker(own: Operation) -> Operation:
    """Return an operation that lets the ground answer for the targets of other services."""

    def answer(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        if request["ServiceNamespace"] == NAMESPACE:
            return own(call, request)
        try:
            return with_roles(call, pass_on(call, request))
        except ServiceError as error:
            if error.status < 500:
                raise
            text = f"{call.operation} for the namespace {request['ServiceNamespace']}"
            raise ServiceError(
                "ValidationException", f"The local cloud does not have {text}."
            ) from error

    return answer


def with_roles(call: Call, answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of the ground in which every target has a role, as on AWS."""
    for target in answer.get("ScalableTargets", []):
        role = f"{target['ServiceNamespace']}.application-autoscaling.amazonaws.com"
        target.setdefault(
            "RoleARN", f"arn:aws:iam::{call.cloud.account}:role/aws-service-role/{role}"
        )
    return answer


def of_ours(own: Operation) -> Operation:
    """Return an operation on tags that lets the ground answer for targets that are not ours."""

    def answer(call: Call, request: dict[str, Any]) -> dict[str, Any]:
        arn = request["ResourceARN"]
        if targets.tags_of(call).get(arn) is not None:
            return own(call, request)
        try:
            return pass_on(call, request)
        except ServiceError as error:
            if error.status < 500:
                raise
            raise targets.no_such(arn) from error  # the ground falls over what it does not have

    return answer


OPERATIONS: dict[str, Operation] = {
    "DeleteScalingPolicy": of_sagemaker(policies.delete),
    "DeleteScheduledAction": of_sagemaker(scheduled.delete),
    "DeregisterScalableTarget": of_sagemaker(targets.deregister),
    "DescribeScalableTargets": of_sagemaker(targets.describe),
    "DescribeScalingActivities": of_sagemaker(describe_activities),
    "DescribeScalingPolicies": of_sagemaker(policies.describe),
    "DescribeScheduledActions": of_sagemaker(scheduled.describe),
    "ListTagsForResource": of_ours(targets.show_tags),
    "PutScalingPolicy": of_sagemaker(policies.put),
    "PutScheduledAction": of_sagemaker(at_once(scheduled.put)),
    "RegisterScalableTarget": of_sagemaker(at_once(targets.register)),
    "TagResource": of_ours(targets.tag),
    "UntagResource": of_ours(targets.untag),
}


def start(cloud: Cloud) -> None:
    """Look after the targets from now on. BadSetting when its speed is no number."""
    factor()
    SCALERS.start(cloud)


SERVICE = Service("application-autoscaling", OPERATIONS, COVERAGE, start, SCALERS.stop)
