"""Audit: the trail of API calls, AWS Config with its rules, and what they may write into the logs bucket."""

from aws_cdk import aws_cloudtrail as cloudtrail
from aws_cdk import aws_config as config
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3

from infra.constructs.acknowledge import acknowledge
from infra.constructs.bucket import add
from infra.constructs.log_group import PlatformLogGroup, writer
from infra.constructs.policy import Allow
from infra.constructs.role import TaskRole, acting
from infra.constructs.stack import PlatformStack

TRAIL_PREFIX = "trail"
CONFIG_PREFIX = "config"
# AWS's own rules: what they look at, and with which parameters.
RULES: dict[str, dict[str, str]] = {
    "CLOUD_TRAIL_ENCRYPTION_ENABLED": {},
    "CMK_BACKING_KEY_ROTATION_ENABLED": {},
    "S3_BUCKET_LEVEL_PUBLIC_ACCESS_PROHIBITED": {},
    "S3_BUCKET_SSL_REQUESTS_ONLY": {},
    "S3_BUCKET_VERSIONING_ENABLED": {},
    "SAGEMAKER_ENDPOINT_CONFIGURATION_KMS_KEY_CONFIGURED": {},
    "SAGEMAKER_NOTEBOOK_INSTANCE_INSIDE_VPC": {},
    "SAGEMAKER_NOTEBOOK_NO_DIRECT_INTERNET_ACCESS": {},
    "VPC_FLOW_LOGS_ENABLED": {},
}


def let_auditors_write(bucket: s3.Bucket, stack: PlatformStack) -> None:
    """Let CloudTrail and AWS Config of this account write into a bucket."""
    account = {"StringEquals": {"aws:SourceAccount": stack.account}}
    for name, service, prefix in (
        ("Trail", "cloudtrail", TRAIL_PREFIX),
        ("Config", "config", CONFIG_PREFIX),
    ):
        principals = [iam.ServicePrincipal(f"{service}.amazonaws.com")]
        add(
            bucket,
            Allow(
                f"{name}Looks",
                ["s3:GetBucketAcl", "s3:ListBucket"],
                [bucket.bucket_arn],
                account,
                principals=principals,
            ),
            Allow(
                f"{name}Writes",
                ["s3:PutObject"],
                [bucket.arn_for_objects(f"{prefix}/AWSLogs/{stack.account}/*")],
                account,
                why="the service names its files by time",
                principals=principals,
            ),
        )


def trail(stack: PlatformStack, bucket: s3.IBucket, raw: s3.IBucket, key: kms.IKey) -> None:
    """Write down every API call, and who read or wrote raw data."""
    name = f"{stack.settings.prefix}-trail"
    group = PlatformLogGroup(
        stack,
        "TrailLogs",
        group_name=f"/{stack.settings.prefix}/trail",
        key=key,
        kept=stack.settings.operations.trail_days,
    )
    written = "Writes the trail to its log group"
    role = writer(stack, "TrailRole", group, "cloudtrail", description=written)
    selectors = [
        {"Name": "Calls", "FieldSelectors": [field("eventCategory", "Management")]},
        {
            "Name": "RawData",
            "FieldSelectors": [
                field("eventCategory", "Data"),
                field("resources.type", "AWS::S3::Object"),
                {"Field": "resources.ARN", "StartsWith": [raw.arn_for_objects("")]},
            ],
        },
    ]
    made = cloudtrail.CfnTrail(
        stack,
        "Trail",
        trail_name=name,
        is_logging=True,
        is_multi_region_trail=True,
        include_global_service_events=True,
        enable_log_file_validation=True,
        s3_bucket_name=bucket.bucket_name,
        s3_key_prefix=TRAIL_PREFIX,
        kms_key_id=key.key_arn,
        cloud_watch_logs_log_group_arn=group.log_group_arn,
        cloud_watch_logs_role_arn=role.role_arn,
    )
    made.add_property_override("AdvancedEventSelectors", selectors)
    if role.policy:
        made.node.add_dependency(role.policy)


def field(name: str, value: str) -> dict[str, object]:
    """Return a selector of events whose field has a value."""
    return {"Field": name, "Equals": [value]}


def config_rules(stack: PlatformStack, bucket: s3.IBucket, key: kms.IKey) -> None:
    """Check resources against AWS's rules, and that they have the platform's tags."""
    recording = recorder(stack, bucket, key) if stack.settings.operations.config_recorder else []
    required = {f"tag{number}Key": tag for number, tag in enumerate(stack.settings.tags, 1)}
    for identifier, parameters in (RULES | {"REQUIRED_TAGS": required}).items():
        name = "".join(part.title() for part in identifier.split("_"))
        rule = config.CfnConfigRule(
            stack,
            name,
            config_rule_name=f"{stack.settings.prefix}-{identifier.lower().replace('_', '-')}",
            source=config.CfnConfigRule.SourceProperty(owner="AWS", source_identifier=identifier),
            input_parameters=parameters or None,
        )
        for each in recording:
            rule.node.add_dependency(each)


def recorder(
    stack: PlatformStack, bucket: s3.IBucket, key: kms.IKey
) -> list[config.CfnConfigurationRecorder]:
    """Return AWS Config's recorder and delivery channel, of which an account has one in each region."""
    role = TaskRole(
        stack,
        "ConfigRole",
        assumed_by=acting(stack, "config"),
        description="AWS Config looks at the account's resources",
        statements=[
            Allow(
                "Deliver",
                ["s3:PutObject"],
                [bucket.arn_for_objects(f"{CONFIG_PREFIX}/AWSLogs/{stack.account}/*")],
                why="AWS Config names its files by time",
            ),
            Allow("LookAtBucket", ["s3:GetBucketAcl", "s3:ListBucket"], [bucket.bucket_arn]),
            Allow("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], [key.key_arn]),
        ],
    )
    managed = "service-role/AWS_ConfigRole"
    role.add_managed_policy(iam.ManagedPolicy.from_aws_managed_policy_name(managed))
    acknowledge(
        role,
        "AWS keeps the list of what Config has to look at, and adds to it with each new service",
        f"AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/{managed}]",
    )
    found = config.CfnConfigurationRecorder(
        stack,
        "Recorder",
        name=stack.settings.prefix,
        role_arn=role.role_arn,
        recording_group=config.CfnConfigurationRecorder.RecordingGroupProperty(
            all_supported=True, include_global_resource_types=True
        ),
    )
    channel = config.CfnDeliveryChannel(
        stack,
        "DeliveryChannel",
        name=stack.settings.prefix,
        s3_bucket_name=bucket.bucket_name,
        s3_key_prefix=CONFIG_PREFIX,
        s3_kms_key_arn=key.key_arn,
    )
    return [found, channel]
