"""AWS::S3: buckets and their policies."""

from slipway.cloud.cloudformation.declared import Declared, Part
from slipway.cloud.cloudformation.members import merged
from slipway.cloud.cloudformation.own import by_name
from slipway.cloud.cloudformation.resource import Asked, Made, Properties
from slipway.cloud.cloudformation.resources import s3_forms as forms
from slipway.cloud.cloudformation.settling import gently

DOMAIN = "{id}.s3.amazonaws.com"
REGIONAL = "{id}.s3.{region}.amazonaws.com"
NOTE = (
    "lifecycle rules, Intelligent-Tiering, access logs, Object Lock and acceleration are kept and shown; "
    "no object is moved, removed, locked or logged by them"
)
TIERINGS = "IntelligentTieringConfigurations"


def prepared(asked: Asked) -> Properties:
    """Return a bucket's properties as CreateBucket and the parts take them."""
    given = dict(asked.properties)
    if asked.region != "us-east-1":
        given["CreateBucketConfiguration"] = {"LocationConstraint": asked.region}
    return given


def bring_up_to_date(asked: Asked, made: Made, before: Properties) -> None:
    """Bring about what is no single operation: tags, and a configuration per name."""
    s3, bucket = asked.client("s3"), made.physical_id
    if tags := merged(asked.tags, asked.properties.get("Tags")):
        listed = [{"Key": name, "Value": value} for name, value in tags.items()]
        s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": listed})
    elif before.get("Tags"):
        s3.delete_bucket_tagging(Bucket=bucket)
    new = {one["Id"]: one for one in asked.properties.get(TIERINGS) or []}
    for name in {one["Id"] for one in before.get(TIERINGS) or []} - new.keys():
        gently(s3.delete_bucket_intelligent_tiering_configuration, Bucket=bucket, Id=name)
    for name, one in new.items():
        s3.put_bucket_intelligent_tiering_configuration(
            Bucket=bucket, Id=name, IntelligentTieringConfiguration=forms.tiering(one)
        )
    if before.get("VersioningConfiguration") and "VersioningConfiguration" not in asked.properties:
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    if before.get("NotificationConfiguration") and not asked.properties.get(
        "NotificationConfiguration"
    ):
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    if before.get("LoggingConfiguration") and not asked.properties.get("LoggingConfiguration"):
        s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={})


ALL = (
    Declared(
        "AWS::S3::Bucket",
        "s3",
        create="CreateBucket",
        delete="DeleteBucket",
        read="HeadBucket",
        resource="@",
        named="BucketName",
        lower=True,
        longest=63,
        keys={"Bucket": "@"},
        renamed={
            "BucketName": "Bucket",
            "AccessControl": "ACL",
            "ObjectLockEnabled": "ObjectLockEnabledForBucket",
        },
        attributes={
            "Arn": "=arn:aws:s3:::{id}",
            "DomainName": "=" + DOMAIN,
            "DualStackDomainName": "={id}.s3.dualstack.{region}.amazonaws.com",
            "RegionalDomainName": "=" + REGIONAL,
            "WebsiteURL": "=http://{id}.s3-website-{region}.amazonaws.com",
        },
        form=prepared,
        parts=(
            Part("AccessControl", "PutBucketAcl", form=forms.acl),
            Part("VersioningConfiguration", "PutBucketVersioning"),
            Part(
                "BucketEncryption",
                "PutBucketEncryption",
                "DeleteBucketEncryption",
                form=forms.encryption,
            ),
            Part(
                "PublicAccessBlockConfiguration",
                "PutPublicAccessBlock",
                "DeletePublicAccessBlock",
            ),
            Part(
                "OwnershipControls",
                "PutBucketOwnershipControls",
                "DeleteBucketOwnershipControls",
            ),
            Part(
                "LifecycleConfiguration",
                "PutBucketLifecycleConfiguration",
                "DeleteBucketLifecycle",
                form=forms.lifecycle,
            ),
            Part("CorsConfiguration", "PutBucketCors", "DeleteBucketCors", form=forms.cors),
            Part("LoggingConfiguration", "PutBucketLogging", form=forms.logging),
            Part(
                "NotificationConfiguration",
                "PutBucketNotificationConfiguration",
                form=forms.notification,
            ),
            Part("ObjectLockConfiguration", "PutObjectLockConfiguration"),
            Part("AccelerateConfiguration", "PutBucketAccelerateConfiguration"),
        ),
        after=bring_up_to_date,
        hooked=frozenset({TIERINGS}),
        refused={
            "ReplicationConfiguration": "nothing copies objects to other buckets",
            "InventoryConfigurations": "nothing writes inventories",
            "MetadataConfiguration": "there are no S3 tables",
            "MetadataTableConfiguration": "there are no S3 tables",
            "WebsiteConfiguration": "nothing serves websites",
            "BucketNamePrefix": "name the bucket, or let CloudFormation name it",
            "BucketNamespace": "name the bucket, or let CloudFormation name it",
            "AbacStatus": "policies of buckets know no tags of buckets",
        },
        ignored={
            "AnalyticsConfigurations": "nobody looks at the classes of storage",
            "MetricsConfigurations": "S3 sends no request metrics",
        },
        replacing=frozenset({"BucketName"}),
        note=NOTE,
    ),
    Declared(
        "AWS::S3::BucketPolicy",
        "s3",
        create="PutBucketPolicy",
        update="PutBucketPolicy",
        delete="DeleteBucketPolicy",
        named="Bucket",
        keys={"Bucket": "@"},
        renamed={"PolicyDocument": "Policy"},
        tags="",
        replacing=frozenset({"Bucket"}),
    ),
)
TYPES = by_name(*ALL)
