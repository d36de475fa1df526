"""AWS::S3::AccessPoint: a door to a bucket with a policy of its own."""

from slipway.cloud.cloudformation.declared import Declared, Part
from slipway.cloud.cloudformation.own import by_name

ALL = (
    Declared(
        "AWS::S3::AccessPoint",
        "s3control",
        create="CreateAccessPoint",
        delete="DeleteAccessPoint",
        read="GetAccessPoint",
        named="Name",
        longest=50,
        lower=True,
        keys={"AccountId": "={account}", "Name": "@"},
        always={"AccountId": "={account}"},
        attributes={"Alias": "Alias", "Arn": "AccessPointArn", "NetworkOrigin": "NetworkOrigin"},
        parts=(Part("Policy", "PutAccessPointPolicy", "DeleteAccessPointPolicy"),),
        replacing=frozenset({"Name", "Bucket", "BucketAccountId", "VpcConfiguration", "Tags"}),
    ),
)
TYPES = by_name(*ALL)
