"""Examples of AWS::SageMaker and AWS::RedshiftServerless."""

import json

from botocore import xform_name

from resources.making import ACCOUNT, REGION, TEAM, Example

ROLE = f"arn:aws:iam::{ACCOUNT}:role/example"
DOMAIN = {
    "DomainName": "example",
    "AuthMode": "IAM",
    "DefaultUserSettings": {"ExecutionRole": ROLE},
    "SubnetIds": ["subnet-1"],
    "VpcId": "vpc-1",
}
FEATURES = [{"FeatureName": n, "FeatureType": "String"} for n in ("id", "at")]
GROUP = {
    "FeatureGroupName": "example-features",
    "RecordIdentifierFeatureName": "id",
    "EventTimeFeatureName": "at",
    "FeatureDefinitions": FEATURES,
    "OnlineStoreConfig": {"EnableOnlineStore": "true"},
}
CONTAINER = {"Image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/example:1"}
CONFIG = {"StudioLifecycleConfigContent": "e30=", "StudioLifecycleConfigAppType": "JupyterLab"}
VARIANT = {"VariantName": "v", "InstanceType": "ml.m5.large", "InitialInstanceCount": "1"}
VARIANTS = {"ProductionVariants": [VARIANT], "ExecutionRoleArn": ROLE}


def definition(message):
    steps = [{"Name": "F", "Type": "Fail", "Arguments": {"ErrorMessage": message}}]
    return json.dumps({"Version": "2020-12-01", "Parameters": [], "Steps": steps})


def described(kind, arn, *members, name=None):
    """Return what Describe shows of a resource: members, and its tags; `name` tells how to ask."""

    def show(world, made):
        sagemaker = world.client("sagemaker")
        ask = name(made) if name else {f"{kind}Name": made.physical_id.rpartition("/")[2]}
        found = getattr(sagemaker, xform_name(f"Describe{kind}"))(**ask)
        tags = sagemaker.list_tags(ResourceArn=found[arn])["Tags"]
        shown = tuple(found.get(member) for member in members)
        return (*shown, {tag["Key"]: tag["Value"] for tag in tags})

    return show


def monitored(kind):
    """Return the properties of a monitoring job's definition."""
    image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/monitor:1"
    endpoint = {"EndpointName": "e", "LocalPath": "/opt/ml/processing/input"}
    output = {"S3Output": {"S3Uri": "s3://b/o", "LocalPath": "/opt/ml/processing/output"}}
    cluster = {"InstanceCount": "1", "InstanceType": "ml.m5.large", "VolumeSizeInGB": "1"}
    truth = {"GroundTruthS3Input": {"S3Uri": "s3://b/truth"}}
    needs_truth = kind in ("ModelQuality", "ModelBias")
    config = {} if kind.endswith("Quality") else {"ConfigUri": "s3://b/config.json"}
    return {
        "RoleArn": ROLE,
        "JobResources": {"ClusterConfig": cluster},
        f"{kind}AppSpecification": {"ImageUri": image, **config},
        f"{kind}JobInput": {"EndpointInput": endpoint, **(truth if needs_truth else {})},
        f"{kind}JobOutputConfig": {"MonitoringOutputs": [output]},
    }


def profile_names(made):
    name, domain = made.physical_id.split("|")
    return {"UserProfileName": name, "DomainId": domain}


def space_names(made):
    domain, name = made.physical_id.split("|")
    return {"SpaceName": name, "DomainId": domain}


def features(world, made):
    found = described("FeatureGroup", "FeatureGroupArn", "FeatureDefinitions")(world, made)
    return [each["FeatureName"] for each in found[0]], found[1]


def group(world, made):
    sagemaker, name = world.client("sagemaker"), made.physical_id.rpartition("/")[2]
    sagemaker.describe_model_package_group(ModelPackageGroupName=name)
    tags = sagemaker.list_tags(ResourceArn=made.physical_id)["Tags"]
    try:
        policy = sagemaker.get_model_package_group_policy(ModelPackageGroupName=name)
    except sagemaker.exceptions.ClientError:
        policy = {"ResourcePolicy": "null"}
    return json.loads(policy["ResourcePolicy"]), len(tags)


def approval(world, made):
    sagemaker = world.client("sagemaker")
    found = sagemaker.describe_model_package(ModelPackageName=made.physical_id)
    return found["ModelApprovalStatus"]


def fail(world, made):
    found = world.client("sagemaker").describe_pipeline(PipelineName=made.physical_id)
    step = json.loads(found["PipelineDefinition"])["Steps"][0]
    tags = world.client("sagemaker").list_tags(ResourceArn=found["PipelineArn"])["Tags"]
    return step["Arguments"]["ErrorMessage"], found.get("PipelineDescription"), len(tags)


def warehouse(kind, *members):
    def show(world, made):
        rs = world.client("redshift-serverless")
        get = getattr(rs, xform_name(f"Get{kind}"))
        found = get(**{f"{kind.lower()}Name": made.physical_id})[kind.lower()]
        tags = rs.list_tags_for_resource(resourceArn=found[f"{kind.lower()}Arn"])["tags"]
        return (*(found[member] for member in members), {t["key"]: t["value"] for t in tags})

    return show


OPEN = {"Version": "2012-10-17", "Statement": []}
EXAMPLES = [
    Example(
        "AWS::SageMaker::Domain",
        lambda w: DOMAIN,
        lambda w: {"SubnetIds": ["subnet-2"], "DomainSettings": {"SecurityGroupIds": ["sg-1"]}},
        described(
            *("Domain", "DomainArn", "DomainName", "SubnetIds", "DomainSettings"),
            name=lambda made: {"DomainId": made.physical_id},
        ),
        ("example", ["subnet-1"], None, TEAM),
        ("example", ["subnet-2"], {"SecurityGroupIds": ["sg-1"]}, TEAM),
    ),
    Example(
        "AWS::SageMaker::UserProfile",
        lambda w: {
            "DomainId": w.one("AWS::SageMaker::Domain", **DOMAIN).physical_id,
            "UserProfileName": "Ada",
        },
        lambda w: {"UserSettings": {"ExecutionRole": ROLE}, "Tags": [{"Key": "a", "Value": "b"}]},
        described("UserProfile", "UserProfileArn", "UserSettings", name=profile_names),
        (None, TEAM),
        ({"ExecutionRole": ROLE}, TEAM | {"a": "b"}),
    ),
    Example(
        "AWS::SageMaker::Space",
        lambda w: {
            "DomainId": w.one("AWS::SageMaker::Domain", **DOMAIN).physical_id,
            "SpaceName": "shared",
        },
        lambda w: {"SpaceDisplayName": "for all"},
        described("Space", "SpaceArn", "SpaceDisplayName", name=space_names),
        (None, TEAM),
        ("for all", TEAM),
    ),
    Example(
        "AWS::SageMaker::StudioLifecycleConfig",
        lambda w: {"StudioLifecycleConfigName": "idle", **CONFIG},
        lambda w: {},
        described(
            "StudioLifecycleConfig", "StudioLifecycleConfigArn", "StudioLifecycleConfigAppType"
        ),
        ("JupyterLab", TEAM),
        ("JupyterLab", TEAM),
    ),
    Example(
        "AWS::SageMaker::AppImageConfig",
        lambda w: {"AppImageConfigName": "own"},
        lambda w: {"KernelGatewayImageConfig": {"KernelSpecs": [{"Name": "python3"}]}},
        described("AppImageConfig", "AppImageConfigArn", "KernelGatewayImageConfig"),
        (None, TEAM),
        ({"KernelSpecs": [{"Name": "python3"}]}, TEAM),
    ),
    Example(
        "AWS::SageMaker::Image",
        lambda w: {"ImageName": "own", "ImageRoleArn": ROLE},
        lambda w: {"ImageDescription": "ours"},
        described("Image", "ImageArn", "Description"),
        (None, TEAM),
        ("ours", TEAM),
    ),
    Example(
        "AWS::SageMaker::CodeRepository",
        lambda w: {"GitConfig": {"RepositoryUrl": "https://example.com/code"}},
        lambda w: {"Tags": [{"Key": "a", "Value": "b"}]},
        described("CodeRepository", "CodeRepositoryArn", "GitConfig"),
        ({"RepositoryUrl": "https://example.com/code"}, TEAM),
        ({"RepositoryUrl": "https://example.com/code"}, TEAM | {"a": "b"}),
    ),
    Example(
        "AWS::SageMaker::FeatureGroup",
        lambda w: GROUP,
        lambda w: {
            "FeatureDefinitions": [*FEATURES, {"FeatureName": "s", "FeatureType": "Integral"}]
        },
        features,
        (["id", "at"], TEAM),
        (["id", "at", "s"], TEAM),
    ),
    Example(
        "AWS::SageMaker::MlflowTrackingServer",
        lambda w: {"TrackingServerName": "t", "ArtifactStoreUri": "s3://b/t", "RoleArn": ROLE},
        lambda w: {"TrackingServerSize": "Medium"},
        described(
            *("MlflowTrackingServer", "TrackingServerArn", "TrackingServerSize"),
            name=lambda made: {"TrackingServerName": made.physical_id},
        ),
        ("Small", TEAM),
        ("Medium", TEAM),
    ),
    Example(
        "AWS::SageMaker::MlflowApp",
        lambda w: {"Name": "example", "ArtifactStoreUri": "s3://b/a", "RoleArn": ROLE},
        lambda w: {"ArtifactStoreUri": "s3://b/b"},
        described(
            *("MlflowApp", "Arn", "ArtifactStoreUri"), name=lambda made: {"Arn": made.physical_id}
        ),
        ("s3://b/a", TEAM),
        ("s3://b/b", TEAM),
    ),
    Example(
        "AWS::SageMaker::NotebookInstance",
        lambda w: {"InstanceType": "ml.t3.medium", "RoleArn": ROLE},
        lambda w: {"Tags": [{"Key": "a", "Value": "b"}]},
        described("NotebookInstance", "NotebookInstanceArn", "InstanceType"),
        ("ml.t3.medium", TEAM),
        ("ml.t3.medium", TEAM | {"a": "b"}),
    ),
    Example(
        "AWS::SageMaker::NotebookInstanceLifecycleConfig",
        lambda w: {"OnCreate": [{"Content": "ZWNobyBoaQ=="}]},
        lambda w: {"OnCreate": None, "OnStart": [{"Content": "bHM="}]},
        described(
            *("NotebookInstanceLifecycleConfig", "NotebookInstanceLifecycleConfigArn"),
            *("OnCreate", "OnStart"),
        ),
        ([{"Content": "ZWNobyBoaQ=="}], None, TEAM),
        ([], [{"Content": "bHM="}], TEAM),
    ),
    Example(
        "AWS::SageMaker::Pipeline",
        lambda w: {
            "PipelineName": "Example",
            "PipelineDefinition": {"PipelineDefinitionBody": definition("first")},
            "RoleArn": w.role(),
        },
        lambda w: {
            "PipelineDescription": "again",
            "PipelineDefinition": {"PipelineDefinitionBody": definition("second")},
        },
        fail,
        ("first", None, 1),
        ("second", "again", 1),
    ),
    Example(
        "AWS::SageMaker::ModelPackageGroup",
        lambda w: {"ModelPackageGroupName": "Examples", "ModelPackageGroupPolicy": OPEN},
        lambda w: {"ModelPackageGroupPolicy": None, "Tags": [{"Key": "a", "Value": "b"}]},
        group,
        (OPEN, 1),
        (None, 2),
    ),
    Example(
        "AWS::SageMaker::ModelPackage",
        lambda w: {
            "InferenceSpecification": {"Containers": [CONTAINER]},
            "ModelPackageGroupName": w.one(
                "AWS::SageMaker::ModelPackageGroup", ModelPackageGroupName="versions"
            ).physical_id,
        },
        lambda w: {"ModelApprovalStatus": "Rejected"},
        approval,
        "PendingManualApproval",
        "Rejected",
    ),
    Example(
        "AWS::SageMaker::Model",
        lambda w: {"PrimaryContainer": CONTAINER},
        lambda w: {"Tags": [{"Key": "a", "Value": "b"}]},
        described("Model", "ModelArn", "EnableNetworkIsolation"),
        (False, TEAM),
        (False, TEAM | {"a": "b"}),
    ),
    Example(
        "AWS::SageMaker::EndpointConfig",
        lambda w: {
            "ProductionVariants": [
                VARIANT
                | {
                    "ModelName": w.one(
                        "AWS::SageMaker::Model", PrimaryContainer=CONTAINER
                    ).physical_id
                }
            ]
        },
        lambda w: {"Tags": [{"Key": "a", "Value": "b"}]},
        described("EndpointConfig", "EndpointConfigArn", "KmsKeyId"),
        (None, TEAM),
        (None, TEAM | {"a": "b"}),
    ),
    *(
        Example(
            f"AWS::SageMaker::{kind}JobDefinition",
            lambda w, kind=kind: monitored(kind),
            lambda w: {"Tags": [{"Key": "a", "Value": "b"}]},
            described(
                *(f"{kind}JobDefinition", "JobDefinitionArn", "RoleArn"),
                name=lambda made: {"JobDefinitionName": made.physical_id.rpartition("/")[2]},
            ),
            (ROLE, TEAM),
            (ROLE, TEAM | {"a": "b"}),
        )
        for kind in ("DataQuality", "ModelQuality", "ModelBias", "ModelExplainability")
    ),
    Example(
        "AWS::SageMaker::ModelCard",
        lambda w: {"ModelCardName": "card", "Content": {"a": 1}, "ModelCardStatus": "Draft"},
        lambda w: {"ModelCardStatus": "Approved"},
        described("ModelCard", "ModelCardArn", "ModelCardStatus", "Content"),
        ("Draft", '{"a":1}', TEAM),
        ("Approved", '{"a":1}', TEAM),
    ),
    Example(
        "AWS::RedshiftServerless::Namespace",
        lambda w: {"NamespaceName": "example", "AdminUserPassword": "Secret123"},
        lambda w: {"LogExports": ["userlog"], "Tags": [{"Key": "a", "Value": "b"}]},
        warehouse("Namespace", "logExports"),
        ([], TEAM),
        (["userlog"], TEAM),
    ),
    Example(
        "AWS::RedshiftServerless::Workgroup",
        lambda w: {
            "WorkgroupName": "example",
            "NamespaceName": w.one(
                "AWS::RedshiftServerless::Namespace", NamespaceName="for-workgroup"
            ).physical_id,
            "BaseCapacity": "8",
        },
        lambda w: {"BaseCapacity": 16},
        warehouse("Workgroup", "baseCapacity"),
        (8, TEAM),
        (16, TEAM),
    ),
]
