"""Features, model packages and experiments: resources for which the CDK has no construct of its own."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_sagemaker as sagemaker

from infra.constructs.job_roles import encrypts, objects
from infra.constructs.policy import Allow
from infra.constructs.role import TaskRole, acting
from infra.constructs.stack import PlatformStack
from infra.stacks.lake import Lake

STORE = "feature-store/"
EXPERIMENTS = "mlflow/"
# What PrepareFeatures computes of a review.
FEATURES = {
    "review_id": "String",
    "date": "String",
    "split_type": "String",
    "label_id": "Integral",
    "input_ids": "String",
    "input_mask": "String",
    "segment_ids": "String",
}


class FeatureGroup(sagemaker.CfnFeatureGroup):
    """The features of reviews, offline: files in the features bucket under the lake's key."""

    def __init__(self, stack: PlatformStack, name: str, lake: Lake) -> None:
        role = TaskRole(
            stack,
            "FeatureStoreRole",
            assumed_by=acting(stack, "sagemaker"),
            description="Writes the offline store of the feature group",
            statements=[
                Allow(
                    "WriteStore",
                    ["s3:GetBucketAcl", "s3:PutObject", "s3:PutObjectAcl"],
                    [lake.features.bucket_arn, *objects({lake.features: (STORE,)})],
                    why="the feature store names its files by time",
                ),
                *encrypts(lake),
            ],
        )
        super().__init__(
            stack,
            "FeatureGroup",
            feature_group_name=name,
            description="Tokens and labels of customer reviews",
            record_identifier_feature_name="review_id",
            event_time_feature_name="date",
            feature_definitions=[
                self.FeatureDefinitionProperty(feature_name=feature, feature_type=kind)
                for feature, kind in FEATURES.items()
            ],
            offline_store_config={
                "S3StorageConfig": {
                    "S3Uri": lake.features.s3_url_for_object(STORE.rstrip("/")),
                    "KmsKeyId": lake.key.key_arn,
                },
                "DisableGlueTableCreation": True,
            },
            role_arn=role.role_arn,
        )
        if role.policy:
            self.node.add_dependency(role.policy)


class ModelPackageGroup(sagemaker.CfnModelPackageGroup):
    """The versions of one model."""

    def __init__(self, stack: PlatformStack, name: str) -> None:
        super().__init__(
            stack,
            "ModelPackageGroup",
            model_package_group_name=name,
            model_package_group_description="Predicts the star rating of a customer review",
        )
        self.apply_removal_policy(stack.removal)


class Experiments(sagemaker.CfnMlflowApp):
    """MLflow, serverless: people's experiments, their files in the artifacts bucket."""

    def __init__(self, stack: PlatformStack, lake: Lake) -> None:
        role = TaskRole(
            stack,
            "MlflowRole",
            assumed_by=acting(stack, "sagemaker"),
            description="Keeps the files of experiments",
            statements=[
                Allow(
                    "KeepFiles",
                    ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"],
                    objects({lake.artifacts: (EXPERIMENTS,)}),
                    why="experiments name their files",
                ),
                Allow(
                    "ListFiles",
                    ["s3:ListBucket"],
                    [lake.artifacts.bucket_arn],
                    {"StringLike": {"s3:prefix": [f"{EXPERIMENTS}*"]}},
                ),
                *encrypts(lake),
            ],
        )
        super().__init__(
            stack,
            "Experiments",
            name=stack.settings.prefix,
            artifact_store_uri=lake.artifacts.s3_url_for_object(EXPERIMENTS.rstrip("/")),
            role_arn=role.role_arn,
            model_registration_mode="AutoModelRegistrationDisabled",
        )
        self.apply_removal_policy(stack.removal)
        if role.policy:
            self.node.add_dependency(role.policy)
        self.role: iam.IRole = role
