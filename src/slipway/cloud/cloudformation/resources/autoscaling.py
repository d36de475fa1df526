"""AWS::ApplicationAutoScaling: what scales, and by which rule."""

from slipway.cloud.cloudformation.declared import Declared
from slipway.cloud.cloudformation.members import merged
from slipway.cloud.cloudformation.own import by_name
from slipway.cloud.cloudformation.resource import Asked, Made, Properties
from slipway.cloud.cloudformation.settling import gently

THREE = ("ResourceId", "ScalableDimension", "ServiceNamespace")
WHICH = {name: name for name in THREE}


def schedule(asked: Asked, made: Made, before: Properties) -> None:
    """Put the scheduled actions of a target, and remove those that are named no more."""
    client = asked.client("application-autoscaling")
    which = {name: asked.properties[name] for name in THREE}
    new = {
        one["ScheduledActionName"]: one for one in asked.properties.get("ScheduledActions") or []
    }
    for one in before.get("ScheduledActions") or []:
        if one["ScheduledActionName"] not in new:
            name = one["ScheduledActionName"]
            gently(client.delete_scheduled_action, ScheduledActionName=name, **which)
    for one in new.values():
        client.put_scheduled_action(**which, **one)
    if before and before.get("Tags") != asked.properties.get("Tags"):
        retag(asked, before)


def retag(asked: Asked, before: Properties) -> None:
    """Change a target's own tags."""
    client = asked.client("application-autoscaling")
    new, which = merged(asked.tags, asked.properties.get("Tags")), {"ResourceARN": arn(asked)}
    if lost := sorted(merged({}, before.get("Tags")).keys() - new.keys()):
        client.untag_resource(**which, TagKeys=lost)
    client.tag_resource(**which, Tags=new)


def arn(asked: Asked) -> str:
    """Return a target's ARN."""
    client, given = asked.client("application-autoscaling"), asked.properties
    found = client.describe_scalable_targets(
        ServiceNamespace=given["ServiceNamespace"],
        ScalableDimension=given["ScalableDimension"],
        ResourceIds=[given["ResourceId"]],
    )["ScalableTargets"]
    return str(found[0]["ScalableTargetARN"])


def parted(asked: Asked) -> Properties:
    """Return a policy's properties with its target in three members."""
    given = dict(asked.properties)
    if target := given.pop("ScalingTargetId", None):
        given |= dict(zip(THREE, target.split("|"), strict=True))
    return given


ALL = (
    Declared(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "application-autoscaling",
        create="RegisterScalableTarget",
        update="RegisterScalableTarget",
        delete="DeregisterScalableTarget",
        read="DescribeScalableTargets",
        resource="ScalableTargets[0]",
        identity="{ResourceId}|{ScalableDimension}|{ServiceNamespace}",
        keys=WHICH,
        read_keys={
            "ServiceNamespace": "ServiceNamespace",
            "ScalableDimension": "ScalableDimension",
            "ResourceIds": ["ResourceId"],
        },
        attributes={"Id": "={id}"},
        hooked=frozenset({"ScheduledActions"}),
        after=schedule,
        replacing=frozenset(THREE),
    ),
    Declared(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "application-autoscaling",
        create="PutScalingPolicy",
        update="PutScalingPolicy",
        delete="DeleteScalingPolicy",
        read="DescribeScalingPolicies",
        resource="ScalingPolicies[0]",
        ref="PolicyARN",
        keys={**WHICH, "PolicyName": "PolicyName"},
        read_keys={
            "ServiceNamespace": "ServiceNamespace",
            "ResourceId": "ResourceId",
            "PolicyNames": ["PolicyName"],
        },
        attributes={"Arn": "PolicyARN"},
        form=parted,
        hooked=frozenset({"ScalingTargetId"}),
        tags="",
        refused={"PredictiveScalingPolicyConfiguration": "nothing forecasts load"},
        replacing=frozenset({"PolicyName", *THREE, "ScalingTargetId"}),
    ),
)
TYPES = by_name(*ALL)
