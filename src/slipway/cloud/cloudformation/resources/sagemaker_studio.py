"""AWS::SageMaker: Studio, feature groups, MLflow, notebooks, code repositories."""

from typing import Any

from slipway.cloud.cloudformation import attempts
from slipway.cloud.cloudformation.declared import Declared, Part
from slipway.cloud.cloudformation.resource import Asked, Failed, Made
from slipway.cloud.cloudformation.resources.sagemaker_names import TAGGING, arn_of, tagging

IN_SERVICE = "Status == 'InService'"
FAILED = "ends_with(Status, 'ailed') && (FailureReason || Status)"


def domain_left(asked: Asked) -> str:
    """Return the domain that a killed attempt has made; its name is nobody else's in the stack."""
    taken = attempts.earlier(asked)
    pages = asked.client("sagemaker").get_paginator("list_domains").paginate()
    for domain in pages.search("Domains[]"):
        own = domain["DomainName"] == asked.properties["DomainName"]
        if own and domain["DomainId"] not in taken:
            return str(domain["DomainId"])
    return ""


def app_left(asked: Asked) -> str:
    """Return the MLflow app that a killed attempt has made."""
    taken = attempts.earlier(asked)
    pages = asked.client("sagemaker").get_paginator("list_mlflow_apps").paginate()
    for app in pages.search("Summaries[]"):
        if app["Name"] == asked.properties["Name"] and app["Arn"] not in taken:
            return str(app["Arn"])
    return ""


def additions(asked: Asked, definitions: Any) -> dict[str, Any]:
    """Return the features that a group does not have yet; Failed when it has others than these."""
    name = asked.properties["FeatureGroupName"]
    group = asked.client("sagemaker").describe_feature_group(FeatureGroupName=name)
    there = {each["FeatureName"]: each["FeatureType"] for each in group["FeatureDefinitions"]}
    wanted = {each["FeatureName"]: each["FeatureType"] for each in definitions}
    if lost := sorted(n for n in there if there[n] != wanted.get(n)):
        raise Failed(f"Features of a group can only be added: {', '.join(lost)} would change.")
    new = [{"FeatureName": n, "FeatureType": wanted[n]} for n in wanted if n not in there]
    return {"FeatureAdditions": new} if new else {}


def time_to_live(asked: Asked, config: Any) -> dict[str, Any]:
    """Return what can be changed of a group's online store."""
    return {"OnlineStoreConfig": {n: config[n] for n in ("TtlDuration",) if n in config}}


def secret(asked: Asked, config: Any) -> dict[str, Any]:
    """Return what can be changed of a code repository."""
    return {"GitConfig": {name: config[name] for name in ("SecretArn",) if name in config}}


def stop_notebook(asked: Asked, made: Made) -> None:
    """Stop a notebook instance, which is not deleted while it is in service."""
    sagemaker, name = asked.client("sagemaker"), made.physical_id.rpartition("/")[2]
    found = sagemaker.describe_notebook_instance(NotebookInstanceName=name)
    if found["NotebookInstanceStatus"] == "InService":
        sagemaker.stop_notebook_instance(NotebookInstanceName=name)


ALL = (
    Declared(
        "AWS::SageMaker::Domain",
        "sagemaker",
        create="CreateDomain",
        update="UpdateDomain",
        delete="DeleteDomain",
        read="DescribeDomain",
        ref="DomainId",
        keys={"DomainId": "@"},
        attributes={"DomainArn": "DomainArn", "DomainId": "DomainId"},
        parts=(Part("DomainSettings", "UpdateDomain", member="DomainSettingsForUpdate"),),
        tagging=tagging("domain/{id}"),
        find=domain_left,
        replacing=frozenset({"AuthMode", "DomainName", "KmsKeyId"}),
        stable=IN_SERVICE,
        failed=FAILED,
    ),
    Declared(
        "AWS::SageMaker::UserProfile",
        "sagemaker",
        create="CreateUserProfile",
        update="UpdateUserProfile",
        delete="DeleteUserProfile",
        read="DescribeUserProfile",
        identity="{UserProfileName}|{DomainId}",
        keys={"DomainId": "DomainId", "UserProfileName": "UserProfileName"},
        attributes={"UserProfileArn": "UserProfileArn"},
        tagging=tagging("user-profile/{DomainId}/{UserProfileName}"),
        replacing=frozenset(
            ("DomainId", "UserProfileName", "SingleSignOnUserIdentifier", "SingleSignOnUserValue")
        ),
        stable=IN_SERVICE,
        failed=FAILED,
    ),
    Declared(
        "AWS::SageMaker::Space",
        "sagemaker",
        create="CreateSpace",
        update="UpdateSpace",
        delete="DeleteSpace",
        read="DescribeSpace",
        identity="{DomainId}|{SpaceName}",
        keys={"DomainId": "DomainId", "SpaceName": "SpaceName"},
        attributes={"SpaceArn": "SpaceArn"},
        tagging=tagging("space/{DomainId}/{SpaceName}"),
        replacing=frozenset({"DomainId", "SpaceName", "SpaceSharingSettings", "OwnershipSettings"}),
        stable=IN_SERVICE,
        failed=FAILED,
    ),
    Declared(
        "AWS::SageMaker::StudioLifecycleConfig",
        "sagemaker",
        create="CreateStudioLifecycleConfig",
        delete="DeleteStudioLifecycleConfig",
        read="DescribeStudioLifecycleConfig",
        named="StudioLifecycleConfigName",
        keys={"StudioLifecycleConfigName": "@"},
        attributes={"StudioLifecycleConfigArn": "StudioLifecycleConfigArn"},
        replacing=frozenset(
            {
                *("StudioLifecycleConfigName", "StudioLifecycleConfigContent"),
                *("StudioLifecycleConfigAppType", "Tags"),
            }
        ),
    ),
    Declared(
        "AWS::SageMaker::AppImageConfig",
        "sagemaker",
        create="CreateAppImageConfig",
        update="UpdateAppImageConfig",
        delete="DeleteAppImageConfig",
        read="DescribeAppImageConfig",
        named="AppImageConfigName",
        keys={"AppImageConfigName": "@"},
        attributes={"AppImageConfigArn": "AppImageConfigArn"},
        tagging=tagging("app-image-config/{id}"),
        replacing=frozenset({"AppImageConfigName"}),
    ),
    Declared(
        "AWS::SageMaker::Image",
        "sagemaker",
        create="CreateImage",
        update="UpdateImage",
        delete="DeleteImage",
        read="DescribeImage",
        named="ImageName",
        ref="ImageArn",
        find=arn_of("DescribeImage", "ImageName", "ImageArn"),
        keys={"ImageName": "={last}"},
        renamed={
            "ImageDescription": "Description",
            "ImageDisplayName": "DisplayName",
            "ImageRoleArn": "RoleArn",
        },
        attributes={"ImageArn": "ImageArn"},
        tagging=TAGGING,
        replacing=frozenset({"ImageName"}),
    ),
    Declared(
        "AWS::SageMaker::CodeRepository",
        "sagemaker",
        create="CreateCodeRepository",
        update="UpdateCodeRepository",
        delete="DeleteCodeRepository",
        read="DescribeCodeRepository",
        named="CodeRepositoryName",
        longest=63,
        ref="CodeRepositoryArn",
        find=arn_of("DescribeCodeRepository", "CodeRepositoryName", "CodeRepositoryArn"),
        keys={"CodeRepositoryName": "={last}"},
        attributes={"CodeRepositoryName": "CodeRepositoryName"},
        parts=(Part("GitConfig", "UpdateCodeRepository", form=secret, created=True),),
        tagging=TAGGING,
        replacing=frozenset({"CodeRepositoryName"}),
    ),
    Declared(
        "AWS::SageMaker::FeatureGroup",
        "sagemaker",
        create="CreateFeatureGroup",
        update="UpdateFeatureGroup",
        delete="DeleteFeatureGroup",
        read="DescribeFeatureGroup",
        identity="{FeatureGroupName}",
        keys={"FeatureGroupName": "@"},
        attributes={"CreationTime": "CreationTime", "FeatureGroupStatus": "FeatureGroupStatus"},
        stable="FeatureGroupStatus == 'Created'",
        failed="FeatureGroupStatus == 'CreateFailed' && FailureReason",
        parts=(
            Part("FeatureDefinitions", "UpdateFeatureGroup", form=additions, created=True),
            Part("OnlineStoreConfig", "UpdateFeatureGroup", form=time_to_live, created=True),
        ),
        tagging=tagging("feature-group/{id}"),
        replacing=frozenset(
            {
                *("FeatureGroupName", "RecordIdentifierFeatureName", "EventTimeFeatureName"),
                *("OfflineStoreConfig", "RoleArn", "Description", "Tags"),
            }
        ),
    ),
    Declared(
        "AWS::SageMaker::MlflowTrackingServer",
        "sagemaker",
        create="CreateMlflowTrackingServer",
        update="UpdateMlflowTrackingServer",
        delete="DeleteMlflowTrackingServer",
        read="DescribeMlflowTrackingServer",
        identity="{TrackingServerName}",
        keys={"TrackingServerName": "@"},
        attributes={"TrackingServerArn": "TrackingServerArn"},
        tagging=tagging("mlflow-tracking-server/{id}"),
        replacing=frozenset({"TrackingServerName", "MlflowVersion", "RoleArn"}),
    ),
    Declared(
        "AWS::SageMaker::MlflowApp",
        "sagemaker",
        create="CreateMlflowApp",
        update="UpdateMlflowApp",
        delete="DeleteMlflowApp",
        read="DescribeMlflowApp",
        ref="Arn",
        find=app_left,
        keys={"Arn": "@"},
        attributes={"Arn": "Arn", "Status": "Status", "MlflowVersion": "MlflowVersion"},
        stable="Status == 'Created' || Status == 'Updated'",
        tagging=TAGGING,
        replacing=frozenset({"Name", "RoleArn"}),
    ),
    Declared(
        "AWS::SageMaker::NotebookInstance",
        "sagemaker",
        create="CreateNotebookInstance",
        delete="DeleteNotebookInstance",
        read="DescribeNotebookInstance",
        named="NotebookInstanceName",
        longest=63,
        ref="NotebookInstanceArn",
        find=arn_of("DescribeNotebookInstance", "NotebookInstanceName", "NotebookInstanceArn"),
        keys={"NotebookInstanceName": "={last}"},
        attributes={"NotebookInstanceName": "NotebookInstanceName"},
        stable="NotebookInstanceStatus == 'InService'",
        failed="NotebookInstanceStatus == 'Failed' && FailureReason",
        tagging=TAGGING,
        before_delete=stop_notebook,
        replacing=frozenset(
            {
                *("DirectInternetAccess", "KmsKeyId", "NotebookInstanceName"),
                *("PlatformIdentifier", "SecurityGroupIds", "SubnetId"),
            }
        ),
    ),
    Declared(
        "AWS::SageMaker::NotebookInstanceLifecycleConfig",
        "sagemaker",
        create="CreateNotebookInstanceLifecycleConfig",
        update="UpdateNotebookInstanceLifecycleConfig",
        delete="DeleteNotebookInstanceLifecycleConfig",
        read="DescribeNotebookInstanceLifecycleConfig",
        named="NotebookInstanceLifecycleConfigName",
        longest=63,
        ref="NotebookInstanceLifecycleConfigArn",
        find=arn_of(
            "DescribeNotebookInstanceLifecycleConfig",
            "NotebookInstanceLifecycleConfigName",
            "NotebookInstanceLifecycleConfigArn",
        ),
        keys={"NotebookInstanceLifecycleConfigName": "={last}"},
        attributes={"NotebookInstanceLifecycleConfigName": "NotebookInstanceLifecycleConfigName"},
        cleared={"OnCreate": [], "OnStart": []},
        tagging=TAGGING,
        replacing=frozenset({"NotebookInstanceLifecycleConfigName"}),
    ),
)
