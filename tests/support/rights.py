"""The part of the platform's templates that says who may do what, deployed by CloudFormation alone.

Roles, policies, keys, buckets and the VPC with its endpoints are made; all else is left out, and a
reference to it is a name that stands for it. So the roles' own policies are tried in seconds.
"""

import json
from collections.abc import Mapping
from typing import Any

KEPT = {
    *("AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::KMS::Key"),
    *("AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::EC2::VPC", "AWS::EC2::Subnet"),
    *("AWS::EC2::RouteTable", "AWS::EC2::SubnetRouteTableAssociation"),
    *("AWS::EC2::VPCEndpoint", "AWS::EC2::SecurityGroup"),
}


def rights(template: Mapping[str, Any]) -> dict[str, Any]:
    """Return a template of only the resources that bear on rights, with its outputs."""
    resources = {n: r for n, r in template["Resources"].items() if bears(r)}
    gone = template["Resources"].keys() - resources.keys()
    return {
        "Resources": {
            name: {
                "Type": resource["Type"],
                "Properties": without(resource.get("Properties", {}), gone),
                "DependsOn": [n for n in listed(resource.get("DependsOn")) if n in resources],
            }
            for name, resource in resources.items()
        },
        "Outputs": without(template.get("Outputs", {}), gone),
        "Mappings": template.get("Mappings", {}),
    }


def bears(resource: Mapping[str, Any]) -> bool:
    """Tell whether a resource is kept; of the endpoints it is that of S3."""
    interface = resource.get("Properties", {}).get("VpcEndpointType") == "Interface"
    return resource["Type"] in KEPT and not interface


def without(value: Any, gone: Any) -> Any:
    """Return a value whose references to what is left out are names that stand for it."""
    match value:
        case {"Ref": str(name)} if name in gone:
            return f"left-out-{name}"
        case {"Fn::GetAtt": [str(name), *_]} if name in gone:
            return f"arn:aws:left-out:us-east-1:123456789012:{name}"
        case dict():
            return {key: without(each, gone) for key, each in value.items()}
        case list():
            return [without(each, gone) for each in value]
        case _:
            return value


def listed(value: Any) -> list[str]:
    """Return one name or several as a list."""
    return [value] if isinstance(value, str) else list(value or ())


def deploy(cloudformation: Any, name: str, template: Mapping[str, Any]) -> dict[str, str]:
    """Create a stack and return its outputs."""
    cloudformation.create_stack(
        StackName=name,
        TemplateBody=json.dumps(rights(template)),
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=name, WaiterConfig={"Delay": 0.2, "MaxAttempts": 300}
    )
    (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
