"""The resource types by name; a module is loaded when a template first has one of its types."""

from functools import cache
from importlib import import_module

from slipway.cloud.cloudformation.resource import ResourceType

# A prefix of type names → the module whose TYPES holds them; the longest prefix that fits is asked.
RESOURCES = "slipway.cloud.cloudformation.resources"
MODULES = {
    "AWS::ApplicationAutoScaling::": f"{RESOURCES}.autoscaling",
    "AWS::Athena::": f"{RESOURCES}.athena",
    "AWS::Budgets::": f"{RESOURCES}.governance",
    "AWS::CDK::": f"{RESOURCES}.cloudformation",
    "AWS::CloudFormation::": f"{RESOURCES}.cloudformation",
    "AWS::CloudTrail::": f"{RESOURCES}.governance",
    "AWS::CloudWatch::": f"{RESOURCES}.cloudwatch",
    "AWS::Config::": f"{RESOURCES}.governance",
    "AWS::DynamoDB::": f"{RESOURCES}.dynamodb",
    "AWS::EC2::": f"{RESOURCES}.ec2",
    "AWS::ECR::": f"{RESOURCES}.ecr",
    "AWS::Events::": f"{RESOURCES}.events",
    "AWS::Glue::": f"{RESOURCES}.glue",
    "AWS::IAM::": f"{RESOURCES}.iam",
    "AWS::KMS::": f"{RESOURCES}.kms",
    "AWS::LakeFormation::": f"{RESOURCES}.lakeformation",
    "AWS::Lambda::": f"{RESOURCES}.functions",
    "AWS::Logs::": f"{RESOURCES}.logs",
    "AWS::RedshiftServerless::": f"{RESOURCES}.redshift_serverless",
    "AWS::ResourceGroups::": f"{RESOURCES}.governance",
    "AWS::S3::": f"{RESOURCES}.s3",
    "AWS::S3::AccessPoint": f"{RESOURCES}.s3_access_points",
    "AWS::SNS::": f"{RESOURCES}.messages",
    "AWS::SQS::": f"{RESOURCES}.messages",
    "AWS::SSM::": f"{RESOURCES}.ssm",
    "AWS::SageMaker::": f"{RESOURCES}.sagemaker",
    "AWS::Scheduler::": f"{RESOURCES}.scheduler",
    "AWS::SecretsManager::": f"{RESOURCES}.secrets",
    "AWS::StepFunctions::": f"{RESOURCES}.states",
}
CUSTOM = "AWS::CloudFormation::CustomResource"  # and all `Custom::…`


class UnknownType(Exception):
    """A type of which the local cloud knows nothing."""


@cache
def found(name: str) -> ResourceType:
    """Return a resource type; UnknownType when there is none of this name."""
    if name.startswith("Custom::"):
        name = CUSTOM
    for prefix in sorted(MODULES, key=len, reverse=True):
        if name.startswith(prefix):
            types: dict[str, ResourceType] = import_module(MODULES[prefix]).TYPES
            if name in types:
                return types[name]
    raise UnknownType(name)


def known(name: str) -> bool:
    """Tell whether there is a type of this name."""
    try:
        found(name)
    except UnknownType:
        return False
    return True


def tagged(name: str) -> bool:
    """Tell whether a resource is changed when only the tags of its stack are."""
    own = ("AWS::CDK::", "Custom::", "AWS::CloudFormation::")
    return not name.startswith(own) or name == "AWS::CloudFormation::Stack"
