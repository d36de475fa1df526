"""Examples of what else `cdk bootstrap` needs: S3, KMS, ECR, SSM."""

import json

from resources.making import ACCOUNT, TEAM, Example


def key(world, made):
    kms = world.client("kms")
    about = kms.describe_key(KeyId=made.physical_id)["KeyMetadata"]
    if about["KeyState"] == "PendingDeletion":
        return None
    tags = kms.list_resource_tags(KeyId=made.physical_id)["Tags"]
    return (
        about["Description"],
        kms.get_key_rotation_status(KeyId=made.physical_id)["KeyRotationEnabled"],
        len(
            json.loads(kms.get_key_policy(KeyId=made.physical_id, PolicyName="default")["Policy"])[
                "Statement"
            ]
        ),
        {t["TagKey"]: t["TagValue"] for t in tags if not t["TagKey"].startswith("aws:")},
    )


def key_policy(count):
    root = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "kms:*", "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [root] * count}


def alias(world, made):
    found = world.client("kms").list_aliases()["Aliases"]
    names = [one["TargetKeyId"] for one in found if one["AliasName"] == made.physical_id]
    return names and world.client("kms").describe_key(KeyId=names[0])["KeyMetadata"]["Description"]


def repository(world, made):
    ecr, which = world.client("ecr"), {"repositoryName": made.physical_id}
    (found,) = ecr.describe_repositories(repositoryNames=[made.physical_id])["repositories"]
    try:
        lifecycle = json.loads(ecr.get_lifecycle_policy(**which)["lifecyclePolicyText"])["rules"]
    except ecr.exceptions.LifecyclePolicyNotFoundException:
        lifecycle = None
    return found["imageTagMutability"], lifecycle and len(lifecycle)


def parameter(world, made):
    ssm = world.client("ssm")
    value = ssm.get_parameter(Name=made.physical_id)["Parameter"]["Value"]
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=made.physical_id)
    return value, {tag["Key"]: tag["Value"] for tag in tags["TagList"]}


def bucket(world, made):
    s3, which = world.client("s3"), {"Bucket": made.physical_id}
    s3.head_bucket(**which)

    def get(name, member):
        try:
            return getattr(s3, f"get_{name}")(**which)[member]
        except s3.exceptions.ClientError as error:
            if "NoSuch" in str(error) or "NotFound" in str(error):
                return None
            raise

    encryption = get("bucket_encryption", "ServerSideEncryptionConfiguration")
    return {
        "versioning": s3.get_bucket_versioning(**which).get("Status"),
        "key": encryption and encryption["Rules"][0]["BucketKeyEnabled"],
        "public": get("public_access_block", "PublicAccessBlockConfiguration"),
        "rules": [
            {**rule, "Filter": rule.get("Filter") or {"Prefix": ""}}
            for rule in get("bucket_lifecycle_configuration", "Rules") or []
        ],
        "cors": get("bucket_cors", "CORSRules"),
        "owner": get("bucket_ownership_controls", "OwnershipControls"),
        "logs": s3.get_bucket_logging(**which).get("LoggingEnabled", {}).get("TargetPrefix"),
        "tags": get("bucket_tagging", "TagSet"),
        "tiers": [
            one["Id"]
            for one in s3.list_bucket_intelligent_tiering_configurations(**which).get(
                "IntelligentTieringConfigurationList", []
            )
        ],
        "events": "EventBridgeConfiguration" in s3.get_bucket_notification_configuration(**which),
    }


def bucket_policy(world, made):
    policy = world.client("s3").get_bucket_policy(Bucket=made.physical_id)["Policy"]
    return json.loads(policy)["Statement"][0]["Effect"]


def tls_only(bucket, effect):
    statement = {
        "Effect": effect,
        "Principal": "*",
        "Action": "s3:*",
        "Resource": f"arn:aws:s3:::{bucket}",
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


TIERS = {
    "Id": "old",
    "Status": "Enabled",
    "Prefix": "a/",
    "Tierings": [{"AccessTier": "ARCHIVE_ACCESS", "Days": "90"}],
}
BLOCKED = {
    name: True
    for name in (
        "BlockPublicAcls",
        "BlockPublicPolicy",
        "IgnorePublicAcls",
        "RestrictPublicBuckets",
    )
}
RULES = {
    "rules": [
        {
            "rulePriority": 1,
            "selection": {
                "tagStatus": "untagged",
                "countType": "sinceImagePushed",
                "countUnit": "days",
                "countNumber": 365,
            },
            "action": {"type": "expire"},
        }
    ]
}

EXAMPLES = [
    Example(
        "AWS::S3::Bucket",
        lambda w: {
            "AccessControl": "Private",
            "VersioningConfiguration": {"Status": "Enabled"},
            "NotificationConfiguration": {"EventBridgeConfiguration": {}},
            "IntelligentTieringConfigurations": [TIERS],
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {
                        "BucketKeyEnabled": True,
                        "ServerSideEncryptionByDefault": {
                            "SSEAlgorithm": "aws:kms",
                            "KMSMasterKeyID": w.one("AWS::KMS::Key").attributes["Arn"],
                        },
                    }
                ]
            },
            "PublicAccessBlockConfiguration": dict.fromkeys(BLOCKED, "true"),
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "Id": "tier",
                        "Status": "Enabled",
                        "Prefix": "a/",
                        "ExpirationInDays": "30",
                        "Transitions": [
                            {"StorageClass": "INTELLIGENT_TIERING", "TransitionInDays": 0}
                        ],
                        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                    }
                ]
            },
            "LoggingConfiguration": {
                "DestinationBucketName": w.one(
                    "AWS::S3::Bucket", AccessControl="LogDeliveryWrite"
                ).physical_id,
                "LogFilePrefix": "access/",
            },
        },
        lambda w: {
            "VersioningConfiguration": None,
            "NotificationConfiguration": None,
            "IntelligentTieringConfigurations": None,
            "BucketEncryption": None,
            "PublicAccessBlockConfiguration": None,
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "Id": "abort",
                        "Status": "Enabled",
                        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                    }
                ]
            },
            "CorsConfiguration": {
                "CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAge": 60}]
            },
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "LoggingConfiguration": None,
            "Tags": [{"Key": "a", "Value": "b"}],
        },
        bucket,
        {
            "versioning": "Enabled",
            "key": True,
            "public": BLOCKED,
            "rules": [
                {
                    "ID": "tier",
                    "Status": "Enabled",
                    "Filter": {"Prefix": "a/"},
                    "Expiration": {"Days": 30},
                    "Transitions": [{"StorageClass": "INTELLIGENT_TIERING", "Days": 0}],
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                }
            ],
            "cors": None,
            "owner": None,
            "logs": "access/",
            "tags": [{"Key": "team", "Value": "reviews"}],
            "tiers": ["old"],
            "events": True,
        },
        {
            "versioning": "Suspended",
            "key": None,
            "public": None,
            "rules": [
                {
                    "ID": "abort",
                    "Status": "Enabled",
                    "Filter": {"Prefix": ""},
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
                }
            ],
            "cors": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"], "MaxAgeSeconds": 60}],
            "owner": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "logs": None,
            "tags": [{"Key": "team", "Value": "reviews"}, {"Key": "a", "Value": "b"}],
            "tiers": [],
            "events": False,
        },
    ),
    Example(
        "AWS::S3::BucketPolicy",
        lambda w: {
            "Bucket": w.one("AWS::S3::Bucket").physical_id,
            "PolicyDocument": tls_only(w.one("AWS::S3::Bucket").physical_id, "Deny"),
        },
        lambda w: {"PolicyDocument": tls_only(w.one("AWS::S3::Bucket").physical_id, "Allow")},
        bucket_policy,
        "Deny",
        "Allow",
    ),
    Example(
        "AWS::KMS::Key",
        lambda w: {"Description": "one", "KeyPolicy": key_policy(1), "EnableKeyRotation": "true"},
        lambda w: {
            "Description": "two",
            "KeyPolicy": key_policy(2),
            "EnableKeyRotation": False,
            "Tags": [{"Key": "a", "Value": "b"}],
        },
        key,
        ("one", True, 1, TEAM),
        ("two", False, 2, {**TEAM, "a": "b"}),
    ),
    Example(
        "AWS::KMS::Alias",
        lambda w: {
            "AliasName": "alias/of-the-example",
            "TargetKeyId": w.one("AWS::KMS::Key", Description="one").physical_id,
        },
        lambda w: {"TargetKeyId": w.one("AWS::KMS::Key", Description="two").attributes["Arn"]},
        alias,
        "one",
        "two",
    ),
    Example(
        "AWS::ECR::Repository",
        lambda w: {
            "ImageTagMutability": "IMMUTABLE",
            "LifecyclePolicy": {"LifecyclePolicyText": json.dumps(RULES)},
        },
        lambda w: {"ImageTagMutability": "MUTABLE", "LifecyclePolicy": None},
        repository,
        ("IMMUTABLE", 1),
        ("MUTABLE", None),
    ),
    Example(
        "AWS::SSM::Parameter",
        lambda w: {"Type": "String", "Value": "1", "Tags": {"a": "b"}},
        lambda w: {"Value": "2", "Tags": None},
        parameter,
        ("1", {**TEAM, "a": "b"}),
        ("2", TEAM),
    ),
]
