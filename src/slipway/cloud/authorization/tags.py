"""The tags of a resource, wherever they are kept."""

from collections.abc import Mapping

from botocore.exceptions import ClientError

from slipway.cloud import inside
from slipway.cloud.cloud import Cloud
from slipway.cloud.sagemaker import tags as of_sagemaker
from slipway.cloud.service import Call


def of(cloud: Cloud, service: str, region: str, arn: str) -> Mapping[str, str]:
    """Return a resource's tags; none for one that is not there, or of a service that keeps none."""
    if service in ("sagemaker", "sagemaker-runtime"):
        call = Call(cloud, "sagemaker", "", region, "")
        return {tag["Key"]: tag["Value"] for tag in of_sagemaker.of(call, arn)}
    try:
        if service == "iam":
            return of_iam(cloud, arn)
        tagging = inside.client(cloud.ground, "resourcegroupstaggingapi", region)
        found = tagging.get_resources(ResourceARNList=[arn])["ResourceTagMappingList"]
    except ClientError:
        return {}
    return {tag["Key"]: tag["Value"] for each in found for tag in each["Tags"]}


def of_iam(cloud: Cloud, arn: str) -> Mapping[str, str]:
    """Return the tags of a role or a user."""
    iam = inside.client(cloud.ground, "iam", cloud.region)
    name = arn.rpartition("/")[2]
    if ":role/" in arn:
        listed = iam.list_role_tags(RoleName=name)["Tags"]
    elif ":user/" in arn:
        listed = iam.list_user_tags(UserName=name)["Tags"]
    else:
        listed = []
    return {tag["Key"]: tag["Value"] for tag in listed}
