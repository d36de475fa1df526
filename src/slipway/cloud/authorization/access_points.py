"""S3's access points: which a request comes through, and what bears on it there."""

from dataclasses import dataclass

from botocore.exceptions import ClientError

from slipway.cloud import inside
from slipway.cloud.authorization.policies import EMPTY, Policies, parsed
from slipway.cloud.cloud import Cloud
from slipway.cloud.iam.policy import Policy
from slipway.cloud.s3.access_points import ALIAS, HOST, known


@dataclass(frozen=True)
class AccessPoint:
    """An access point of a bucket."""

    arn: str
    bucket: str
    vpc: str  # "" where the internet may use it too
    policy: tuple[Policy, ...]

    def keys(self, account: str) -> dict[str, tuple[str, ...]]:
        """Return the condition keys of requests that come through it, in lower case."""
        return {
            "s3:dataaccesspointarn": (self.arn,),
            "s3:dataaccesspointaccount": (account,),
            "s3:accesspointnetworkorigin": ("VPC" if self.vpc else "Internet",),
        }

    def resource(self, key: str) -> str:
        """Return the ARN of an object, or with no key of the access point itself."""
        return f"{self.arn}/object/{key}" if key else self.arn


def find(cloud: Cloud, policies: Policies, bucket: str) -> AccessPoint | None:
    """Return the access point that stands in a bucket's place in a request; None for a bucket."""
    door = ALIAS.fullmatch(bucket) or HOST.fullmatch(bucket)
    if not door or known(cloud, bucket):
        return None
    return policies.find("s3control", ("door", door["name"]), lambda: read(cloud, door["name"]))


def read(cloud: Cloud, name: str) -> AccessPoint | None:
    """Return an access point of the account, or None."""
    control = inside.client(cloud.ground, "s3control", cloud.region)
    try:
        found = control.get_access_point(AccountId=cloud.account, Name=name)
    except ClientError:
        return None
    try:
        text = control.get_access_point_policy(AccountId=cloud.account, Name=name)["Policy"]
    except ClientError:  # it has none
        text = EMPTY
    arn = f"arn:aws:s3:{cloud.region}:{cloud.account}:accesspoint/{name}"
    vpc = found.get("VpcConfiguration", {}).get("VpcId", "")
    return AccessPoint(arn, found["Bucket"], vpc, parsed(text or EMPTY, arn, "resource"))
