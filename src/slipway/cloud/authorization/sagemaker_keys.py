"""SageMaker's condition keys: which operation has which, and where in its request their values are. Pure.

A key is there only where the request says something about it: what is left out is no value, as for a
policy's `Null`. Source: Service Authorization Reference, "Condition keys for Amazon SageMaker".
"""

from collections.abc import Iterator, Mapping
from typing import Any

Members = Mapping[str, Any]

CLUSTER = "ProcessingResources.ClusterConfig"
TUNING = "TrainingJobDefinition"
MONITORING = "MonitoringScheduleConfig.MonitoringJobDefinition"
RUN_TIME = "MaxRuntimeInSeconds"
VARIANTS = ("ProductionVariants[]", "ShadowProductionVariants[]")
JOB = "JobResources.ClusterConfig"
SPEC = "DefaultResourceSpec.InstanceType"
USERS = tuple(
    f"{settings}.{app}AppSettings.{SPEC}"
    for settings in ("DefaultUserSettings", "UserSettings")
    for app in ("JupyterServer", "KernelGateway", "TensorBoard", "CodeEditor", "JupyterLab")
)


def under(paths: tuple[str, ...], *members: str) -> tuple[str, ...]:
    """Return the paths of members under each of several."""
    return tuple(f"{path}.{member}" for path in paths for member in members)


TUNED = (TUNING, "TrainingJobDefinitions[]")
NETWORKS = ("NetworkConfig", f"{MONITORING}.NetworkConfig")
SECURED = ("AutoMLJobConfig.SecurityConfig", "SecurityConfig")
# Key → the paths at which its values are; the first text before a dot is a member
PATHS: Mapping[str, tuple[str, ...]] = {
    "InstanceTypes": (
        *("InstanceType", "ResourceSpec.InstanceType", "TransformResources.InstanceType"),
        *under(("ResourceConfig", *under(TUNED, "ResourceConfig")), "InstanceType"),
        *under(
            ("ResourceConfig", *under(TUNED, "ResourceConfig")), "InstanceGroups[].InstanceType"
        ),
        *under((CLUSTER, JOB, f"{MONITORING}.MonitoringResources.ClusterConfig"), "InstanceType"),
        *under(VARIANTS, "InstanceType"),
        *USERS,
    ),
    "VpcSubnets": (
        *("SubnetIds[]", "SubnetId"),
        *under(("VpcConfig", *under((*NETWORKS, *TUNED, *SECURED), "VpcConfig")), "Subnets[]"),
    ),
    "VpcSecurityGroupIds": (
        *("SecurityGroupIds[]", "DefaultUserSettings.SecurityGroups[]"),
        *("UserSettings.SecurityGroups[]", "DomainSettings.SecurityGroupIds[]"),
        *under(
            ("VpcConfig", *under((*NETWORKS, *TUNED, *SECURED), "VpcConfig")), "SecurityGroupIds[]"
        ),
    ),
    "NetworkIsolation": (
        "EnableNetworkIsolation",
        *under((*NETWORKS, *TUNED), "EnableNetworkIsolation"),
    ),
    "InterContainerTrafficEncryption": (
        "EnableInterContainerTrafficEncryption",
        *under((*NETWORKS, *TUNED), "EnableInterContainerTrafficEncryption"),
        *under(SECURED, "EnableInterContainerTrafficEncryption"),
    ),
    "MaxRuntimeInSeconds": (
        *under(("StoppingCondition", *under((*TUNED, MONITORING), "StoppingCondition")), RUN_TIME),
    ),
    "VolumeKmsKey": (
        *("KmsKeyId", "TransformResources.VolumeKmsKeyId"),
        *under(("ResourceConfig", *under(TUNED, "ResourceConfig")), "VolumeKmsKeyId"),
        *under((CLUSTER, JOB, f"{MONITORING}.MonitoringResources.ClusterConfig"), "VolumeKmsKeyId"),
        *under(SECURED, "VolumeKmsKeyId"),
    ),
    "OutputKmsKey": (
        *("ProcessingOutputConfig.KmsKeyId", "TransformOutput.KmsKeyId"),
        *under(("OutputDataConfig", *under(TUNED, "OutputDataConfig")), "KmsKeyId"),
        f"{MONITORING}.MonitoringOutputConfig.KmsKeyId",
        *under(("DataQualityJobOutputConfig", "ModelQualityJobOutputConfig"), "KmsKeyId"),
        *under(("ModelBiasJobOutputConfig", "ModelExplainabilityJobOutputConfig"), "KmsKeyId"),
    ),
    "KeepAlivePeriod": ("ResourceConfig.KeepAlivePeriodInSeconds",),
    "EnableRemoteDebug": ("RemoteDebugConfig.EnableRemoteDebug",),
    "ModelArn": ("ModelName", *under(VARIANTS, "ModelName")),
    "AcceleratorTypes": ("AcceleratorTypes[]", *under(VARIANTS, "AcceleratorType")),
    "ServerlessMaxConcurrency": under(VARIANTS, "ServerlessConfig.MaxConcurrency"),
    "ServerlessMemorySize": under(VARIANTS, "ServerlessConfig.MemorySizeInMB"),
    "RootAccess": ("RootAccess",),
    "DirectInternetAccess": ("DirectInternetAccess",),
    "AppNetworkAccessType": ("AppNetworkAccessType",),
    "ModelApprovalStatus": ("ModelApprovalStatus",),
    "ModelLifeCycle:stage": ("ModelLifeCycle.Stage",),
    "ModelLifeCycle:stageStatus": ("ModelLifeCycle.StageStatus",),
    "CustomerMetadataPropertiesToRemove": ("CustomerMetadataPropertiesToRemove[]",),
    "FeatureGroupEnableOnlineStore": ("OnlineStoreConfig.EnableOnlineStore",),
    "FeatureGroupOnlineStoreKmsKey": ("OnlineStoreConfig.SecurityConfig.KmsKeyId",),
    "FeatureGroupOfflineStoreKmsKey": ("OfflineStoreConfig.S3StorageConfig.KmsKeyId",),
    "FeatureGroupOfflineStoreS3Uri": ("OfflineStoreConfig.S3StorageConfig.S3Uri",),
    "FeatureGroupDisableGlueTableCreation": ("OfflineStoreConfig.DisableGlueTableCreation",),
    "TargetModel": ("TargetModel",),
}
NETWORK = ("VpcSubnets", "VpcSecurityGroupIds")
COMPUTE = ("InstanceTypes", "MaxRuntimeInSeconds", "VolumeKmsKey", "OutputKmsKey")
GUARDED = (*NETWORK, *COMPUTE, "NetworkIsolation", "InterContainerTrafficEncryption")
AUTOMATIC = (*NETWORK, "InterContainerTrafficEncryption", "VolumeKmsKey", "OutputKmsKey")
FEATURES = tuple(name for name in PATHS if name.startswith("FeatureGroup"))
REGISTRY = ("ModelApprovalStatus", "ModelLifeCycle:stage", "ModelLifeCycle:stageStatus")
OPERATIONS: Mapping[str, tuple[str, ...]] = {
    "CreateTrainingJob": (*GUARDED, "KeepAlivePeriod", "EnableRemoteDebug"),
    "UpdateTrainingJob": ("InstanceTypes", "KeepAlivePeriod", "EnableRemoteDebug"),
    "CreateProcessingJob": GUARDED,
    "CreateHyperParameterTuningJob": GUARDED,
    "CreateMonitoringSchedule": GUARDED,
    "UpdateMonitoringSchedule": GUARDED,
    "CreateDataQualityJobDefinition": GUARDED,
    "CreateModelQualityJobDefinition": GUARDED,
    "CreateModelBiasJobDefinition": GUARDED,
    "CreateModelExplainabilityJobDefinition": GUARDED,
    **dict.fromkeys(("CreateAutoMLJob", "CreateAutoMLJobV2"), AUTOMATIC),
    "CreateTransformJob": ("InstanceTypes", "ModelArn", "VolumeKmsKey", "OutputKmsKey"),
    "CreateModel": (*NETWORK, "NetworkIsolation"),
    "CreateEndpointConfig": (
        *(*NETWORK, "NetworkIsolation", "InstanceTypes", "VolumeKmsKey", "ModelArn"),
        *("AcceleratorTypes", "ServerlessMaxConcurrency", "ServerlessMemorySize"),
    ),
    "CreateNotebookInstance": (
        *(*NETWORK, "InstanceTypes", "VolumeKmsKey", "RootAccess", "DirectInternetAccess"),
        "AcceleratorTypes",
    ),
    "UpdateNotebookInstance": ("InstanceTypes", "RootAccess", "AcceleratorTypes"),
    "CreateDomain": (*NETWORK, "InstanceTypes", "VolumeKmsKey", "AppNetworkAccessType"),
    "UpdateDomain": ("VpcSecurityGroupIds", "InstanceTypes", "AppNetworkAccessType"),
    "CreateUserProfile": ("VpcSecurityGroupIds", "InstanceTypes"),
    "UpdateUserProfile": ("VpcSecurityGroupIds", "InstanceTypes"),
    "CreateApp": ("InstanceTypes",),
    "CreateFeatureGroup": FEATURES,
    "CreateModelPackage": REGISTRY,
    "UpdateModelPackage": (*REGISTRY, "CustomerMetadataPropertiesToRemove"),
    "InvokeEndpoint": ("TargetModel",),
}


def keys(operation: str, members: Members, model_arn: str) -> dict[str, tuple[str, ...]]:
    """Return the condition keys of a request, in lower case; `model_arn` is how models' ARNs begin."""
    found: dict[str, tuple[str, ...]] = {}
    for name in OPERATIONS.get(operation, ()):
        values = tuple(value for path in PATHS[name] for value in at(members, path))
        if name == "ModelArn":
            values = tuple(f"{model_arn}{value.lower()}" for value in values)
        if values:
            found[f"sagemaker:{name.lower()}"] = values
    if operation in ("CreateModelPackage", "UpdateModelPackage"):
        for key, value in (members.get("CustomerMetadataProperties") or {}).items():
            found[f"sagemaker:customermetadataproperties/{key.lower()}"] = (str(value),)
    return found


def at(members: Any, path: str) -> Iterator[str]:
    """Yield the values at a path of a request as policies compare them."""
    head, _, rest = path.partition(".")
    name = head.removesuffix("[]")
    found = members.get(name) if isinstance(members, Mapping) else None
    for value in found if name != head and isinstance(found, list) else [found]:
        if rest:
            yield from at(value, rest)
        elif isinstance(value, bool):
            yield str(value).lower()
        elif isinstance(value, str | int | float):
            yield str(value)
