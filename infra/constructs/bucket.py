"""The lake's buckets: encrypted, versioned, private, and reached from the VPC only."""

from collections.abc import Sequence
from dataclasses import dataclass

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from infra.constructs.acknowledge import acknowledge
from infra.constructs.policy import Allow, explain
from infra.constructs.stack import PlatformStack

# A role with this tag acts for an AWS service that reads the lake from outside the VPC: Glue's
# crawler, Redshift Spectrum, SageMaker Pipelines for its property files.
OUTSIDE_VPC = "slipway:outside-vpc"
DATA_ACTIONS = ["s3:DeleteObject*", "s3:GetObject*", "s3:ListBucket*", "s3:PutObject*"]


@dataclass(frozen=True)
class Access:
    """Who gets at the data of the lake."""

    endpoint: str  # id of the S3 endpoint
    exempt: tuple[str, ...]  # ARN patterns of principals that may come from elsewhere


def bucket(
    stack: PlatformStack,
    name: str,
    key: kms.IKey,
    access_logs: s3.IBucket,
    *,
    event_bridge: bool = False,
    rules: Sequence[s3.LifecycleRule] = (),
) -> s3.Bucket:
    """Return a bucket of the lake. Its name is made by CloudFormation, so none can clash."""
    lake = stack.settings.lake
    made = s3.Bucket(
        stack,
        f"{name}Bucket",
        encryption=s3.BucketEncryption.KMS,
        encryption_key=key,
        bucket_key_enabled=True,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        versioned=True,
        removal_policy=stack.removal,
        lifecycle_rules=[
            s3.LifecycleRule(
                id="tiering-and-versions",
                transitions=[
                    s3.Transition(
                        storage_class=s3.StorageClass.INTELLIGENT_TIERING,
                        transition_after=cdk.Duration.days(lake.tiering_days),
                    )
                ],
                noncurrent_version_expiration=cdk.Duration.days(lake.noncurrent_days),
                expired_object_delete_marker=True,
                abort_incomplete_multipart_upload_after=cdk.Duration.days(7),
            ),
            *rules,
        ],
    )
    not_replicated(made)
    resource = made.node.default_child
    resource.logging_configuration = s3.CfnBucket.LoggingConfigurationProperty(
        destination_bucket_name=access_logs.bucket_name, log_file_prefix=f"{name.lower()}/"
    )
    if event_bridge:  # the bucket's own property: the CDK's way is a function with a role
        resource.notification_configuration = s3.CfnBucket.NotificationConfigurationProperty(
            event_bridge_configuration=s3.CfnBucket.EventBridgeConfigurationProperty(
                event_bridge_enabled=True
            )
        )
    return made


def access_logs(stack: PlatformStack) -> s3.Bucket:
    """Return the bucket of S3's access logs; S3 writes them under its own key only."""
    made = s3.Bucket(
        stack,
        "AccessLogsBucket",
        encryption=s3.BucketEncryption.S3_MANAGED,
        block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
        object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
        enforce_ssl=True,
        minimum_tls_version=1.2,
        versioned=True,
        removal_policy=stack.removal,
        lifecycle_rules=[
            s3.LifecycleRule(
                id="retention",
                expiration=cdk.Duration.days(stack.settings.lake.log_days),
                noncurrent_version_expiration=cdk.Duration.days(1),
                abort_incomplete_multipart_upload_after=cdk.Duration.days(7),
            )
        ],
    )
    add(
        made,
        Allow(
            "AccessLogDelivery",
            ["s3:PutObject"],
            [made.arn_for_objects("*")],
            {"StringEquals": {"aws:SourceAccount": stack.account}},
            why="S3 names the objects of its logs by time",
            principals=[iam.ServicePrincipal("logging.s3.amazonaws.com")],
        ),
    )
    acknowledge(
        made,
        "S3 delivers access logs only to buckets encrypted with its own key",
        "NIST.800.53.R5-S3DefaultEncryptionKMS",
        "HIPAA.Security-S3DefaultEncryptionKMS",
    )
    acknowledge(
        made,
        "This bucket is where access logs go; its own would fill it for ever",
        "AwsSolutions-S1",
        "NIST.800.53.R5-S3BucketLoggingEnabled",
        "HIPAA.Security-S3BucketLoggingEnabled",
    )
    not_replicated(made)
    return made


def add(bucket: s3.Bucket, *statements: Allow) -> None:
    """Add statements to a bucket's policy, with their reasons."""
    for statement in statements:
        bucket.add_to_resource_policy(statement.statement())
    explain(
        bucket.policy.node.default_child, {statement.sid: statement.why for statement in statements}
    )


def restrict(bucket: s3.Bucket, access: Access) -> None:
    """Deny reading and writing data that does not come through the VPC endpoint.

    Only data: whoever administers the bucket can always repair its policy. A denial stands when all
    conditions do, and a key that is absent from a request counts as different.
    """
    bucket.add_to_resource_policy(
        iam.PolicyStatement(
            sid="OnlyThroughTheVpc",
            effect=iam.Effect.DENY,
            principals=[iam.AnyPrincipal()],
            actions=DATA_ACTIONS,
            resources=[bucket.bucket_arn, bucket.arn_for_objects("*")],
            conditions={
                "StringNotEquals": {
                    "aws:SourceVpce": access.endpoint,
                    f"aws:PrincipalTag/{OUTSIDE_VPC}": "true",
                },
                "ArnNotLike": {"aws:PrincipalArn": list(access.exempt)},
                # AWS's services on their own (log delivery) and on behalf of a caller (Athena).
                "BoolIfExists": {
                    "aws:PrincipalIsAWSService": "false",
                    "aws:ViaAWSService": "false",
                },
            },
        )
    )


def allow_outside_vpc(role: iam.Role) -> None:
    """Let an AWS service that acts with this role reach the lake from outside the VPC."""
    cdk.Tags.of(role).add(OUTSIDE_VPC, "true")


def not_replicated(bucket: s3.Bucket) -> None:
    """Say why a bucket has no replica."""
    acknowledge(
        bucket,
        "Versions guard against mistakes, and S3 keeps objects in three zones; a replica in a second "
        "region would hold customers' words where nobody asked for them",
        "NIST.800.53.R5-S3BucketReplicationEnabled",
        "HIPAA.Security-S3BucketReplicationEnabled",
    )
