"""The roles of jobs, pipelines and served models: each reads and writes its own folders and no others."""

from collections.abc import Mapping, Sequence

import aws_cdk as cdk
from aws_cdk import aws_s3 as s3

from infra.constructs.policy import Allow
from infra.constructs.role import TaskRole, acting
from infra.constructs.stack import PlatformStack
from infra.stacks.lake import Lake

PIPELINE = "reviews-training"
CODE = tuple(f"{PIPELINE}/{kind}/" for kind in ("code", "sm_drivers", "weights"))
MODELS = f"{PIPELINE}/models/"


def processing(stack: PlatformStack, lake: Lake) -> TaskRole:
    """Return the role of processing jobs: from raw data to features and reports."""
    return TaskRole(
        stack,
        "ProcessingRole",
        assumed_by=acting(stack, "sagemaker"),
        description="Processing jobs",
        kind="processing",
        statements=[
            *reads(
                {
                    lake.raw: (lake.raw_prefix,),
                    # Reports of one step are read by the next; the model by the evaluation.
                    lake.artifacts: (f"{PIPELINE}/",),
                    lake.features: (f"{PIPELINE}/",),
                }
            ),
            *writes({lake.artifacts: (f"{PIPELINE}/",), lake.features: (f"{PIPELINE}/",)}),
            *encrypts(lake),
            *runs_jobs(stack),
        ],
    )


def training(stack: PlatformStack, lake: Lake) -> TaskRole:
    """Return the role of training jobs: they read features, never raw data."""
    return TaskRole(
        stack,
        "TrainingRole",
        assumed_by=acting(stack, "sagemaker"),
        description="Training jobs",
        kind="training",
        statements=[
            *reads(
                {
                    lake.features: (f"{PIPELINE}/",),
                    lake.artifacts: (*CODE, f"{PIPELINE}/checkpoints/"),
                }
            ),
            *writes({lake.artifacts: (MODELS, f"{PIPELINE}/checkpoints/")}),
            *encrypts(lake),
            *runs_jobs(stack),
        ],
    )


def serving(stack: PlatformStack, lake: Lake) -> TaskRole:
    """Return the role of served models: they read models and write nothing but logs and metrics."""
    return TaskRole(
        stack,
        "ServingRole",
        assumed_by=acting(stack, "sagemaker"),
        description="Models that are served",
        kind="serving",
        statements=[
            *reads({lake.artifacts: (MODELS,)}),
            Allow("DecryptFiles", ["kms:Decrypt"], [lake.key.key_arn]),
            *runs_jobs(stack),
        ],
    )


def reads(folders: Mapping[s3.IBucket, Sequence[str]]) -> list[Allow]:
    """Return what lets a role list and read folders of buckets."""
    listing = [
        Allow(
            f"List{number}",
            ["s3:ListBucket"],
            [bucket.bucket_arn],
            {"StringLike": {"s3:prefix": [f"{prefix}*" for prefix in prefixes]}},
        )
        for number, (bucket, prefixes) in enumerate(folders.items())
    ]
    return [
        *listing,
        Allow(
            "ReadFiles",
            ["s3:GetObject"],
            objects(folders),
            why="all files below these folders, whatever their names",
        ),
    ]


def writes(folders: Mapping[s3.IBucket, Sequence[str]]) -> list[Allow]:
    """Return what lets a role write into folders of buckets."""
    return [
        Allow(
            "WriteFiles",
            ["s3:AbortMultipartUpload", "s3:PutObject"],
            objects(folders),
            why="jobs name what they write",
        )
    ]


def objects(folders: Mapping[s3.IBucket, Sequence[str]]) -> list[str]:
    """Return the ARN pattern of each folder's objects."""
    return [
        bucket.arn_for_objects(f"{prefix}*")
        for bucket, prefixes in folders.items()
        for prefix in prefixes
    ]


def encrypts(lake: Lake) -> list[Allow]:
    """Return what lets a job read and write under the lake's key, on its volumes too."""
    return [
        Allow(
            "UseKey",
            ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"],
            [lake.key.key_arn],
        ),
        Allow(
            "EncryptVolumes",
            ["kms:CreateGrant"],
            [lake.key.key_arn],
            {"Bool": {"kms:GrantIsForAWSResource": "true"}},
        ),
    ]


def runs_jobs(stack: PlatformStack) -> list[Allow]:
    """Return what every job needs: its image, its log, its metrics, and a place in the VPC."""
    repositories = [
        stack.format_arn(service="ecr", account=account, resource="repository", resource_name="*")
        for account in stack.settings.network.image_accounts
    ]
    group = stack.format_arn(
        service="logs",
        resource="log-group",
        resource_name="/aws/sagemaker/*",
        arn_format=cdk.ArnFormat.COLON_RESOURCE_NAME,
    )
    return [
        Allow(
            "LogIn",
            ["ecr:GetAuthorizationToken"],
            ["*"],
            why="ECR knows no resource for this action",
        ),
        Allow(
            "PullImages",
            [
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            repositories,
            why="AWS's own images for SageMaker, of which pipelines choose",
        ),
        Allow(
            "WriteLogs",
            [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ],
            [group],
            why="a job's group is named after its kind, an endpoint's after the endpoint",
        ),
        Allow(
            "WriteMetrics",
            ["cloudwatch:PutMetricData"],
            ["*"],
            {"StringLike": {"cloudwatch:namespace": ["/aws/sagemaker/*", "AWS/SageMaker"]}},
            why="CloudWatch knows no resource for this action; the namespace is the limit",
        ),
        Allow(
            "JoinVpc",
            [
                "ec2:CreateNetworkInterface",
                "ec2:CreateNetworkInterfacePermission",
                "ec2:DeleteNetworkInterface",
                "ec2:DeleteNetworkInterfacePermission",
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ],
            ["*"],
            why="the interfaces do not exist before, and EC2 knows no resource for Describe",
        ),
    ]
